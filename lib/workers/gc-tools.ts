/** Provides what liveslots needs from an engine, for vats in this process. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Meters nothing: code in this process isn't metered. */
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

/** Evaluates code that needs a V8 flag. The flag affects only contexts made while it is set. */
const evaluateWithFlag = (flag: string, code: string): unknown => {
  setFlagsFromString(`--${flag}`);
  try {
    return runInNewContext(code);
  } finally {
    setFlagsFromString(`--no-${flag}`);
  }
};

/**
 * Waits for V8's concurrent compilers, which keep objects alive until they finish, at an
 * unpredictable time. Evaluates a new script each time, because V8 compiles functions at their
 * first call and later discards the code.
 */
const awaitCompilers = (): void => {
  evaluateWithFlag('allow_natives_syntax', '%FinalizeOptimization()');
};

let gc: (() => void) | undefined;

/** V8's `gc`, without a command line flag. Afterwards only reachable objects are left. */
const collectGarbage = (): void => {
  gc ??= evaluateWithFlag('expose_gc', 'gc') as () => void;
  awaitCompilers();
  gc();
};

/** Finalizers have never taken more turns than this, unless a collection missed an object. */
const MAX_TURNS = 20;
const MAX_COLLECTIONS = 5;

/** Held value that marks the objects released to detect that finalizers have run. */
const PROBE = Symbol('probe');

/**
 * A FinalizationRegistry, and a way to wait until all its instances have processed the last
 * collection. V8 notifies registries one by one, each in its own task and some turns late. In a
 * busy process, a vat would therefore learn of its garbage at this bringOutYourDead in one run and
 * at the next in another, and its replay would differ.
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
    /** Makes garbage for each registry, in its own call so that no stack frame keeps it alive. */
    probe: () => {
      outstanding = registries.length;
      for (const registry of registries) registry.register({}, PROBE);
    },
    allHeard: () => outstanding === 0,
  };
};

type ProbedRegistries = ReturnType<typeof makeProbedRegistries>;

/** Collects garbage, and settles when the finalizers have run. */
const makeGcAndFinalize =
  ({ probe, allHeard }: ProbedRegistries) =>
  async (): Promise<void> => {
    // The promise queue must be empty first, because pending reactions keep objects alive.
    await nextTurnOfLoop();
    await nextTurnOfLoop();
    for (let collections = 0; collections < MAX_COLLECTIONS; collections += 1) {
      probe();
      collectGarbage();
      for (let turns = 0; turns < MAX_TURNS && !allHeard(); turns += 1) await nextTurnOfLoop();
      if (allHeard()) break;
    }
    // One more turn for promises that finalizers resolved.
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
