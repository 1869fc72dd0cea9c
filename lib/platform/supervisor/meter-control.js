/**
 * Runs code outside of the meter: liveslots pages in virtual objects there, so that what a vat has
 * in its cache does not show in its computrons.
 *
 * Source: the meter functions that xsnap puts into the start compartment. `resetMeter(limit, used)`
 * sets both and returns what was used; a limit of 0 stops metering.
 */
import { assert } from '@endo/errors';

export const makeMeterControl = () => {
  /** How many thunks run unmetered: they nest. */
  let depth = 0;

  /** Stops the meter. The result resumes it where it was. */
  const stopMeter = () => {
    const limit = globalThis.currentMeterLimit();
    const used = globalThis.resetMeter(0, 0);
    depth += 1;
    return () => {
      globalThis.resetMeter(limit, used);
      depth -= 1;
    };
  };

  const runWithoutMetering = thunk => {
    const resume = stopMeter();
    try {
      return thunk();
    } finally {
      resume();
    }
  };

  const runWithoutMeteringAsync = async thunk => {
    const resume = stopMeter();
    return Promise.resolve().then(thunk).finally(resume);
  };

  return harden({
    isMeteringDisabled: () => depth > 0,
    assertIsMetered: message => assert(depth === 0, message),
    assertNotMetered: message => assert(depth > 0, message),
    runWithoutMetering,
    runWithoutMeteringAsync,
    unmetered: f => harden((...args) => runWithoutMetering(() => f(...args))),
  });
};
