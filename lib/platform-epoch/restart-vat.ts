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
import { fateOf, standingOf, type FailurePolicy } from '../kernel/vats/fate.js';
import {
  endIncarnation,
  outlivesWorkers,
  rejectDecidedPromises,
  replaceIncarnation,
  type EndOptions,
  type IncarnationEnd,
  type IncarnationPorts,
  type StartResult,
} from '../kernel/vats/incarnation.js';
import { pauseOf } from '../kernel/vats/holds.js';
import { describeError, kunser, makeErrorData } from '../kernel/delivery/kmarshal.js';
import {
  crankComplete,
  crankFailed,
  emptyCrank,
  type CrankOutcome,
  type Termination,
} from '../kernel/delivery/outcome.js';
import type { Reclaimed } from '../kernel/gc/reclaim.js';
import { isUnborn } from '../kernel/vats/unborn.js';
import { adoptCurrentPlatform } from '../kernel/vats/vat-options.js';
import { terminateVat, type LifecyclePorts } from '../kernel/vats/vat-lifecycle.js';

/** How one vat is to be restarted. */
export interface VatRestartRequest {
  readonly vatID: VatID;
  /** What holders of its promises and objects are told. */
  readonly upgradeMessage: string;
  /** `panic` is the caller's to carry out, but for a vat that starts later. */
  readonly onVatFailure: FailurePolicy;
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

/** What a restart of a vat works on, whether it counts or runs ahead of its turn. */
export interface RestartPorts extends IncarnationPorts, SnapshotPorts {
  readonly warehouse: IncarnationPorts['warehouse'] & SnapshotPorts['warehouse'];
  readonly kernelStorage: Pick<KernelStorage, 'transcriptStore'>;
}

/** A fault point between two steps. */
type Reach = (step: string) => void | Promise<void>;

/** What the vat did, before anybody decides what follows from it. */
type Attempt =
  /** It has never run: its first life will be on the new platform. */
  | { readonly kind: 'unstarted' }
  /** It has no new incarnation: somebody keeps it suspended, or its first delivery will start it. */
  | { readonly kind: 'ended'; readonly end: IncarnationEnd; readonly sleeps: boolean }
  /** It has a new incarnation; `start` is undefined for a vat that is started once and for all. */
  | {
      readonly kind: 'started';
      readonly end: IncarnationEnd;
      readonly start: StartResult | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly end: IncarnationEnd;
      readonly start: StartResult;
      readonly reason: Termination;
    };

/**
 * A promise with policy `panic` doesn't stop the kernel here: the vat has done nothing wrong, and the
 * same promise would stop the kernel at each boot.
 */
const endOptions = ({ upgradeMessage }: VatRestartRequest): EndOptions => ({
  upgradeMessage,
  mayPanic: false,
});

/** Lets the first delivery start the vat. */
const sleep = (
  { state }: RestartPorts,
  { vatID, onVatFailure }: VatRestartRequest,
  present: Suspension | undefined,
): void =>
  state.suspensions.set(vatID, {
    suspended: true,
    ...pauseOf(present),
    sinceCrank: present?.sinceCrank ?? state.crankNumber,
    ...(onVatFailure !== 'suspend' && { onFailure: onVatFailure }),
  });

/** Steps 2-6. */
const replace = async (
  ports: RestartPorts,
  request: VatRestartRequest,
  present: Suspension | undefined,
  reach: Reach,
): Promise<Attempt> => {
  const { state } = ports;
  const { vatID } = request;
  const { end, start } = await replaceIncarnation(ports, vatID, {
    ...endOptions(request),
    between: () => reach('ended'),
    delivery: { chargeMeter: false },
  });
  await reach('started');
  if (start.kind === 'failed') return { kind: 'failed', end, start, reason: start.end };
  if (present) {
    const { sinceCrank } = present;
    state.suspensions.set(vatID, { suspended: false, ...pauseOf(present), sinceCrank });
  }
  if (start.kind === 'completed') {
    // Here and not after the crank: a vat that fails at it could not be restarted.
    const lost = await saveDueSnapshot(ports, vatID);
    if (lost) return { kind: 'failed', end, start, reason: lost.end };
  }
  return { kind: 'started', end, start };
};

/**
 * Does the work of the vat's crank. A run ahead of the crank calls it as well, for the sake of the
 * vat's worker.
 */
export const attemptRestart = async (
  ports: RestartPorts,
  request: VatRestartRequest,
  reach: Reach = () => undefined,
): Promise<Attempt> => {
  const { state } = ports;
  const { vatID, startLater } = request;
  if (isUnborn(ports, vatID)) {
    adoptCurrentPlatform(ports, vatID);
    return { kind: 'unstarted' };
  }
  const present = state.suspensions.get(vatID);
  const startsOnce = outlivesWorkers(state, vatID);
  // A vat without parameters can't ever start: better known now than at its first delivery.
  const sleeps = startLater && state.vats.getParameters(vatID) !== undefined;
  if (!startsOnce && !present?.requested && !sleeps) return replace(ports, request, present, reach);

  const end = await endIncarnation(ports, vatID, endOptions(request));
  if (startsOnce) {
    return present?.suspended
      ? { kind: 'ended', end, sleeps: false }
      : { kind: 'started', end, start: undefined };
  }
  await reach('ended');
  if (present?.requested) return { kind: 'ended', end, sleeps: false };
  sleep(ports, request, present);
  return { kind: 'ended', end, sleeps: true };
};

/** The turn of a vat, as its report has it. */
interface Turn extends VatRestartOutcome {
  readonly end: IncarnationEnd;
  readonly computrons?: bigint | undefined;
  readonly reclaimed?: Reclaimed | undefined;
  /** It is left to the first delivery. */
  readonly sleeps?: boolean;
}

/** The outcome of the vat's crank, and what it says of the vat. */
type TurnOutcome = CrankOutcome & { readonly turn: Turn };

/** The new incarnation's crank is undone; the end of the old one is kept. */
const concludeFailure = (
  ports: LifecyclePorts,
  request: VatRestartRequest,
  { end, start, reason }: Extract<Attempt, { kind: 'failed' }>,
  note: (turn: VatRestartOutcome) => void,
): TurnOutcome => {
  const { state } = ports;
  const { vatID, onVatFailure } = request;
  const undone = { kind: 'undone', policy: crankFailed, event: 'dropped', vatID } as const;
  const error = describeError(kunser(reason.info));
  // The caller stops the kernel when every vat was tried; until then the vat is suspended.
  const fate = fateOf(standingOf(state, vatID), onVatFailure);
  if (fate === 'terminate') {
    const { computrons } = start;
    const turn: Turn = { result: 'terminated', error, end, computrons };
    const instead = async () => {
      // Not left to the termination itself, by which policies `panic` would stop the kernel.
      const gone = makeErrorData('vat terminated');
      rejectDecidedPromises(ports, vatID, gone, { mayPanic: false });
      note(turn);
      const info = makeErrorData(`platform restart failed: ${error}`);
      await terminateVat(ports, { vatID, reject: true, info });
    };
    return { ...undone, instead, turn };
  }
  const isSpared = fate === 'suspend' && onVatFailure === 'terminate';
  const problem = isSpared ? `${error}; vat-admin is suspended, not terminated` : error;
  const turn: Turn = { result: 'suspended', error: problem, end };
  const instead = async () => {
    const present = state.suspensions.get(vatID);
    const sinceCrank = present?.sinceCrank ?? state.crankNumber;
    await endIncarnation(ports, vatID, endOptions(request));
    state.suspensions.set(vatID, {
      suspended: true,
      ...pauseOf(present),
      paused: true,
      error: problem,
      sinceCrank,
    });
    note(turn);
  };
  return { ...undone, instead, turn };
};

/** Decides what follows from an attempt, and notes in the same crank that the vat is done. */
const conclude = (
  ports: LifecyclePorts,
  request: VatRestartRequest,
  attempt: Attempt,
): TurnOutcome => {
  const { state, warehouse } = ports;
  const { vatID } = request;
  const note = ({ result, error }: VatRestartOutcome): void => {
    state.platformEpochs.markDone(vatID);
    request.note(state.platformEpochs, { result, error });
  };
  const settle = (turn: Omit<Turn, 'error'>, outcome: CrankOutcome): TurnOutcome => {
    const settled = { ...turn, error: undefined };
    note(settled);
    return { ...outcome, turn: settled };
  };
  switch (attempt.kind) {
    case 'unstarted': {
      const incarnation = warehouse.getIncarnation(vatID);
      const end = { incarnation, promisesRejected: 0, abandoned: [] };
      return settle({ result: 'unstarted', end }, emptyCrank);
    }
    case 'ended': {
      const { end, sleeps } = attempt;
      return settle({ result: 'suspended', end, sleeps }, emptyCrank);
    }
    case 'started': {
      const { end, start } = attempt;
      const { computrons, reclaimed } = start ?? {};
      const found = { end, computrons, reclaimed };
      const policy = crankComplete(computrons);
      return start?.kind === 'exited'
        ? settle({ result: 'terminated', ...found }, { kind: 'ended', policy, end: start.end })
        : settle({ result: 'restarted', ...found }, { kind: 'done', policy });
    }
    case 'failed':
      return concludeFailure(ports, request, attempt, note);
    default:
      return attempt satisfies never;
  }
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
  const reach = (step: string) => faultPoint(`platform-restart:${step}:${vatID}`);
  const takeTurn = async () =>
    conclude(lifecycle, request, await attemptRestart(lifecycle, request, reach));
  try {
    const { turn } = await cranks.runTask('platform-epoch-restart', takeTurn);
    const { end, computrons, reclaimed, sleeps = false } = turn;
    const result = {
      vatID,
      name,
      result: turn.result,
      error: turn.error,
      ms: now() - started,
      computrons: computrons === undefined ? undefined : Number(computrons),
      incarnation: end.incarnation,
      promisesRejected: end.promisesRejected,
      objectsAbandoned: end.abandoned.length,
      importsReclaimed: (reclaimed?.imports ?? 0) + (reclaimed?.devices ?? 0),
      rowsReclaimed: reclaimed?.rows ?? 0,
      sleeps,
    };
    return { result, abandoned: end.abandoned };
  } finally {
    await warehouse.ahead.withdraw(vatID);
  }
};
