/**
 * Restarts one vat on the current platform, as a crank of its own (design.md 4, «Restart of one
 * vat» and «When a vat can't start»).
 *
 * Invariant: whatever becomes of the new incarnation, the old one is over when the crank ends, and
 * nothing that waits for the vat is lost.
 */
import { BadOptionError } from '../errors.js';
import type { VatRestartResult } from '../platform-epoch/types.js';
import { deliverToVat } from './deliver.js';
import type { CrankRunner } from './crank.js';
import {
  adoptCurrentPlatform,
  endIncarnation,
  startIncarnation,
  type IncarnationEnd,
} from './incarnation.js';
import { kser, kunser, makeErrorData } from './kmarshal.js';
import type { CrankOutcome, Termination } from './outcome.js';
import type { VatRestartRequest } from './types.js';
import { describeError, type LifecyclePorts } from './vat-lifecycle.js';

const nothingEnded: IncarnationEnd = { incarnation: 0, promisesRejected: 0, objectsAbandoned: 0 };

/** What a restart found out so far; the crank may run its task twice. */
interface Progress {
  end: IncarnationEnd;
  computrons: number | undefined;
  result: VatRestartResult['result'];
  error: string | undefined;
  skipLastRites: boolean;
}

export interface RestartVatPorts {
  readonly lifecycle: LifecyclePorts;
  readonly cranks: CrankRunner;
  readonly now: () => number;
}

/** Steps 2-4: promises, exports, transcript, snapshot, worker; and the record of the new platform. */
const endAndAdopt = async (
  ports: LifecyclePorts,
  { vatID, upgradeMessage }: VatRestartRequest,
): Promise<IncarnationEnd> => {
  const end = ports.state.suspensions.isSuspended(vatID)
    ? { ...nothingEnded, incarnation: ports.warehouse.getIncarnation(vatID) }
    : await endIncarnation(ports, vatID, upgradeMessage);
  adoptCurrentPlatform(ports, vatID);
  return end;
};

const fail = async (
  ports: LifecyclePorts,
  request: VatRestartRequest,
  progress: Progress,
  error: string,
): Promise<void> => {
  const { state } = ports;
  const { vatID } = request;
  const before = state.suspensions.get(vatID);
  progress.error = error;
  progress.result = 'suspended';
  progress.end = await endAndAdopt(ports, request);
  state.suspensions.set(vatID, {
    suspended: true,
    paused: true,
    error,
    sinceCrank: before?.sinceCrank ?? state.crankNumber,
  });
  if (request.onVatFailure === 'terminate') progress.result = 'terminated';
  settle(ports, request, progress);
};

/** The vat is done for this epoch: noted in the crank that did it. */
const settle = (
  { state }: LifecyclePorts,
  { vatID, note }: VatRestartRequest,
  { result, error }: Progress,
): void => {
  state.platformEpochs.markDone(vatID);
  note(state.platformEpochs, { result, error });
};

const restart = async (
  ports: LifecyclePorts,
  request: VatRestartRequest,
  progress: Progress,
): Promise<CrankOutcome> => {
  const { state } = ports;
  const { vatID } = request;
  const suspension = state.suspensions.get(vatID);

  if (request.lastRites && !progress.skipLastRites && !suspension?.suspended) {
    const lastRites = await deliverToVat(ports, vatID, ['bringOutYourDead'], {
      chargeMeter: false,
    });
    // An old incarnation that can't even do that is gone all the same: go on without.
    if (lastRites.abort) progress.skipLastRites = true;
    if (lastRites.abort) return { policy: 'crankFailed', delivered: vatID, abort: 'retry' };
  }

  progress.end = await endAndAdopt(ports, request);
  // Suspended because somebody asked for it: stays so, on the new platform.
  if (suspension?.suspended && suspension.error === undefined && suspension.paused) {
    progress.result = 'suspended';
    settle(ports, request, progress);
    return { policy: 'crankComplete' };
  }
  if (request.startLater) {
    progress.result = 'suspended';
    state.suspensions.set(vatID, {
      suspended: true,
      paused: suspension?.suspended ? false : (suspension?.paused ?? false),
      sinceCrank: state.crankNumber,
    });
    settle(ports, request, progress);
    return { policy: 'crankComplete' };
  }

  if (!state.vats.getParameters(vatID)) {
    if (request.vatParameters === undefined) {
      const problem = new BadOptionError(
        `platformRestart.vatParameters.${vatID}`,
        request.vatParameters,
        'the parameters of this vat, which is too old to have retained any',
      );
      return failed(ports, request, progress, problem.message, {});
    }
    state.vats.setParameters(vatID, kser(request.vatParameters));
  }
  const outcome = await startIncarnation(ports, vatID, { chargeMeter: false });
  progress.computrons = outcome.computrons === undefined ? undefined : Number(outcome.computrons);
  if (outcome.abort && outcome.terminate) {
    const { terminate, ...rest } = outcome;
    return failed(ports, request, progress, describeError(kunser(terminate.info)), rest);
  }
  if (outcome.terminate) progress.result = 'terminated';
  settle(ports, request, progress);
  // A vat that was merely paused stays so.
  if (suspension) {
    state.suspensions.set(vatID, {
      ...suspension,
      suspended: false,
      paused: suspension.suspended ? false : suspension.paused,
    });
  }
  return outcome;
};

const failed = (
  ports: LifecyclePorts,
  request: VatRestartRequest,
  progress: Progress,
  error: string,
  outcome: Partial<CrankOutcome>,
): CrankOutcome => {
  const { vatID } = request;
  const terminate: Termination | undefined =
    request.onVatFailure === 'terminate'
      ? { vatID, reject: true, info: makeErrorData(`platform restart failed: ${error}`) }
      : undefined;
  return {
    ...outcome,
    policy: 'crankFailed',
    delivered: vatID,
    abort: 'retry',
    ...(terminate && { terminate }),
    afterwards: () => fail(ports, request, progress, error),
  };
};

/** @returns what became of the vat; never throws for a fault of the vat */
export const restartVat = async (
  { lifecycle, cranks, now }: RestartVatPorts,
  request: VatRestartRequest,
): Promise<VatRestartResult> => {
  const { state } = lifecycle;
  const { vatID } = request;
  const name = state.vats.getOptions(vatID).name;
  const started = now();
  const progress: Progress = {
    end: nothingEnded,
    computrons: undefined,
    result: 'restarted',
    error: undefined,
    skipLastRites: false,
  };
  const attempt = () =>
    cranks.runTask('platform-epoch-restart', () => restart(lifecycle, request, progress));
  await attempt();
  if (progress.skipLastRites) await attempt();
  return {
    vatID,
    name,
    result: progress.result,
    error: progress.error,
    ms: now() - started,
    computrons: progress.computrons,
    incarnation: progress.end.incarnation,
    promisesRejected: progress.end.promisesRejected,
    objectsAbandoned: progress.end.objectsAbandoned,
    importsReclaimed: 0,
    rowsReclaimed: 0,
  };
};
