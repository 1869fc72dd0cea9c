/** Starts unless its parameters tell it not to. */
import { Far } from '@endo/far';

export const buildRootObject = ({ exitVat }, { fail }) => {
  if (fail) throw Error(fail);
  return Far('fragile', { ping: () => 'pong', exit: reason => exitVat(reason) });
};
