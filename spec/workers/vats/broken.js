// A vat whose code fails as soon as it is started.
export const buildRootObject = () => {
  throw Error('this vat never starts');
};
