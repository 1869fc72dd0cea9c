// @ts-check
/**
 * The vats of proposals: makes one for each, and terminates those that an earlier incarnation of the
 * chain vat left behind.
 *
 * Durable state: `proposals`, the adminNodes of vats that have not ended, by the proposal's ID.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 */
import { E } from '@endo/far';
import {
  makeScalarBigMapStore,
  provide,
  provideKindHandle,
  providePromiseWatcher,
  watchPromise,
} from '../durable-kinds.js';
import { makePending } from '../vat-admin/pending.js';

/** Has the decider's incarnation ended? @param {any} reason */
const isDisconnection = reason => Object(reason).name === 'vatUpgraded';

/**
 * @param {Baggage} baggage
 * @param {object} ports
 * @param {() => any} ports.getVatAdmin the vatAdminService
 * @param {string} ports.bundleName
 */
export const prepareProposals = (baggage, { getVatAdmin, bundleName }) => {
  const adminNodes = provide(baggage, 'proposals', () =>
    makeScalarBigMapStore('proposals', { durable: true }),
  );
  /** @type {ReturnType<typeof makePending<any>>} those of this incarnation that wait for vats */
  const starting = makePending();
  /** Those of this incarnation that have vats. @type {Set<string>} */
  const running = new Set();

  /** @param {string} id */
  const terminate = id => {
    const reason = Error('the chain vat was restarted while the proposal was under way');
    E(adminNodes.get(id))
      .terminateWithFailure(reason)
      .catch(() => {});
  };
  /** @param {string} id */
  const watch = id => watchPromise(E(adminNodes.get(id)).done(), endWatcher, id);
  /** @param {string} id */
  const forget = id => {
    running.delete(id);
    if (adminNodes.has(id)) adminNodes.delete(id);
  };

  // Durable: answers may come in a later incarnation.
  const endWatcher = providePromiseWatcher(
    provideKindHandle(baggage, 'proposalEndWatcher'),
    (_completion, /** @type {string} */ id) => forget(id),
    (reason, /** @type {string} */ id) => {
      if (!adminNodes.has(id)) return;
      if (!isDisconnection(reason)) {
        forget(id);
        return;
      }
      // Not the proposal's vat has ended, but vat-admin's incarnation.
      if (!running.has(id)) terminate(id);
      watch(id);
    },
  );
  const startWatcher = providePromiseWatcher(
    provideKindHandle(baggage, 'proposalStartWatcher'),
    ({ root, adminNode }, /** @type {string} */ id) => {
      adminNodes.init(id, adminNode);
      watch(id);
      if (!starting.has(id)) {
        terminate(id);
        return;
      }
      running.add(id);
      starting.resolve(id, root);
    },
    (reason, /** @type {string} */ id) => starting.reject(id, reason),
  );

  for (const id of adminNodes.keys()) terminate(id);

  return harden({
    /**
     * @param {string} id
     * @returns {Promise<any>} the root of the proposal's vat
     */
    start(id) {
      if (starting.has(id) || adminNodes.has(id)) throw Error(`proposal ${id} has begun`);
      const vat = E(getVatAdmin()).createVatByName(bundleName, { name: `proposal-${id}` });
      watchPromise(vat, startWatcher, id);
      return starting.provide(id);
    },
  });
};
harden(prepareProposals);
