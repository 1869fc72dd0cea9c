/** Does not start. */
export const buildRootObject = () => {
  throw Error('no good');
};
