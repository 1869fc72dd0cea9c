/** A caller that keeps objects of other vats, and notices those that are gone. */
import { E, Far } from '@endo/far';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) =>
  Far('keeper', {
    keep: (name, object) => baggage.init(name, object),
    tryAll: async () => {
      const results = {};
      for (const [name, object] of baggage.entries()) {
        results[name] = await E(object)
          .knock()
          .catch(error => error.message);
      }
      return harden(results);
    },
  });
