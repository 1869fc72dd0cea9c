/** Many random cranks on one swingset, held against the model and against replays. */
import type { PlatformKind } from '../../lib/types/platform-epoch.js';
import { Fleet } from './fleet.js';
import type { Machine } from './host.js';
import { expectEqual } from './operation.js';
import { noReplays, replayAll, type ReplayTotals } from './replays.js';
import { Rounds, type RoundsOptions } from './rounds.js';
import { Trace } from './trace.js';

export interface SoakState {
  readonly cranks: number;
  /** Deliveries of messages and of notifications. */
  readonly messages: number;
  readonly notifications: number;
  readonly letters: number;
  readonly vats: number;
}

export interface SoakOptions extends RoundsOptions {
  /** Asked before each round; false ends the run. */
  readonly goesOn: (state: SoakState) => boolean;
  readonly machine?: Machine;
  /** Default `own`. */
  readonly platform?: PlatformKind;
  /** Replays all vats after so many rounds, and at the end. 0: at the end. Default: never. */
  readonly replayEvery?: number;
  /**
   * Ends all players after so many cranks, and at the end. Each time, the kernel must have as many
   * rows of each kind as it had the first time. Default: never.
   */
  readonly clearEvery?: number;
  /** Called with the path of the store. */
  readonly onClear?: (home: string) => void;
  /** Records the trace, which takes memory. Default false. */
  readonly traces?: boolean;
}

export interface SoakResult extends SoakState {
  readonly activityhash: string;
  readonly rounds: number;
  /** How often each operation was done. */
  readonly counts: ReadonlyMap<string, number>;
  readonly replays: ReplayTotals;
  /** See `Trace`. Empty unless asked for. */
  readonly trace: readonly string[];
}

/** For `goesOn`: ends with the round that reaches so many cranks. */
export const untilCrank =
  (cranks: number) =>
  (state: SoakState): boolean =>
    state.cranks < cranks;

/**
 * Vats know devices until they restart, and the driver gets to know those of its bundles again. Their
 * number is that of the bundles at most.
 */
const isOfDevice = (kind: string): boolean => /^v#\.c\.k?d/.test(kind);

/** Compares the rows that are left with those of the first time. */
const makeRowCheck = () => {
  let first: ReadonlyMap<string, number> | undefined;
  return (rows: ReadonlyMap<string, number>): void => {
    first ??= rows;
    for (const kind of new Set([...first.keys(), ...rows.keys()])) {
      if (isOfDevice(kind)) continue;
      expectEqual(`rows ${kind} without players`, rows.get(kind) ?? 0, first.get(kind) ?? 0);
    }
  };
};

const live = async (fleet: Fleet, options: SoakOptions): Promise<Omit<SoakResult, 'trace'>> => {
  const { goesOn, replayEvery, clearEvery, onClear } = options;
  const { lead } = fleet;
  const rounds = new Rounds(fleet, options);
  const replays = noReplays();
  const checkRowsLeft = makeRowCheck();
  let cleared = 0;
  const clear = async () => {
    await rounds.clearOut();
    checkRowsLeft(lead.countRows());
    cleared = lead.crankNumber;
    onClear?.(lead.path);
  };
  const state = (): SoakState => {
    const { dispatchDeliver = 0, dispatchNotify = 0 } = lead.controller.getStats();
    return {
      cranks: lead.crankNumber,
      messages: dispatchDeliver,
      notifications: dispatchNotify,
      letters: rounds.model.letters.total,
      vats: rounds.model.vats.size,
    };
  };
  await rounds.start();
  while (goesOn(state())) {
    await rounds.round();
    if (replayEvery && rounds.rounds % replayEvery === 0) {
      await replayAll(lead, replays);
    }
    if (clearEvery !== undefined && lead.crankNumber >= cleared + clearEvery) await clear();
  }
  if (replayEvery !== undefined) await replayAll(lead, replays);
  await (clearEvery === undefined ? rounds.letGo() : clear());
  return {
    activityhash: lead.controller.getActivityhash(),
    rounds: rounds.rounds,
    counts: rounds.counts,
    replays,
    ...state(),
  };
};

/** @throws SoakFailure as soon as the kernel does what the model does not expect. */
export const soak = async (options: SoakOptions): Promise<SoakResult> => {
  const { machine, worker, platform, traces = false } = options;
  const trace = new Trace();
  const fleet = await Fleet.start({
    ...(machine && { machine }),
    ...(worker && { worker }),
    ...(platform && { platform }),
    ...(traces && { slogSender: trace.note }),
  });
  try {
    return { ...(await live(fleet, options)), trace: trace.cranks };
  } finally {
    await fleet.stop();
  }
};
