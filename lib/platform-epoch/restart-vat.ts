/**
 * Restarts one vat on the running platform, in a crank of its own (design.md 4, "Restarting one vat"
 * and "When a vat can't start").
 *
 * Invariants
 * 1. When the crank ends, the old incarnation is over, whatever became of the new one. Nothing that
 *    waits for the vat is lost.
 * 2. The crank that restarts a vat also notes that it is done, so that a boot after a crash goes on
 *    with the next one.
 */
import type { KernelParts } from '../kernel/types.js';
import { fateOf, standingOf } from '../kernel/vats/fate.js';
import {
  endIncarnation,
  rejectDecidedPromises,
  type IncarnationEnd,
} from '../kernel/vats/incarnation.js';
import { changeService } from '../kernel/vats/service.js';
import { terminateVat, type LifecyclePorts } from '../kernel/vats/vat-lifecycle.js';
import { describeError, kunser, makeErrorData } from '../kernel/delivery/kmarshal.js';
import {
  crankComplete,
  crankFailed,
  emptyCrank,
  type CrankOutcome,
} from '../kernel/delivery/outcome.js';
import type { Reclaimed } from '../kernel/gc/reclaim.js';
import type { PlatformEpochTable } from '../state/platform-epochs.js';
import type { ObjectKRef } from '../types/ids.js';
import {
  attemptRestart,
  endOptionsOf,
  type Attempt,
  type AttemptRequest,
} from './attempt-restart.js';
import type { AbandonedObjects, VatRestartResult } from './types.js';

export interface VatRestartRequest extends AttemptRequest {
  /** Writes the result into the ledger, in the vat's crank. */
  readonly note: (epochs: PlatformEpochTable, result: VatRestartOutcome) => void;
}

/** The part of a result that the ledger counts. */
export type VatRestartOutcome = Pick<VatRestartResult, 'result' | 'error'>;

/**
 * What the kernel knows of a vat's turn. The caller knows whose parameters the vat started with. Who
 * holds what the vat abandoned shows when every vat is done.
 */
export interface RestartedVat {
  readonly result: Omit<VatRestartResult, 'parameters' | keyof AbandonedObjects>;
  readonly abandoned: readonly ObjectKRef[];
}

interface Turn extends VatRestartOutcome {
  readonly end: IncarnationEnd;
  readonly computrons?: bigint | undefined;
  readonly reclaimed?: Reclaimed | undefined;
  readonly sleeps?: boolean;
}

/** The outcome of the vat's crank, and what the crank did with the vat. */
type TurnOutcome = CrankOutcome & { readonly turn: Turn };

type Note = (turn: VatRestartOutcome) => void;

/** Undoes the crank. The old incarnation ends all the same. */
const concludeFailure = (
  ports: LifecyclePorts,
  request: VatRestartRequest,
  { end, start }: Extract<Attempt, { kind: 'failed' }>,
  note: Note,
): TurnOutcome => {
  const { state } = ports;
  const { vatID, onVatFailure } = request;
  const undone = { kind: 'undone', policy: crankFailed, event: 'dropped', vatID } as const;
  const error = describeError(kunser(start.end.info));
  const fate = fateOf(standingOf(state, vatID), onVatFailure);
  if (fate === 'terminate') {
    const turn: Turn = { result: 'terminated', error, end, computrons: start.computrons };
    const instead = async () => {
      // Not left to the termination, in which promises with policy `panic` would stop the kernel.
      const gone = makeErrorData('vat terminated');
      rejectDecidedPromises(ports, vatID, gone, { mayPanic: false });
      note(turn);
      const info = makeErrorData(`platform restart failed: ${error}`);
      await terminateVat(ports, { vatID, reject: true, info });
    };
    return { ...undone, instead, turn };
  }
  // With the fate `panic` as well: the caller stops the kernel after every vat was tried.
  const isSpared = fate === 'suspend' && onVatFailure === 'terminate';
  const problem = isSpared ? `${error}; vat-admin is suspended, not terminated` : error;
  const turn: Turn = { result: 'suspended', error: problem, end, computrons: start.computrons };
  const instead = async () => {
    await endIncarnation(ports, vatID, endOptionsOf(request));
    changeService(state, vatID, { type: 'start-failed', error: problem });
    note(turn);
  };
  return { ...undone, instead, turn };
};

/** Decides what follows from an attempt, and notes that the vat is done. */
const conclude = (
  ports: LifecyclePorts,
  request: VatRestartRequest,
  attempt: Attempt,
): TurnOutcome => {
  const { state, warehouse } = ports;
  const { vatID } = request;
  const note: Note = ({ result, error }) => {
    state.platformEpochs.markDone(vatID);
    request.note(state.platformEpochs, { result, error });
  };
  const done = (turn: Omit<Turn, 'error'>, outcome: CrankOutcome): TurnOutcome => {
    const settled = { ...turn, error: undefined };
    note(settled);
    return { ...outcome, turn: settled };
  };
  switch (attempt.kind) {
    case 'unstarted': {
      const incarnation = warehouse.getIncarnation(vatID);
      const end = { incarnation, promisesRejected: 0, abandoned: [] };
      return done({ result: 'unstarted', end }, emptyCrank);
    }
    case 'held':
      return done({ result: 'suspended', end: attempt.end }, emptyCrank);
    case 'sleeps':
      return done({ result: 'suspended', end: attempt.end, sleeps: true }, emptyCrank);
    case 'started': {
      const { end, start } = attempt;
      const { computrons, reclaimed } = start ?? {};
      const found = { end, computrons, reclaimed };
      const policy = crankComplete(computrons);
      return start?.kind === 'exited'
        ? done({ result: 'terminated', ...found }, { kind: 'ended', policy, end: start.end })
        : done({ result: 'restarted', ...found }, { kind: 'done', policy });
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
  const { name } = state.vats.getOptions(vatID);
  const started = now();
  const reach = (step: string) => faultPoint(`platform-restart:${step}:${vatID}`);
  const takeTurn = async () =>
    conclude(lifecycle, request, await attemptRestart(lifecycle, request, reach));
  try {
    const { turn } = await cranks.runTask('platform-epoch-restart', takeTurn);
    const { result, error, end, computrons, reclaimed, sleeps = false } = turn;
    return {
      result: {
        vatID,
        name,
        result,
        error,
        ms: now() - started,
        computrons: computrons === undefined ? undefined : Number(computrons),
        incarnation: end.incarnation,
        promisesRejected: end.promisesRejected,
        objectsAbandoned: end.abandoned.length,
        importsReclaimed: (reclaimed?.imports ?? 0) + (reclaimed?.devices ?? 0),
        rowsReclaimed: reclaimed?.rows ?? 0,
        sleeps,
      },
      abandoned: end.abandoned,
    };
  } finally {
    await warehouse.ahead.withdraw(vatID);
  }
};
