/** Promises in flight: the answers that a vat owes are rejected when its incarnation ends. */
import { Far } from '@endo/far';
import { makePromiseKit } from '@endo/promise-kit';

export const buildRootObject = () => {
  const { promise, resolve } = makePromiseKit();

  return Far('oven', {
    whenDone: () => promise,
    finish: () => resolve('bread'),
  });
};
