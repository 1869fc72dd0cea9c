// @ts-check
/**
 * The chain vat: the way from a chain's transactions to vats. Vats publish facets here, and it makes
 * a vat for each proposal.
 *
 * Boundary: the block host asks `lookup` and `startProposal`, and sends messages and code to what
 * they answer with. Arguments and results never pass through this vat, so none can end it. The
 * configuration's bootstrap vat and the vats of proposals get the root as well. They call the other
 * methods; the code of proposals reaches those that permits name.
 *
 * Durable state: `facets` (name to facet), `powers` (name to what proposals get), `vatAdmin` (the
 * service), and that of `proposals.js`.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 */
import { E, Far, passStyleOf } from '@endo/far';
import { makeScalarBigMapStore, provide } from '../durable-kinds.js';
import { CHAIN_POWERS } from './chain-powers.js';
import { insistFacet, insistName } from './names.js';
import { pick } from './permits.js';
import { prepareProposals } from './proposals.js';

/** @param {Baggage} baggage @param {string} name */
const provideStore = (baggage, name) =>
  provide(baggage, name, () => makeScalarBigMapStore(name, { durable: true }));

/** @param {{ has: Function, set: Function, init: Function }} store @param {string} name @param {unknown} value */
const put = (store, name, value) => (store.has(name) ? store.set : store.init)(name, value);

/**
 * @param {{ D: (device: any) => any }} vatPowers
 * @param {{ proposalBundle: string, bootstrap?: string }} parameters `bootstrap`: the name of the
 *   configuration's bootstrap vat, if it has one
 * @param {Baggage} baggage
 */
export const buildRootObject = ({ D }, { proposalBundle, bootstrap: given }, baggage) => {
  const facets = provideStore(baggage, 'facets');
  const powers = provideStore(baggage, 'powers');
  const proposals = prepareProposals(baggage, {
    getVatAdmin: () => baggage.get('vatAdmin'),
    bundleName: proposalBundle,
  });

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
  /** @param {string} name */
  const lookup = name => {
    if (facets.has(name)) return facets.get(name);
    throw RangeError(`no facet ${JSON.stringify(name)} is published`);
  };

  root = Far('chain', {
    /** @param {string} name @param {unknown} facet */
    publish(name, facet) {
      insistFacet(name, facet);
      put(facets, name, facet);
    },
    /** @param {string} name */
    unpublish(name) {
      lookup(name);
      facets.delete(name);
    },
    lookup,
    grantPowers,

    /**
     * Passes everything on to the configuration's bootstrap vat, or grants proposals what one would
     * have.
     *
     * @param {Record<string, any>} vats
     * @param {Record<string, any>} devices
     */
    async bootstrap(vats, devices) {
      const vatAdmin = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      baggage.init('vatAdmin', vatAdmin);
      if (given !== undefined) {
        await E(vats[given]).bootstrap(vats, devices);
        return;
      }
      const [timer] = await Promise.all([
        E(vats.timer).createTimerService(devices.timer),
        E(vats.vattp).registerMailboxDevice(devices.mailbox),
      ]);
      D(devices.mailbox).registerInboundHandler(vats.vattp);
      grantPowers(harden({ vats, devices, vatAdmin, timer }));
    },

    /**
     * Makes the vat of a proposal, whose root takes the code.
     *
     * @param {string} id no other proposal has it
     * @param {unknown} permits
     */
    async startProposal(id, permits) {
      const own = Object.fromEntries(CHAIN_POWERS.map(name => [name, name]));
      const all = harden({ ...Object.fromEntries(powers.entries()), ...own });
      const picked = pick(all, permits);
      const chainPowers = CHAIN_POWERS.filter(name => picked[name] === name);
      const others = Object.entries(picked).filter(([name, value]) => own[name] !== value);
      const vat = await proposals.start(id);
      // If the vat dies before it, so does what is sent after it.
      E(vat)
        .grant(harden({ powers: Object.fromEntries(others), chainPowers, chain: root }))
        .catch(() => {});
      return vat;
    },
  });
  return root;
};
harden(buildRootObject);
