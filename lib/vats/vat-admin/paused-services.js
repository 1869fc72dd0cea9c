// @ts-check
/**
 * Roots of static vats that got `pauseService()` for an upgrade that is not done. The list is
 * durable: if the incarnation ends during the upgrade, the next one ends the pause. The row is
 * created with the first entry.
 */

/** @import { Baggage } from '@agoric/vat-data' */

const KEY = 'pausedServices';

/** @param {Baggage} baggage */
export const makePausedServices = baggage => {
  /** @returns {readonly any[]} */
  const all = () => (baggage.has(KEY) ? baggage.get(KEY) : []);
  /** @param {readonly any[]} services */
  const save = services => {
    if (baggage.has(KEY)) baggage.set(KEY, harden(services));
    else baggage.init(KEY, harden(services));
  };
  return harden({
    /** A service with two upgrades in progress is listed twice. @param {any} service */
    add: service => save([...all(), service]),
    /** @param {any} service */
    delete(service) {
      const left = [...all()];
      const index = left.indexOf(service);
      if (index < 0) return;
      left.splice(index, 1);
      save(left);
    },
    /** @returns {readonly any[]} all entries, which earlier incarnations left; empties the list */
    takeAll() {
      const services = all();
      if (services.length > 0) save([]);
      return services;
    },
  });
};
harden(makePausedServices);
