/**
 * Carries out the restart of all vats for a new platform epoch (design.md 4).
 *
 * Boundary: runs before any worker is preloaded and before any queued work. Each vat is a crank of
 * its own, in vatID order; the ledger is written in cranks as well, so that it is hashed like all
 * kernel state.
 *
 * Invariants
 * 1. The crank that restarts a vat notes that it is done: a boot after a crash resumes with the
 *    next one.
 * 2. A failing vat stops neither the rest nor the kernel, unless the policy or its being critical
 *    says so, and then only after every vat was tried.
 * 3. `checkpoint` is called only once no vat is left whose failure would stop the kernel: a boot that
 *    fails leaves the store of the previous release as it was.
 */
import { BadOptionError } from '../errors.js';
import type { QueuedEvents } from './queued-events.js';
import type { LiveVat, PlatformRestartPort } from './restart-port.js';
import type { RestartedVat, VatRestartOutcome, VatRestartRequest } from './restart-vat.js';
import type { PlatformEpochTable } from '../state/platform-epochs.js';
import { fateOf } from '../kernel/vats/fate.js';
import { compareIDs, isVatID, type VatID } from '../types/ids.js';
import { kindOf } from './decide.js';
import { CriticalRestartError, RestartFailedError } from './errors.js';
import type { PlatformRestartOptions } from './restart-options.js';
import type {
  AbandonedObjects,
  PlatformEpochDecision,
  PlatformRestartReport,
  VatRestartResult,
  VatTurnResult,
} from './types.js';
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';
import {
  keepRecordedParameters,
  settleParameters,
  type SettledParameters,
} from './vat-parameters.js';

export type RestartDecision = Extract<PlatformEpochDecision, { kind: 'advance' | 'resume' }>;

/** What is to be done, settled before anything is. */
export interface RestartPlan {
  readonly decision: RestartDecision;
  readonly options: PlatformRestartOptions;
  readonly mode: PlatformRestartReport['mode'];
  readonly vats: readonly LiveVat[];
  /** So many live vats an earlier boot was done with. */
  readonly doneBefore: number;
  readonly exempt: ReadonlySet<VatID>;
  readonly queued: QueuedEvents;
  readonly parameters: SettledParameters;
}

/**
 * Vats choose the names of the vats they make: none gets by its name what is meant for the vat of
 * that ID, or for the static vat of that name.
 */
const findVats = (vats: readonly LiveVat[], nameOrID: string): readonly LiveVat[] => {
  if (isVatID(nameOrID)) return vats.filter(({ vatID }) => vatID === nameOrID);
  const named = vats.filter(({ name }) => name === nameOrID);
  const statics = named.filter(({ isStatic }) => isStatic);
  return statics.length > 0 ? statics : named;
};

const findExempt = (
  port: PlatformRestartPort,
  vats: readonly LiveVat[],
  nameOrID: string,
  wasDone: (vatID: string) => boolean,
): VatID[] => {
  const refuse = (expected: string) =>
    new BadOptionError('platformRestart.exempt', nameOrID, expected);
  const found = findVats(vats, nameOrID);
  if (found.length === 0 && wasDone(nameOrID)) return [];
  if (found.length === 0) throw refuse('the name or vatID of a live vat');
  const lost = found.find(({ vatID }) => !port.isLoadable(vatID));
  if (lost) {
    const loadable = 'a vat whose platform can still be loaded';
    const bound = port.boundTo(lost.vatID);
    // As in every store that SwingSet made.
    const isUnknown = bound !== undefined && bound.engine === undefined;
    throw refuse(
      isUnknown
        ? `${loadable} (the store does not record the engine of ${lost.vatID}: if it is the installed one, pass platformRestart.assumeEngine: 'installed', or --assume-engine installed)`
        : loadable,
    );
  }
  return found.map(({ vatID }) => vatID);
};

/** @throws BadOptionError for options that don't fit the vats of this store */
export const planRestart = (
  port: PlatformRestartPort,
  decision: RestartDecision,
  options: PlatformRestartOptions,
): RestartPlan => {
  const vats = port.liveVats();
  const lastDone = decision.kind === 'resume' ? port.epochs.lastDone() : undefined;
  // The boot that this one goes on with may have ended it since.
  const wasDone = (vatID: string) =>
    lastDone !== undefined && isVatID(vatID) && compareIDs(vatID, lastDone) <= 0;
  const exempt = new Set(
    (options.exempt ?? []).flatMap(each => findExempt(port, vats, each, wasDone)),
  );
  const left = vats.filter(({ vatID }) => !lastDone || compareIDs(vatID, lastDone) > 0);
  const settle = decision.kind === 'resume' ? keepRecordedParameters : settleParameters;
  return {
    decision,
    options,
    mode: options.mode ?? 'eager',
    vats: left,
    doneBefore: vats.length - left.length,
    exempt,
    queued: port.countQueued(),
    parameters: settle(port, { vats: left, exempt }, options),
  };
};

const begin = (
  port: PlatformRestartPort,
  { decision, mode, parameters: { given } }: RestartPlan,
): Promise<void> =>
  port.writeLedger('platform-epoch-start', epochs => {
    epochs.forgetProgress();
    // Here and not in each vat's turn: a boot that goes on after a crash must not ask again.
    for (const [vatID, data] of given) port.setParameters(vatID, data);
    if (given.size > 0) epochs.noteGiven([...given.keys()]);
    // Its first epoch: the store may be one that SwingSet made, whose gauges are not exact.
    if (epochs.ledger().length === 0) port.recountGauges();
    epochs.append({
      epoch: decision.epoch,
      kind: kindOf(decision.epoch),
      startedAtCrank: port.crankNumber,
      status: 'in-progress',
      fingerprint: port.platform.fingerprint,
      mode,
      restarted: 0,
      suspended: 0,
      failed: 0,
      terminated: 0,
      exempt: 0,
    });
  });

/** Results are counted in the ledger as they come, so that a resumed restart has them all. */
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

/** A vat whose turn changes nothing. */
const untouched = (
  { vatID, name, incarnation }: LiveVat,
  result: 'exempt' | 'terminated',
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
    sleeps: false,
  },
  abandoned: [],
});

const requestFor = (
  port: PlatformRestartPort,
  { decision, options, mode }: RestartPlan,
  { vatID, isStatic, critical }: LiveVat,
): VatRestartRequest => ({
  vatID,
  upgradeMessage: `platform epoch ${decision.epoch}`,
  onVatFailure: options.onVatFailure ?? 'suspend',
  // Critical ones start at boot in any case: a failure must come while nothing is committed.
  startLater: mode === 'lazy' && !isStatic && !critical,
  note: (epochs, outcome) => epochs.updateLast(countResult(epochs, outcome)),
});

const leave = async (
  port: PlatformRestartPort,
  vat: LiveVat,
  result: 'exempt' | 'terminated',
): Promise<RestartTurn> => {
  await port.writeLedger('platform-epoch-leave', epochs => {
    // From now on the guard knows what it runs on.
    if (result === 'exempt') port.recordEngine(vat.vatID);
    epochs.updateLast(countResult(epochs, { result, error: undefined }));
    epochs.markDone(vat.vatID);
  });
  return untouched(vat, result);
};

const restartOne = async (
  port: PlatformRestartPort,
  plan: RestartPlan,
  vat: LiveVat,
  given: ReadonlySet<VatID>,
): Promise<RestartTurn> => {
  // The start of another may have ended it: that crank says so, and nothing is left to do.
  if (!port.isLive(vat.vatID)) return leave(port, vat, 'terminated');
  if (plan.exempt.has(vat.vatID)) return leave(port, vat, 'exempt');
  const parameters = given.has(vat.vatID) ? 'given' : 'retained';
  const { result, abandoned } = await port.restartVat(requestFor(port, plan, vat));
  return { result: { ...result, parameters }, abandoned };
};

/** Lets `concurrency` vats run ahead, the one whose turn it is among them. */
const makeLookahead = (port: PlatformRestartPort, plan: RestartPlan) => {
  const { vats, exempt, options } = plan;
  const { concurrency = 1 } = options;
  const running: Promise<void>[] = [];
  const start = async (vat: LiveVat): Promise<void> => {
    if (!port.isLive(vat.vatID) || exempt.has(vat.vatID)) return;
    const request = requestFor(port, plan, vat);
    if (!request.startLater) await port.runAhead(request);
  };
  return {
    /** Waits for the vat of that index, whose turn it is. */
    isReady: async (index: number): Promise<void> => {
      if (concurrency === 1) return;
      for (const vat of vats.slice(running.length, index + concurrency)) {
        // Whatever it is, the vat's turn will meet it again.
        running.push(start(vat).catch(() => undefined));
      }
      await running[index];
    },
    stop: async (): Promise<void> => {
      await port.stopAhead();
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
  /** Failures that are to stop the kernel. */
  readonly stopping: readonly { readonly vatID: VatID; readonly error: string }[];
}

const restartEach = async (
  port: PlatformRestartPort,
  plan: RestartPlan,
  critical: ReadonlySet<VatID>,
): Promise<Restarted> => {
  const { decision, options, mode, vats } = plan;
  const { onVatFailure = 'suspend', checkpoint, onRestartProgress } = options;
  const total = vats.length;
  const turns: RestartTurn[] = [];
  const stopping: { vatID: VatID; error: string }[] = [];
  const given = new Set(port.epochs.given());
  const mayStop = (vat: LiveVat) => fateOf(vat, onVatFailure) === 'panic';
  const lastToStop = vats.findLastIndex(mayStop);
  const lookahead = makeLookahead(port, plan);
  try {
    for (const [index, vat] of vats.entries()) {
      const { vatID, name } = vat;
      const named = { total, vatID, ...(name !== undefined && { name }) };
      onRestartProgress?.({ phase: 'turn', index, ...named });
      await lookahead.isReady(index);
      await port.faultPoint(`platform-restart:before:${vatID}`);
      const turn = await restartOne(port, plan, vat, given);
      turns.push(turn);
      const { result } = turn;
      const { error, ms } = result;
      if (error !== undefined && mayStop(vat)) {
        stopping.push({ vatID, error });
      }
      port.slog({ type: 'epoch-restart-vat', epoch: decision.epoch, ...result });
      onRestartProgress?.({
        phase: 'vat',
        index: index + 1,
        ...named,
        result: result.result,
        ms,
      });
      await port.faultPoint(`platform-restart:after:${vatID}`);
      // A vat that only waits for its first delivery was no work worth a commit.
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

/** Not before the whole restart is over: vats let go of what they held in RAM one after the other. */
const findHolders = (
  port: PlatformRestartPort,
  turns: readonly RestartTurn[],
  epoch: PlatformEpoch,
): VatRestartResult[] => {
  const abandoned = new Map(turns.map(turn => [turn.result.vatID, turn.abandoned]));
  const held = port.findAbandonedHeld(abandoned);
  for (const [vatID, objects] of held) {
    port.slog({ type: 'epoch-restart-abandoned', epoch, vatID, ...objects });
  }
  return turns.map(({ result }) => ({ ...result, ...(held.get(result.vatID) ?? NOTHING_HELD) }));
};

/**
 * @throws CriticalRestartError and RestartFailedError after every vat was tried; then nothing may
 *   be committed
 */
export const restartAllVats = async (
  port: PlatformRestartPort,
  plan: RestartPlan,
): Promise<PlatformRestartReport> => {
  const { decision, mode, vats, doneBefore, queued } = plan;
  const { onRestartProgress } = plan.options;
  const { epoch } = decision;
  const from = decision.kind === 'advance' ? decision.from : port.epochs.ledger().at(-2)?.epoch;
  const critical = new Set(vats.filter(vat => vat.critical).map(({ vatID }) => vatID));
  const total = vats.length;
  if (decision.kind === 'advance') await begin(port, plan);
  port.slog({ type: 'epoch-restart-start', epoch, from, mode, vats: total, ...queued });
  onRestartProgress?.({ phase: 'start', index: 0, total });

  const { turns, stopping } = await restartEach(port, plan, critical);
  const results = findHolders(port, turns, epoch);
  await port.writeLedger('platform-epoch-finish', epochs => {
    // Thrown in the midst of a crank, so that the store refuses to commit what was done so far.
    throwFailures(stopping, critical);
    epochs.updateLast({ status: 'complete' });
    epochs.forgetProgress();
  });
  port.slog({ type: 'epoch-restart-finish', epoch, vats: results.length });
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
