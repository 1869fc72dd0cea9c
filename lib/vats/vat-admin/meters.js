// @ts-check
/** Meters: vats' handles on the kernel's reservoirs of computrons. Durable state: the meter's ID. */
import { prepareExoClass } from '@agoric/vat-data';
import { Fail, b, q } from '@endo/errors';
import { passStyleOf } from '@endo/far';

/** @import { Baggage } from '@agoric/vat-data' */

/** @param {unknown} value @param {string} what */
const insistComputrons = (value, what) => {
  typeof value === 'bigint' || Fail`${b(what)} must be a bigint, not a ${q(typeof value)}`;
  /** @type {bigint} */ (value) >= 0n || Fail`${b(what)} must not be negative`;
};
harden(insistComputrons);

/**
 * @param {Baggage} baggage
 * @param {object} powers
 * @param {() => any} powers.device gives `D(vatAdminDevice)`
 * @param {(meterID: string) => unknown} powers.provideNotifier
 */
export const prepareMeters = (baggage, { device, provideNotifier }) => {
  const initState = (/** @type {string} */ meterID) => ({ meterID });

  const makeMeter = prepareExoClass(baggage, 'meter', undefined, initState, {
    /** @param {bigint} delta */
    addRemaining(delta) {
      insistComputrons(delta, 'delta');
      device().addMeterRemaining(this.state.meterID, delta);
    },
    /** @param {bigint} threshold */
    setThreshold(threshold) {
      insistComputrons(threshold, 'threshold');
      device().setMeterThreshold(this.state.meterID, threshold);
    },
    /** The meter's `remaining` capacity and its `threshold`, in computrons. */
    get() {
      return device().getMeter(this.state.meterID);
    },
    getNotifier() {
      return provideNotifier(this.state.meterID);
    },
    getMeterID() {
      return this.state.meterID;
    },
  });

  const makeUnlimitedMeter = prepareExoClass(baggage, 'unlimitedMeter', undefined, initState, {
    /** @param {bigint} delta */
    addRemaining(delta) {
      insistComputrons(delta, 'delta');
    },
    /** @param {bigint} threshold */
    setThreshold(threshold) {
      insistComputrons(threshold, 'threshold');
    },
    get() {
      return harden({ remaining: 'unlimited', threshold: 0 });
    },
    /** A notifier that never updates. */
    getNotifier() {
      return provideNotifier(this.state.meterID);
    },
    getMeterID() {
      return this.state.meterID;
    },
  });

  return harden({
    /** @param {bigint} remaining @param {bigint} threshold */
    createMeter(remaining, threshold) {
      insistComputrons(remaining, 'remaining');
      insistComputrons(threshold, 'threshold');
      return makeMeter(device().createMeter(remaining, threshold));
    },
    createUnlimitedMeter: () => makeUnlimitedMeter(device().createUnlimitedMeter()),
    /**
     * What comes from another vat is one of our own objects or a presence without methods, so only
     * our meters have this one. (An instance tester would do, but liveslots' takes any kind.)
     * @param {any} candidate what was given as a meter
     * @returns {string} its ID; throws when it is not one of this vat's meters
     */
    meterIDOf(candidate) {
      const isMeter =
        passStyleOf(candidate) === 'remotable' && typeof candidate.getMeterID === 'function';
      isMeter || Fail`createVat: not a meter of this kernel`;
      return candidate.getMeterID();
    },
  });
};
harden(prepareMeters);
