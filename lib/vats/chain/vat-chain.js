// @ts-check
/**
 * The chain vat: the way from a chain's transactions to vats. Vats publish facets here. The block
 * host delivers the messages of transactions to them, and evaluates the code of proposals.
 *
 * Boundary: the block host alone calls `deliver` and `evaluate`, as messages to the root. The
 * configuration's bootstrap vat gets the root as well, so the chain trusts it. It calls the other
 * methods. A configuration without a bootstrap vat makes this one its bootstrap vat.
 *
 * Durable state: `facets` (name to facet) and `powers` (name to what proposals get). Promises for
 * results live in RAM: they reject when the incarnation ends.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 */
import { E, Far, passStyleOf } from '@endo/far';
import { makeScalarBigMapStore, provide } from '../durable-kinds.js';
import { makeEvaluator } from './evaluator.js';

/** @param {Baggage} baggage @param {string} name */
const provideStore = (baggage, name) =>
  provide(baggage, name, () => makeScalarBigMapStore(name, { durable: true }));

/** @param {{ has: Function, set: Function, init: Function }} store @param {string} name @param {unknown} value */
const put = (store, name, value) => (store.has(name) ? store.set : store.init)(name, value);

/** @param {unknown} name */
const insistName = name => {
  if (typeof name === 'string' && name.length > 0 && name.length <= 256) return;
  throw TypeError('a name must be a text of 1 to 256 characters');
};

/**
 * @param {{ D: (device: any) => any }} vatPowers
 * @param {unknown} _vatParameters
 * @param {Baggage} baggage
 */
export const buildRootObject = ({ D }, _vatParameters, baggage) => {
  const facets = provideStore(baggage, 'facets');
  const powers = provideStore(baggage, 'powers');

  /** @param {string} name @param {unknown} facet */
  const publish = (name, facet) => {
    insistName(name);
    if (passStyleOf(/** @type {any} */ (facet)) !== 'remotable') {
      throw TypeError(`publish(${JSON.stringify(name)}): a facet must be an object of a vat`);
    }
    put(facets, name, facet);
  };
  /** @param {string} name */
  const lookup = name => {
    if (facets.has(name)) return facets.get(name);
    throw RangeError(`no facet ${JSON.stringify(name)} is published`);
  };
  /** @param {string} name */
  const unpublish = name => {
    lookup(name);
    facets.delete(name);
  };
  /** @type {unknown} */
  let root;
  /**
   * A record of powers without this vat's root, which can't be in durable state. The root is in the
   * `vats` that a bootstrap vat gets; proposals have its methods anyway.
   *
   * @param {any} value
   */
  const withoutRoot = value =>
    passStyleOf(value) === 'copyRecord'
      ? harden(Object.fromEntries(Object.entries(value).filter(([, each]) => each !== root)))
      : value;
  /** Adds powers, and replaces those of the same name. @param {Record<string, unknown>} record */
  const grantPowers = record => {
    for (const [name, value] of Object.entries(withoutRoot(record))) {
      insistName(name);
      put(powers, name, withoutRoot(value));
    }
  };
  const ownPowers = harden({ publish, unpublish, lookup, grantPowers });
  const evaluate = makeEvaluator({
    tools: { D },
    getPowers: () => ({ ...Object.fromEntries(powers.entries()), ...ownPowers }),
  });

  root = Far('chain', {
    publish,
    unpublish,
    lookup,
    grantPowers,

    /**
     * For configurations without a bootstrap vat of their own.
     *
     * @param {Record<string, any>} vats
     * @param {Record<string, any>} devices
     */
    async bootstrap({ chain: _self, ...vats }, devices) {
      const [vatAdmin, timer] = await Promise.all([
        E(vats.vatAdmin).createVatAdminService(devices.vatAdmin),
        E(vats.timer).createTimerService(devices.timer),
        E(vats.vattp).registerMailboxDevice(devices.mailbox),
      ]);
      D(devices.mailbox).registerInboundHandler(vats.vattp);
      grantPowers(harden({ vats, devices, vatAdmin, timer }));
    },

    /**
     * A message of a transaction.
     *
     * @param {string} sender the address that signed
     * @param {string} name
     * @param {string} method
     * @param {unknown[]} args
     */
    deliver: (sender, name, method, args) => E(lookup(name))[method](sender, ...args),

    evaluate,
  });
  return root;
};
harden(buildRootObject);
