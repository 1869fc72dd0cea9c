/**
 * Restarts every vat for a new platform epoch (design.md 4).
 *
 * Boundary: runs before any worker is preloaded and before any queued work. Each vat restarts in a
 * crank of its own, in vatID order.
 *
 * Invariants
 * 1. The crank that restarts a vat notes that it is done. A boot after a crash resumes with the next
 *    one.
 * 2. A vat that fails doesn't keep others from their restart. If its failure stops the kernel, it
 *    does so after every vat was tried.
 * 3. `checkpoint` is called only when no vat is left whose failure would stop the kernel. A boot that
 *    fails leaves the store of the previous release as it was.
 */
import { sleepingVats } from '../kernel/cranks/sleepers.js';
import { fateOf } from '../kernel/vats/fate.js';
import { recountGauges } from '../state/gauges.js';
import type { PlatformEpochTable } from '../state/platform-epochs.js';
import type { VatID } from '../types/ids.js';
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';
import { findAbandonedHeld } from './abandoned-held.js';
import { kindOf } from './decide.js';
import { CriticalRestartError, RestartFailedError } from './errors.js';
import { writeLedger } from './ledger.js';
import type { EpochParts, LiveVat } from './live-vats.js';
import { startsLater, type RestartPlan } from './plan-restart.js';
import {
  restartVat,
  type RestartedVat,
  type VatRestartOutcome,
  type VatRestartRequest,
} from './restart-vat.js';
import { runAhead } from './run-ahead.js';
import type {
  AbandonedObjects,
  PlatformRestartReport,
  VatRestartResult,
  VatTurnResult,
} from './types.js';

const begin = (
  parts: EpochParts,
  { decision, deciding, parameters: { given } }: RestartPlan,
): Promise<void> => {
  const { state, platform } = parts.lifecycle;
  return writeLedger(parts, 'platform-epoch-start', epochs => {
    epochs.forgetProgress();
    epochs.forgetRolling();
    // Here and not in each vat's turn, because a boot after a crash must not ask the host again.
    for (const [vatID, data] of given) state.vats.setParameters(vatID, data);
    if (given.size > 0) epochs.noteGiven([...given.keys()]);
    // SwingSet's gauges are not exact, and this may be a store that it made.
    if (epochs.ledger().length === 0) recountGauges(state);
    epochs.append({
      epoch: decision.epoch,
      kind: kindOf(decision.epoch),
      startedAtCrank: state.crankNumber,
      status: 'in-progress',
      fingerprint: platform.fingerprint,
      options: deciding,
      restarted: 0,
      suspended: 0,
      failed: 0,
      terminated: 0,
      exempt: 0,
    });
  });
};

/** The ledger counts results as they come, so that a resumed restart has them all. */
const countResult = (
  epochs: PlatformEpochTable,
  { result, error }: VatRestartOutcome,
): Partial<PlatformEpochRecord> => {
  const last = epochs.ledger().at(-1);
  if (!last) return {};
  const failed = error === undefined ? last.failed : last.failed + 1;
  switch (result) {
    case 'restarted':
      return { restarted: last.restarted + 1 };
    case 'suspended':
      return { suspended: last.suspended + 1, failed };
    case 'terminated':
      return { terminated: last.terminated + 1, failed };
    case 'exempt':
      return { exempt: last.exempt + 1 };
    case 'unstarted':
      return {};
    default:
      return result satisfies never;
  }
};

interface RestartTurn extends RestartedVat {
  readonly result: VatTurnResult;
}

/** The turn of a vat that isn't restarted. */
const untouched = (
  { vatID, name, incarnation }: LiveVat,
  result: 'exempt' | 'terminated',
  sleeps: boolean,
): RestartTurn => ({
  result: {
    vatID,
    name,
    result,
    error: undefined,
    ms: 0,
    computrons: undefined,
    incarnation,
    promisesRejected: 0,
    objectsAbandoned: 0,
    importsReclaimed: 0,
    rowsReclaimed: 0,
    parameters: 'retained',
    sleeps,
  },
  abandoned: [],
});

const requestFor = (plan: RestartPlan, vat: LiveVat): VatRestartRequest => ({
  vatID: vat.vatID,
  upgradeMessage: `platform epoch ${plan.decision.epoch}`,
  onVatFailure: plan.deciding.onVatFailure,
  startLater: startsLater(plan, vat),
  note: (epochs, outcome) => epochs.updateLast(countResult(epochs, outcome)),
});

const leave = async (
  parts: EpochParts,
  vat: LiveVat,
  result: 'exempt' | 'terminated',
): Promise<RestartTurn> => {
  await writeLedger(parts, 'platform-epoch-leave', epochs => {
    // From now on the guard knows the vat's engine.
    if (result === 'exempt') parts.liveVats.recordEngine(vat.vatID);
    epochs.updateLast(countResult(epochs, { result, error: undefined }));
    epochs.markDone(vat.vatID);
  });
  const { type } = parts.lifecycle.state.services.get(vat.vatID);
  return untouched(vat, result, type === 'sleeping');
};

const restartOne = async (
  parts: EpochParts,
  plan: RestartPlan,
  vat: LiveVat,
  given: ReadonlySet<VatID>,
): Promise<RestartTurn> => {
  // The start of another vat may have ended this one.
  if (!parts.liveVats.isLive(vat.vatID)) return leave(parts, vat, 'terminated');
  if (plan.exempt.has(vat.vatID)) return leave(parts, vat, 'exempt');
  const parameters = given.has(vat.vatID) ? 'given' : 'retained';
  const { result, abandoned } = await restartVat(parts, requestFor(plan, vat));
  return { result: { ...result, parameters }, abandoned };
};

/** Lets `concurrency` vats run ahead, including the one whose turn it is. */
const makeLookahead = (parts: EpochParts, plan: RestartPlan) => {
  const { vats, exempt, options } = plan;
  const { concurrency = 1 } = options;
  const running: Promise<void>[] = [];
  const start = async (vat: LiveVat): Promise<void> => {
    if (!parts.liveVats.isLive(vat.vatID) || exempt.has(vat.vatID)) return;
    const request = requestFor(plan, vat);
    if (!request.startLater) await runAhead(parts.lifecycle, request);
  };
  return {
    /** Waits for the vat whose turn it is. */
    isReady: async (index: number): Promise<void> => {
      if (concurrency === 1) return;
      for (const vat of vats.slice(running.length, index + concurrency)) {
        running.push(start(vat));
      }
      await running[index];
    },
    stop: async (): Promise<void> => {
      await parts.lifecycle.warehouse.ahead.withdrawAll();
      await Promise.all(running);
    },
  };
};

const throwFailures = (
  failures: readonly { readonly vatID: VatID; readonly error: string }[],
  critical: ReadonlySet<VatID>,
): void => {
  const lost = failures.filter(({ vatID }) => critical.has(vatID));
  if (lost.length > 0) throw new CriticalRestartError(lost);
  if (failures.length > 0) throw new RestartFailedError(failures);
};

interface Restarted {
  readonly turns: readonly RestartTurn[];
  /** Failures that stop the kernel. */
  readonly stopping: readonly { readonly vatID: VatID; readonly error: string }[];
}

const restartEach = async (parts: EpochParts, plan: RestartPlan): Promise<Restarted> => {
  const { decision, options, deciding, vats } = plan;
  const { mode, onVatFailure } = deciding;
  const { checkpoint, onRestartProgress } = options;
  const total = vats.length;
  const turns: RestartTurn[] = [];
  const stopping: { vatID: VatID; error: string }[] = [];
  const given = new Set(parts.lifecycle.state.platformEpochs.given());
  const mayStop = (vat: LiveVat) => fateOf(vat, onVatFailure) === 'panic';
  const lastToStop = vats.findLastIndex(mayStop);
  const lookahead = makeLookahead(parts, plan);
  try {
    for (const [index, vat] of vats.entries()) {
      const { vatID, name } = vat;
      const named = { total, vatID, ...(name !== undefined && { name }) };
      onRestartProgress?.({ phase: 'turn', index, ...named });
      await lookahead.isReady(index);
      await parts.faultPoint(`platform-restart:before:${vatID}`);
      const turn = await restartOne(parts, plan, vat, given);
      turns.push(turn);
      const { result } = turn;
      const { error, ms } = result;
      if (error !== undefined && mayStop(vat)) {
        stopping.push({ vatID, error });
      }
      parts.lifecycle.slog.write({ type: 'epoch-restart-vat', epoch: decision.epoch, ...result });
      onRestartProgress?.({
        phase: 'vat',
        index: index + 1,
        ...named,
        result: result.result,
        ms,
      });
      await parts.faultPoint(`platform-restart:after:${vatID}`);
      // A vat that waits for its first delivery was too little work for a commit.
      const worthIt = mode === 'eager' || result.result === 'restarted';
      const isSafe = stopping.length === 0 && index >= lastToStop;
      if (worthIt && isSafe && index + 1 < total) await checkpoint?.();
    }
  } finally {
    await lookahead.stop();
  }
  return { turns, stopping };
};

const NOTHING_HELD: AbandonedObjects = { objectsHeld: 0, abandonedHeld: [] };

/** Called when the whole restart is over, because each vat's turn lets go of what it held in RAM. */
const findHolders = (
  parts: EpochParts,
  turns: readonly RestartTurn[],
  epoch: PlatformEpoch,
): VatRestartResult[] => {
  const abandoned = new Map(turns.map(turn => [turn.result.vatID, turn.abandoned]));
  const held = findAbandonedHeld(parts.lifecycle.state, abandoned);
  for (const [vatID, objects] of held) {
    parts.lifecycle.slog.write({ type: 'epoch-restart-abandoned', epoch, vatID, ...objects });
  }
  return turns.map(({ result }) => ({ ...result, ...(held.get(result.vatID) ?? NOTHING_HELD) }));
};

/**
 * @throws CriticalRestartError and RestartFailedError after every vat was tried. Nothing may be
 *   committed then.
 */
export const restartAllVats = async (
  parts: EpochParts,
  plan: RestartPlan,
): Promise<PlatformRestartReport> => {
  const { decision, vats, doneBefore, queued } = plan;
  const { mode } = plan.deciding;
  const { onRestartProgress } = plan.options;
  const { epoch } = decision;
  const from =
    decision.kind === 'advance'
      ? decision.from
      : parts.lifecycle.state.platformEpochs.ledger().at(-2)?.epoch;
  const critical = new Set(vats.filter(vat => vat.critical).map(({ vatID }) => vatID));
  const total = vats.length;
  if (decision.kind === 'advance') await begin(parts, plan);
  parts.lifecycle.slog.write({
    type: 'epoch-restart-start',
    epoch,
    from,
    mode,
    vats: total,
    ...queued,
  });
  onRestartProgress?.({ phase: 'start', index: 0, total });

  const { turns, stopping } = await restartEach(parts, plan);
  const results = findHolders(parts, turns, epoch);
  await writeLedger(parts, 'platform-epoch-finish', epochs => {
    // Thrown inside a crank, so that the store refuses to commit the restarts so far.
    throwFailures(stopping, critical);
    epochs.updateLast({ status: 'complete' });
    epochs.forgetProgress();
    const total = sleepingVats(parts.lifecycle.state).length;
    if (mode === 'rolling' && total > 0) epochs.noteRolling({ total });
  });
  parts.lifecycle.slog.write({ type: 'epoch-restart-finish', epoch, vats: results.length });
  onRestartProgress?.({ phase: 'finish', index: total, total });
  const { warnings } = plan.parameters;
  return {
    from,
    to: epoch,
    decision: decision.kind,
    mode,
    doneBefore,
    ...queued,
    warnings,
    vats: results,
  };
};
