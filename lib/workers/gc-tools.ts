/** What liveslots needs of an engine, for vats that run in this process. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Counts nothing: code in this process isn't metered. */
const makeNullMeterControl = () => {
  let disabled = 0;
  const runWithoutMetering = <T>(thunk: () => T): T => {
    disabled += 1;
    try {
      return thunk();
    } finally {
      disabled -= 1;
    }
  };
  return harden({
    isMeteringDisabled: () => disabled > 0,
    assertIsMetered: (message?: string) => {
      if (disabled > 0) throw Error(message ?? 'metering is disabled here');
    },
    assertNotMetered: (message?: string) => {
      if (disabled === 0) throw Error(message ?? 'metering is enabled here');
    },
    runWithoutMetering,
    runWithoutMeteringAsync: async <T>(thunk: () => T | Promise<T>): Promise<T> => {
      disabled += 1;
      try {
        return await thunk();
      } finally {
        disabled -= 1;
      }
    },
    unmetered:
      <A extends unknown[], T>(f: (...args: A) => T) =>
      (...args: A): T =>
        runWithoutMetering(() => f(...args)),
  });
};

const nextTurnOfLoop = (): Promise<void> =>
  new Promise(resolve => {
    setImmediate(resolve);
  });

let collectGarbage: (() => void) | undefined;

/** The engine's `gc`, without any command line flag. */
const getGc = (): (() => void) => {
  if (!collectGarbage) {
    // The flag shows in contexts that are made from now on, so only in this one.
    setFlagsFromString('--expose_gc');
    collectGarbage = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose_gc');
  }
  return collectGarbage;
};

/** Garbage collection that has also run the finalizers when it settles. */
const gcAndFinalize = async (): Promise<void> => {
  // An empty promise queue first: what pending reactions hold is not garbage yet.
  await nextTurnOfLoop();
  await nextTurnOfLoop();
  getGc()();
  // Finalizers are tasks of their own; what they resolve takes one more turn.
  await nextTurnOfLoop();
  await nextTurnOfLoop();
};

export const makeGcTools = () =>
  harden({
    WeakRef,
    FinalizationRegistry,
    waitUntilQuiescent: nextTurnOfLoop,
    gcAndFinalize,
    meterControl: makeNullMeterControl(),
  });
