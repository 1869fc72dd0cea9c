/**
 * Restarts one vat on the current platform, as a crank of its own (design.md 4, «Restart of one
 * vat» and «When a vat can't start»).
 *
 * Invariants
 * 1. Whatever becomes of the new incarnation, the old one is over when the crank ends, and nothing
 *    that waits for the vat is lost.
 * 2. The crank that restarts a vat also notes that it is done, so that a boot after a crash goes on
 *    with the next one.
 */
import type { KernelParts } from '../kernel/types.js';
import type { PlatformEpochTable } from '../state/platform-epochs.js';
import type { ObjectKRef, VatID } from '../types/ids.js';
import type { AbandonedObjects, VatRestartResult } from './types.js';
import type { Suspension } from '../state/suspensions.js';
import type { KernelStorage } from '../store/types.js';
import { saveDueSnapshot, type SnapshotPorts } from '../kernel/vats/due-snapshot.js';
import { isLastTry, WORKER_LOST, type CrankTries } from '../kernel/vats/crank-tries.js';
import {
  adoptCurrentPlatform,
  endIncarnation,
  outlivesWorkers,
  rejectDecidedPromises,
  startIncarnation,
  type IncarnationEnd,
  type IncarnationPorts,
} from '../kernel/vats/incarnation.js';
import { pauseOf } from '../kernel/vats/holds.js';
import { describeError, kunser, makeErrorData } from '../kernel/delivery/kmarshal.js';
import { emptyCrank, type CrankOutcome } from '../kernel/delivery/outcome.js';
import type { WorkerDeathPolicy } from '../types/policies.js';
import type { Reclaimed } from '../kernel/gc/reclaim.js';
import { isUnborn } from '../kernel/vats/unborn.js';

/** How one vat is to be restarted. */
export interface VatRestartRequest {
  readonly vatID: VatID;
  /** What holders of its promises and objects are told. */
  readonly upgradeMessage: string;
  /** `panic` is the caller's to carry out, but for a vat that starts later. */
  readonly onVatFailure: 'suspend' | 'terminate' | 'panic';
  /** Only end the incarnation; the first delivery starts the next (mode `lazy`). */
  readonly startLater: boolean;
  /** Writes the result into the ledger, in the same crank. */
  readonly note: (epochs: PlatformEpochTable, result: VatRestartOutcome) => void;
}

/**
 * The turn of one vat as the kernel knows it. Whose parameters they were is the caller's to know, and
 * who holds what the vat abandoned shows when all vats are done.
 */
export interface RestartedVat {
  readonly result: Omit<VatRestartResult, 'parameters' | keyof AbandonedObjects>;
  readonly abandoned: readonly ObjectKRef[];
}

/** The part of a result that the ledger counts. */
export type VatRestartOutcome = Pick<VatRestartResult, 'result' | 'error'>;

/** What a restart found out so far; the crank may run its task more than once. */
interface Progress {
  end: IncarnationEnd;
  computrons: number | undefined;
  reclaimed: Reclaimed | undefined;
  result: VatRestartResult['result'];
  error: string | undefined;
  /** It is left to the first delivery. */
  sleeps: boolean;
  settled: boolean;
}

/** What a restart of a vat works on, whether it counts or runs ahead of its turn. */
export interface RestartPorts extends IncarnationPorts, SnapshotPorts {
  readonly onWorkerDeath: WorkerDeathPolicy;
  readonly tries: CrankTries;
  readonly warehouse: IncarnationPorts['warehouse'] & SnapshotPorts['warehouse'];
  readonly kernelStorage: Pick<KernelStorage, 'transcriptStore'>;
}

interface Restart {
  readonly ports: RestartPorts;
  readonly request: VatRestartRequest;
  readonly progress: Progress;
  readonly reach: (step: string) => void | Promise<void>;
}

/** The vat is done for this epoch: noted in the crank that did it. */
const settle = (
  { ports: { state }, request: { vatID, note }, progress }: Restart,
  result: VatRestartResult['result'],
  error?: string,
): void => {
  progress.result = result;
  progress.error = error;
  progress.settled = true;
  state.platformEpochs.markDone(vatID);
  note(state.platformEpochs, { result, error });
};

/** Steps 2-4: promises, exports, transcript, snapshot, worker; and the record of the new platform. */
const endAndAdopt = async ({ ports, request, progress }: Restart): Promise<void> => {
  const { vatID, upgradeMessage } = request;
  progress.end = ports.state.suspensions.isSuspended(vatID)
    ? {
        incarnation: ports.warehouse.getIncarnation(vatID),
        promisesRejected: 0,
        abandoned: [],
      }
    : // Who waits for an answer with policy `panic` fears for the vat, which has done nothing wrong;
      // and the same promise would stop the kernel at each boot.
      await endIncarnation(ports, vatID, upgradeMessage, { mayPanic: false });
  adoptCurrentPlatform(ports, vatID);
};

/** The new incarnation's crank is undone; the end of the old one is kept. */
const failed = (restart: Restart, error: string, outcome: Partial<CrankOutcome>): CrankOutcome => {
  const { ports, request, progress } = restart;
  const { state } = ports;
  const { vatID } = request;
  const crank: CrankOutcome = {
    ...outcome,
    policy: 'crankFailed',
    delivered: vatID,
    abort: 'retry',
  };
  // Without vat-admin nobody could make, mend or end vats any more.
  const isVatAdmin = state.getVatAdminID() === vatID;
  const isToEnd = request.onVatFailure === 'terminate';
  // A critical vat's end would stop the kernel before the others were tried.
  if (isToEnd && !isVatAdmin && !state.vats.getOptions(vatID).critical) {
    const info = makeErrorData(`platform restart failed: ${error}`);
    return {
      ...crank,
      terminate: { vatID, reject: true, info },
      afterwards: () => {
        // Not left to the termination itself, by which policies `panic` would stop the kernel.
        const reason = makeErrorData('vat terminated');
        rejectDecidedPromises(ports, vatID, reason, { mayPanic: false });
        settle(restart, 'terminated', error);
      },
    };
  }
  const problem =
    isToEnd && isVatAdmin ? `${error}; vat-admin is suspended, not terminated` : error;
  return {
    ...crank,
    afterwards: async () => {
      progress.computrons = undefined;
      progress.reclaimed = undefined;
      const present = state.suspensions.get(vatID);
      const sinceCrank = present?.sinceCrank ?? state.crankNumber;
      await endAndAdopt(restart);
      state.suspensions.set(vatID, {
        suspended: true,
        ...pauseOf(present),
        paused: true,
        error: problem,
        sinceCrank,
      });
      settle(restart, 'suspended', problem);
    },
  };
};

/** Lets the first delivery start the vat. */
const startLater = (restart: Restart, present: Suspension | undefined): CrankOutcome => {
  const { ports, request } = restart;
  const { state } = ports;
  const { vatID, onVatFailure } = request;
  state.suspensions.set(vatID, {
    suspended: true,
    ...pauseOf(present),
    sinceCrank: present?.sinceCrank ?? state.crankNumber,
    ...(onVatFailure !== 'suspend' && { onFailure: onVatFailure }),
  });
  settle(restart, 'suspended');
  restart.progress.sleeps = true;
  return { policy: 'crankComplete' };
};

/** Step 5 for a vat that is between incarnations now. */
const startNow = async (
  restart: Restart,
  present: Suspension | undefined,
): Promise<CrankOutcome> => {
  const { ports, request, progress } = restart;
  const { state } = ports;
  const { vatID } = request;
  const outcome = await startIncarnation(ports, vatID, { chargeMeter: false });
  await restart.reach('started');
  progress.computrons = outcome.computrons === undefined ? undefined : Number(outcome.computrons);
  const { terminate } = outcome;
  if (terminate && (outcome.abort || state.vats.getOptions(vatID).critical)) {
    const { terminate: _undone, ...rest } = outcome;
    return failed(restart, describeError(kunser(terminate.info)), rest);
  }
  if (present) {
    const { sinceCrank } = present;
    state.suspensions.set(vatID, { suspended: false, ...pauseOf(present), sinceCrank });
  }
  progress.reclaimed = outcome.reclaimed;
  if (!terminate) {
    // Here rather than where other cranks do it: a vat that fails at it could not be restarted.
    const { terminate: lost, ...rest } = (await saveDueSnapshot(ports, vatID)) ?? {};
    if (lost) return failed(restart, describeError(kunser(lost.info)), rest);
  }
  settle(restart, terminate ? 'terminated' : 'restarted');
  const { delivered: _saved, ...done } = outcome;
  return done;
};

const restartTranscripted = async (restart: Restart): Promise<CrankOutcome> => {
  const { ports, request } = restart;
  const { state } = ports;
  const { vatID } = request;
  const suspension = state.suspensions.get(vatID);
  await endAndAdopt(restart);
  await restart.reach('ended');
  if (suspension?.requested) {
    settle(restart, 'suspended');
    return emptyCrank;
  }
  // Without parameters it can't ever start: better known now than at its first delivery.
  return request.startLater && state.vats.getParameters(vatID)
    ? startLater(restart, suspension)
    : startNow(restart, suspension);
};

const attempt = async (restart: Restart): Promise<CrankOutcome> => {
  const { ports, request } = restart;
  const { vatID } = request;
  if (isUnborn(ports, vatID)) {
    adoptCurrentPlatform(ports, vatID);
    settle(restart, 'unstarted');
    return emptyCrank;
  }
  if (outlivesWorkers(ports.state, vatID)) {
    const isSuspended = ports.state.suspensions.isSuspended(vatID);
    await endAndAdopt(restart);
    settle(restart, isSuspended ? 'suspended' : 'restarted');
    return emptyCrank;
  }
  try {
    return await restartTranscripted(restart);
  } catch (error) {
    if (!isLastTry(ports, error)) throw error;
    return failed(restart, WORKER_LOST, {});
  }
};

const makeProgress = (incarnation: number): Progress => ({
  end: { incarnation, promisesRejected: 0, abandoned: [] },
  computrons: undefined,
  reclaimed: undefined,
  result: 'restarted',
  error: undefined,
  sleeps: false,
  settled: false,
});

/**
 * Does what the vat's crank will do, for the sake of what its workers do meanwhile.
 *
 * @returns whether the crank would be done in one go
 */
export const tryRestart = async (
  ports: RestartPorts,
  request: VatRestartRequest,
): Promise<boolean> => {
  const progress = makeProgress(ports.warehouse.getIncarnation(request.vatID));
  const outcome = await attempt({ ports, request, progress, reach: () => undefined });
  return progress.settled || outcome.afterwards !== undefined;
};

/** @returns what became of the vat; never throws for a fault of the vat */
export const restartVat = async (
  { lifecycle, cranks, now, faultPoint }: KernelParts,
  request: VatRestartRequest,
): Promise<RestartedVat> => {
  const { state, warehouse } = lifecycle;
  const { vatID } = request;
  const name = state.vats.getOptions(vatID).name;
  const started = now();
  const progress = makeProgress(warehouse.getIncarnation(vatID));
  const restart: Restart = {
    ports: lifecycle,
    request,
    progress,
    reach: step => faultPoint(`platform-restart:${step}:${vatID}`),
  };
  try {
    while (!progress.settled) {
      await cranks.runTask('platform-epoch-restart', () => attempt(restart));
    }
  } finally {
    await warehouse.ahead.withdraw(vatID);
  }
  const { end, reclaimed, ...found } = progress;
  const result = {
    vatID,
    name,
    result: found.result,
    error: found.error,
    ms: now() - started,
    computrons: found.computrons,
    incarnation: end.incarnation,
    promisesRejected: end.promisesRejected,
    objectsAbandoned: end.abandoned.length,
    importsReclaimed: (reclaimed?.imports ?? 0) + (reclaimed?.devices ?? 0),
    rowsReclaimed: reclaimed?.rows ?? 0,
    sleeps: found.sleeps,
  };
  return { result, abandoned: end.abandoned };
};
