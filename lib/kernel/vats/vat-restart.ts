/**
 * Restarts one vat on its present code and the running platform, outside an epoch (design.md 4,
 * "One vat"; Agoric/agoric-sdk #8104, #10684). Hosts and vats use it to shrink a heap or to mend a
 * vat. The old incarnation is never loaded, as in a restart of all vats.
 *
 * Invariant: if the new incarnation can't start, everything is undone and the old one goes on. A vat
 * that had none, because it slept or had failed to start, is then suspended with its error.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { RunQueueEvent } from '../../state/events.js';
import type { KRef, VatID } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import { isSuspended } from '../../types/vat-service.js';
import { describeError, kunser } from '../delivery/kmarshal.js';
import {
  crankComplete,
  crankFailed,
  emptyCrank,
  type CrankOutcome,
  type Termination,
} from '../delivery/outcome.js';
import { replaceIncarnation } from './incarnation.js';
import { changeService } from './service.js';
import { isUnborn } from './unborn.js';
import { tellVatAdmin, type LifecyclePorts } from './vat-lifecycle.js';

export const DEFAULT_RESTART_MESSAGE = 'vat restarted';

export interface VatRestartRequest {
  readonly vatID: VatID;
  /** What holders of the vat's promises are told. */
  readonly upgradeMessage: string;
  /** Default: those of the last start. */
  readonly vatParameters?: CapData<KRef> | undefined;
}

/** What a vat's restart came to. */
export type VatRestarted =
  | { readonly kind: 'restarted'; readonly incarnation: number }
  | { readonly kind: 'refused' | 'failed'; readonly problem: string };

export type VatRestartOutcome = CrankOutcome & {
  readonly restart: VatRestarted;
  readonly computrons?: bigint | undefined;
};

/** Why the vat can't be restarted now, or undefined if it can. */
export const obstacleToRestart = (ports: LifecyclePorts, vatID: VatID): string | undefined => {
  const { state } = ports;
  if (!state.vats.isLive(vatID)) return 'does not exist';
  if (isUnborn(ports, vatID)) return 'has not started yet: its first start is still queued';
  const service = state.services.get(vatID);
  if (service.type === 'held') return `is suspended by the ${service.by}: resume it instead`;
  return undefined;
};

/**
 * Restarts the vat. `told` is called in the crank with what became of it.
 * @returns what the crank came to; never throws for a fault of the vat
 */
export const restartOneVat = async (
  ports: LifecyclePorts,
  { vatID, upgradeMessage, vatParameters }: VatRestartRequest,
  told: (restart: VatRestarted) => void = () => undefined,
): Promise<VatRestartOutcome> => {
  const { state, slog, console: log } = ports;
  const obstacle = obstacleToRestart(ports, vatID);
  if (obstacle !== undefined) {
    const restart = { kind: 'refused', problem: obstacle } as const;
    told(restart);
    return { ...emptyCrank, restart };
  }
  const hadIncarnation = !isSuspended(state.services.get(vatID));
  const { end, start } = await replaceIncarnation(ports, vatID, {
    upgradeMessage,
    // The vat has done nothing wrong.
    mayPanic: false,
    between: () => {
      if (vatParameters) state.vats.setParameters(vatID, vatParameters);
    },
    delivery: { chargeMeter: false },
  });
  const { computrons } = start;
  // As in an upgrade, an exit is a failure too: a restart must not lose the vat.
  if (start.kind !== 'completed') {
    return { ...failed(ports, vatID, start.end, hadIncarnation, told), computrons };
  }
  changeService(state, vatID, { type: 'started' });
  const { incarnation } = end;
  const { name } = state.vats.getOptions(vatID);
  slog.write({ type: 'vat-restart-finish', vatID, name, incarnation, computrons });
  log.log(`vat ${vatID} restarted as incarnation ${incarnation}`);
  const restart = { kind: 'restarted', incarnation } as const;
  told(restart);
  const policy = crankComplete(computrons);
  return { kind: 'done', policy, restart, computrons };
};

const failed = (
  { state, slog, console: log }: LifecyclePorts,
  vatID: VatID,
  { info }: Termination,
  hadIncarnation: boolean,
  told: (restart: VatRestarted) => void,
): VatRestartOutcome => {
  const problem = describeError(kunser(info));
  const left = hadIncarnation ? 'the old incarnation goes on' : 'it stays suspended';
  log.warn(`restart of vat ${vatID} failed, ${left}: ${problem}`);
  slog.write({ type: 'vat-restart-failed', vatID, error: problem });
  const restart = { kind: 'failed', problem } as const;
  const instead = () => {
    if (!hadIncarnation) changeService(state, vatID, { type: 'start-failed', error: problem });
    told(restart);
  };
  return { kind: 'undone', policy: crankFailed, event: 'dropped', vatID, instead, restart };
};

/** Processes `restart-vat`, and answers vat-admin as to an upgrade. */
export const processVatRestart = (
  ports: LifecyclePorts,
  event: Extract<RunQueueEvent, { type: 'restart-vat' }>,
): Promise<CrankOutcome> =>
  restartOneVat(ports, event, restart => {
    const answer =
      restart.kind === 'restarted'
        ? [true, undefined, restart.incarnation]
        : [false, Error(`vat-restart failure: vat ${event.vatID} ${describe(restart)}`)];
    tellVatAdmin(ports, 'vatUpgradeCallback', [event.upgradeID, ...answer]);
  });

/** Vats don't learn the error of another vat's code. */
const describe = ({ kind, problem }: Exclude<VatRestarted, { kind: 'restarted' }>): string =>
  kind === 'refused' ? problem : 'could not start';

/** Queues the restart that a vat asks for. @returns the ID under which vat-admin hears of it */
export const queueVatRestart = (state: KernelState, request: VatRestartRequest): string => {
  const upgradeID = state.vats.takeUpgradeID();
  const { vatID, upgradeMessage, vatParameters } = request;
  state.acceptanceQueue.push({
    type: 'restart-vat',
    vatID,
    upgradeID,
    upgradeMessage,
    ...(vatParameters && { vatParameters }),
  });
  return upgradeID;
};
