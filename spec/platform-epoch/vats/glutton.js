/** A vat that does too much at once in every life but its first, in the way that it is asked for. */
import { Far } from '@endo/far';

const ways = {
  read: (_vatPowers, baggage) => [...baggage.values()],
  write: (_vatPowers, baggage) => baggage.set('large', 'x'.repeat(30_000)),
  say: ({ exitVat }) => exitVat('x'.repeat(30_000)),
};

export const buildRootObject = (vatPowers, { overdo } = {}, baggage) => {
  if (baggage.has('large')) ways[overdo]?.(vatPowers, baggage);
  else baggage.init('large', 'not yet');
  return Far('root', {
    /** Each by itself is nothing much. */
    put: (...names) => names.forEach(name => baggage.init(name, 'x'.repeat(15_000))),
    size: () => [...baggage.keys()].length,
  });
};
