import { Far } from '@endo/far';

/** What the test of docs/vat-author.md is about. */
export const buildRootObject = (_powers, _parameters, baggage) => {
  if (!baggage.has('count')) baggage.init('count', 0);
  const closed = new Promise(() => undefined);
  return Far('counter', {
    increment: () => baggage.set('count', baggage.get('count') + 1),
    whenClosed: () => closed,
  });
};
