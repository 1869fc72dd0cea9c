// @ts-check
/**
 * Notifiers that report when a meter falls below its threshold, with the protocol of
 * `@agoric/notifier`. The last update is durable. Promises for the next update are lost with the
 * incarnation: they reject as disconnected, and their holders ask again.
 */
import { prepareExoClassKit } from '@agoric/vat-data';
import { makePromiseKit } from '@endo/promise-kit';

/**
 * @import { PromiseKit } from '@endo/promise-kit'
 * @import { Baggage } from '@agoric/vat-data'
 */

/** @typedef {{ value: bigint | 'unlimited', updateCount: bigint }} MeterUpdate */
/** @typedef {{ state: MeterUpdate & { meterID: string } }} NotifierContext */

/**
 * @param {Baggage} baggage
 * @param {object} powers
 * @param {any} powers.meterByID durable map: meterID -> notifier kit, once asked for. SwingSet's
 *   entries hold a `meter` instead
 * @param {(meterID: string) => bigint | 'unlimited'} powers.readRemaining
 */
export const prepareMeterNotifiers = (baggage, { meterByID, readRemaining }) => {
  /** @type {Map<string, PromiseKit<MeterUpdate>>} meterID -> promise for the next update */
  const waiting = new Map();

  /** @type {(meterID: string) => any} */
  const makeKit = prepareExoClassKit(
    baggage,
    'meterNotifier',
    undefined,
    /** @param {string} meterID */
    meterID => ({ meterID, updateCount: 1n, value: readRemaining(meterID) }),
    {
      notifier: {
        /**
         * The last update. If the caller already knows it by its count: a promise for the next one.
         * @this {NotifierContext}
         * @param {bigint} [updateCount]
         * @returns {MeterUpdate | Promise<MeterUpdate>}
         */
        getUpdateSince(updateCount) {
          const { meterID, updateCount: last, value } = this.state;
          if (updateCount !== last) return harden({ value, updateCount: last });
          let next = waiting.get(meterID);
          if (!next) {
            next = makePromiseKit();
            waiting.set(meterID, next);
          }
          return next.promise;
        },
      },
      updater: {
        /**
         * @this {NotifierContext}
         * @param {bigint} remaining
         */
        update(remaining) {
          const { state } = this;
          state.updateCount += 1n;
          state.value = remaining;
          waiting
            .get(state.meterID)
            ?.resolve(harden({ value: remaining, updateCount: state.updateCount }));
          waiting.delete(state.meterID);
        },
      },
    },
  );

  return harden({
    /** @param {string} meterID */
    provideNotifier(meterID) {
      const old = meterByID.has(meterID) ? meterByID.get(meterID) : undefined;
      if (old?.notifier) return old.notifier;
      const { notifier, updater } = makeKit(meterID);
      const entry = harden({ ...old, notifier, updater });
      if (old) meterByID.set(meterID, entry);
      else meterByID.init(meterID, entry);
      return notifier;
    },
    /** @param {string} meterID @param {bigint} remaining */
    meterCrossedThreshold(meterID, remaining) {
      if (meterByID.has(meterID)) meterByID.get(meterID).updater?.update(remaining);
    },
  });
};
harden(prepareMeterNotifiers);
