/**
 * Runs code outside of the meter: liveslots pages in virtual objects there, so that what a vat has
 * in its cache does not show in its computrons.
 *
 * Source: the meter functions that xsnap puts into the start compartment. `resetMeter(limit, used)`
 * sets both and returns what was used; a limit of 0 stops metering.
 */
import { assert } from '@endo/errors';

/** Stops the meter. The result resumes it where it was. */
const stopMeter = () => {
  const limit = globalThis.currentMeterLimit();
  const used = globalThis.resetMeter(0, 0);
  return () => {
    globalThis.resetMeter(limit, used);
  };
};

/** For the supervisor's own code, of which liveslots' meter control knows nothing. */
export const unmetered = thunk => {
  const resume = stopMeter();
  try {
    return thunk();
  } finally {
    resume();
  }
};

export const makeMeterControl = () => {
  /** How many thunks run unmetered: they nest. */
  let depth = 0;

  const enter = () => {
    const resume = stopMeter();
    depth += 1;
    return () => {
      resume();
      depth -= 1;
    };
  };

  const runWithoutMetering = thunk => {
    const leave = enter();
    try {
      return thunk();
    } finally {
      leave();
    }
  };

  const runWithoutMeteringAsync = async thunk => {
    const leave = enter();
    return Promise.resolve().then(thunk).finally(leave);
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
