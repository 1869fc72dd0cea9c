// @ts-check
/** Meters: handles on meters in the kernel. Durable state: the meterID. */
import { prepareExoClass } from '@agoric/vat-data';
import { Fail, b } from '@endo/errors';
import { passStyleOf } from '@endo/far';
import { Nat } from '@endo/nat';

/** @import { Baggage } from '@agoric/vat-data' */

/** @type {(value: any, what: string) => bigint} a bigint, or as in SwingSet a safe integer */
const computrons = (value, what) => {
  const amount = Nat(value);
  // The kernel's limit.
  amount < 2n ** 256n || Fail`${b(what)} must be less than 2n ** 256n`;
  return amount;
};
harden(computrons);

/**
 * @param {Baggage} baggage
 * @param {object} powers
 * @param {() => any} powers.device returns `D(vatAdminDevice)`
 * @param {(meterID: string) => unknown} powers.provideNotifier
 */
export const prepareMeters = (baggage, { device, provideNotifier }) => {
  const initState = (/** @type {string} */ meterID) => ({ meterID });

  const makeMeter = prepareExoClass(baggage, 'meter', undefined, initState, {
    /** @param {bigint | number} delta */
    addRemaining(delta) {
      device().addMeterRemaining(this.state.meterID, computrons(delta, 'delta'));
    },
    /** @param {bigint | number} threshold */
    setThreshold(threshold) {
      device().setMeterThreshold(this.state.meterID, computrons(threshold, 'threshold'));
    },
    /** `{ remaining, threshold }`, in computrons. */
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
    /** @param {bigint | number} delta */
    addRemaining(delta) {
      computrons(delta, 'delta');
    },
    /** @param {bigint | number} threshold */
    setThreshold(threshold) {
      computrons(threshold, 'threshold');
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
    /** @param {bigint | number} remaining @param {bigint | number} threshold */
    createMeter(remaining, threshold) {
      const amounts = [computrons(remaining, 'remaining'), computrons(threshold, 'threshold')];
      return makeMeter(device().createMeter(...amounts));
    },
    createUnlimitedMeter: () => makeUnlimitedMeter(device().createUnlimitedMeter()),
    /**
     * An argument from another vat is one of our own objects or a presence, which has no methods of
     * its own. So only our meters have `getMeterID`. (Liveslots' instance test accepts any kind.)
     * @param {any} candidate the `meter` option
     * @returns {string} its meterID; throws for anything but one of this vat's meters
     */
    meterIDOf(candidate) {
      const isMeter =
        passStyleOf(candidate) === 'remotable' && typeof candidate.getMeterID === 'function';
      isMeter || Fail`CreateVatOptions("meter"): not a meter of this kernel`;
      return candidate.getMeterID();
    },
  });
};
harden(prepareMeters);
