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

/** Evaluates what V8 takes only with a flag, which shows in contexts made with it. */
const evaluateWithFlag = (flag: string, code: string): unknown => {
  setFlagsFromString(`--${flag}`);
  try {
    return runInNewContext(code);
  } finally {
    setFlagsFromString(`--no-${flag}`);
  }
};

/**
 * Waits for compilers at work in other threads, which hold the objects they saw until they are
 * done: a matter of chance. A script of its own each time, because V8 compiles functions when they
 * are called, and throws away what it compiled.
 */
const awaitCompilers = (): void => {
  evaluateWithFlag('allow_natives_syntax', '%FinalizeOptimization()');
};

let gc: (() => void) | undefined;

/** The engine's `gc`, without any command line flag: afterwards only what is reachable is left. */
const collectGarbage = (): void => {
  gc ??= evaluateWithFlag('expose_gc', 'gc') as () => void;
  awaitCompilers();
  gc();
};

/** More turns than this in a row never were without their finalizers; a collection may be. */
const MAX_TURNS = 20;
const MAX_COLLECTIONS = 5;

/** Held value of the objects that are let go to see finalizers at work. */
const PROBE = Symbol('probe');

/**
 * FinalizationRegistry, and a way to wait until all that exist of it have heard of the last
 * collection. An engine tells registries one after the other, each in a task of its own and some
 * turns late, so that a vat in a busy process would now learn of its garbage with this
 * bringOutYourDead and now with the next, and replay differently.
 */
const makeProbedRegistries = () => {
  const registries: FinalizationRegistry<unknown>[] = [];
  let outstanding = 0;

  class ProbedRegistry<T> extends FinalizationRegistry<T> {
    constructor(cleanup: (held: T) => void) {
      super(held => {
        if ((held as unknown) === PROBE) outstanding -= 1;
        else cleanup(held);
      });
      registries.push(this);
    }
  }

  return {
    FinalizationRegistry: ProbedRegistry,
    /** Garbage for each registry, made in a call of its own so that no frame holds it. */
    probe: () => {
      outstanding = registries.length;
      for (const registry of registries) registry.register({}, PROBE);
    },
    allHeard: () => outstanding === 0,
  };
};

type ProbedRegistries = ReturnType<typeof makeProbedRegistries>;

/** Garbage collection that has also run the finalizers when it settles. */
const makeGcAndFinalize =
  ({ probe, allHeard }: ProbedRegistries) =>
  async (): Promise<void> => {
    // An empty promise queue first: what pending reactions hold is not garbage yet.
    await nextTurnOfLoop();
    await nextTurnOfLoop();
    for (let collections = 0; collections < MAX_COLLECTIONS; collections += 1) {
      probe();
      collectGarbage();
      for (let turns = 0; turns < MAX_TURNS && !allHeard(); turns += 1) await nextTurnOfLoop();
      if (allHeard()) break;
    }
    // What finalizers resolve takes one more turn.
    await nextTurnOfLoop();
  };

export const makeGcTools = () => {
  const registries = makeProbedRegistries();
  return harden({
    WeakRef,
    FinalizationRegistry: registries.FinalizationRegistry,
    waitUntilQuiescent: nextTurnOfLoop,
    gcAndFinalize: makeGcAndFinalize(registries),
    meterControl: makeNullMeterControl(),
  });
};
