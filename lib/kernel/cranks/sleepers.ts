/**
 * Starts sleeping vats at the end of each run, while a rolling restart is under way (design.md 4,
 * "Modes"). A message to one of them still starts it at once.
 *
 * Invariant: which vats start in a run follows from the tables and the run policy alone. How fast
 * the host runs, how many workers it has and whether it rebooted make no difference.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import type { RunPolicy } from '../../types/policies.js';
import type { RollingStatus } from '../../types/platform-epoch.js';
import { emptyCrank, outcomeOf, type CrankOutcome } from '../delivery/outcome.js';
import { startSuspendedVat } from '../vats/suspension.js';
import type { LifecyclePorts } from '../vats/vat-lifecycle.js';
import type { CrankRunner } from './crank-runner.js';

const isSleeping = (state: KernelState, vatID: VatID): boolean =>
  state.services.get(vatID).type === 'sleeping';

/** The vats whose next delivery starts them, by number (static vats have the lowest). */
export const sleepingVats = (state: KernelState): readonly VatID[] =>
  state.vats.allIDs().filter(vatID => isSleeping(state, vatID));

/**
 * How far a rolling restart is; undefined if none has vats left to start. Vats that somebody lets
 * sleep after it began, such as failed ones that are unpaused, count among its vats.
 */
export const rollingProgress = (
  state: KernelState,
): { readonly total: number; readonly sleeping: number } | undefined => {
  const rolling = state.platformEpochs.rolling();
  if (!rolling) return undefined;
  const sleeping = sleepingVats(state).length;
  return { total: Math.max(rolling.total, sleeping), sleeping };
};

/**
 * Lets the first of these vats start ahead of their turns, and gives up others that did. Only speed
 * depends on it.
 */
export type StartAhead = (sleeping: readonly VatID[]) => void;

/** The starts at the end of one run. */
export interface SleeperTurns {
  /** Starts the next sleeping vat if the policy allows one. @returns whether it was tried */
  startNext(policy: RunPolicy): Promise<boolean>;
}

export interface Sleepers {
  beginRun(): SleeperTurns;
  /** Undefined if no rolling restart has vats left to start. */
  status(): RollingStatus | undefined;
}

type StartOutcome = CrankOutcome & { readonly computrons: bigint | undefined };

const NO_TURNS: SleeperTurns = { startNext: async () => false };

export const makeSleepers = (
  lifecycle: LifecyclePorts,
  cranks: CrankRunner,
  startAhead: StartAhead = () => undefined,
): Sleepers => {
  const { state, slog } = lifecycle;
  /** Of this process, for the forecast only. */
  const pace = { runs: 0, started: 0 };

  const startVat = async (vatID: VatID): Promise<StartOutcome> => {
    const start = await startSuspendedVat(lifecycle, vatID, { event: 'dropped' });
    return start.kind === 'failed'
      ? { ...start.outcome, computrons: start.computrons }
      : { ...outcomeOf(vatID, start.result), computrons: start.result.computrons };
  };

  const finish = async (): Promise<void> => {
    // Also of vats that ended or were upgraded while they slept.
    startAhead([]);
    await cranks.runTask('platform-epoch-rolled', async () => {
      state.platformEpochs.forgetRolling();
      return emptyCrank;
    });
    slog.write({
      type: 'epoch-rolling-finish',
      epoch: state.platformEpochs.ledger().at(-1)?.epoch,
    });
  };

  const makeTurns = (): SleeperTurns => {
    let started = 0;
    /** Those that slept when the first turn of this run came. */
    let queue: VatID[] | undefined;
    const next = (): VatID | undefined => {
      queue ??= [...sleepingVats(state)];
      for (;;) {
        const vatID = queue.shift();
        // The start of another vat may have woken it, or ended it.
        if (vatID === undefined || isSleeping(state, vatID)) return vatID;
      }
    };
    return {
      startNext: async policy => {
        if (!state.platformEpochs.rolling()) return false;
        // A policy that knows nothing of restarts gets one vat per run.
        const isAllowed = policy.allowRestart ? policy.allowRestart() : started === 0;
        if (!isAllowed) return false;
        const vatID = next();
        if (vatID === undefined) {
          if (sleepingVats(state).length === 0) await finish();
          return false;
        }
        const { computrons } = await cranks.runTask('platform-epoch-rolling', () =>
          startVat(vatID),
        );
        started += 1;
        pace.started += 1;
        policy.didRestart?.(computrons === undefined ? {} : { computrons });
        const sleeping = sleepingVats(state);
        startAhead(sleeping);
        slog.write({ type: 'epoch-rolling', vatID, computrons, sleeping: sleeping.length });
        return true;
      },
    };
  };

  return {
    beginRun: () => {
      if (!state.platformEpochs.rolling()) return NO_TURNS;
      pace.runs += 1;
      startAhead(sleepingVats(state));
      return makeTurns();
    },
    status: () => {
      const progress = rollingProgress(state);
      const epoch = state.platformEpochs.ledger().at(-1)?.epoch;
      if (!progress || epoch === undefined) return undefined;
      const perRun = pace.started / pace.runs;
      const runsLeft = perRun > 0 ? Math.ceil(progress.sleeping / perRun) : undefined;
      return { epoch, ...progress, runsLeft };
    },
  };
};
