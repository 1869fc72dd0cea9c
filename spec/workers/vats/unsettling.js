// A setup vat that can't be set up.
export const setup = () => {
  throw Error('no setup today');
};
