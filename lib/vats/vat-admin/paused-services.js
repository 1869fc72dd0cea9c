// @ts-check
/**
 * Roots of static vats that heard `pauseService()` and whose upgrades are not done. Durable: an
 * incarnation that ends in the midst of an upgrade leaves it to the next one to end the pause. The
 * row is absent while there was never one.
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
    /** One that two upgrades are under way for counts twice. @param {any} service */
    add: service => save([...all(), service]),
    /** @param {any} service */
    delete(service) {
      const left = [...all()];
      const index = left.indexOf(service);
      if (index < 0) return;
      left.splice(index, 1);
      save(left);
    },
    /** @returns {readonly any[]} those that an earlier incarnation left behind, once */
    takeAll() {
      const services = all();
      if (services.length > 0) save([]);
      return services;
    },
  });
};
harden(makePausedServices);
