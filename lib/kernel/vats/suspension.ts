/**
 * Takes vats out of service and brings them back (design.md 1 and 4, Agoric/agoric-sdk #8955).
 *
 * A suspension ends the incarnation. The next one starts on the current platform, when somebody
 * resumes the vat or when a delivery to a sleeping vat is due. A pause leaves the incarnation.
 *
 * Boundary: computes outcomes and ends and starts incarnations. `service.ts` knows which state
 * follows from what happened.
 */
import type { VatID } from '../../types/ids.js';
import type { KernelState } from '../../state/kernel-state.js';
import { isSuspended, type ServiceRequester } from '../../types/vat-service.js';
import { CriticalVatError, VatStateError } from '../delivery/errors.js';
import { fateOf, standingOf } from './fate.js';
import { endIncarnation, replaceIncarnation } from './incarnation.js';
import { changeService, mayLift, type ServiceEvent } from './service.js';
import { describeError, kunser } from '../delivery/kmarshal.js';
import {
  crankComplete,
  crankFailed,
  emptyCrank,
  outcomeOf,
  type Completed,
  type CrankOutcome,
  type Exited,
  type Termination,
  type UndoneEvent,
} from '../delivery/outcome.js';
import { type LifecyclePorts } from './vat-lifecycle.js';
import { isUnborn } from './unborn.js';

/** What holders of the vat's promises are told. */
const UPGRADE_MESSAGE = 'vat suspended';

/**
 * Ends the incarnation and sets all deliveries aside until `resumeVat`. The incarnation gets no
 * BOYD: the vat may not replay, and the next start reclaims what it would have freed.
 */
export const suspendVat = async (
  ports: LifecyclePorts,
  vatID: VatID,
  by: ServiceRequester,
): Promise<CrankOutcome> => {
  const { state } = ports;
  if (!state.vats.isLive(vatID)) return emptyCrank;
  if (!state.services.isSuspended(vatID) && !isUnborn(ports, vatID)) {
    await endIncarnation(ports, vatID, { upgradeMessage: UPGRADE_MESSAGE, mayPanic: false });
  }
  changeService(state, vatID, { type: 'suspend', by });
  return { kind: 'done', policy: crankComplete() };
};

/** Reports a start that comes after the restart's report, on the console and in the slog. */
const noteLateStart = (
  { state, slog, console: log }: LifecyclePorts,
  vatID: VatID,
  result: 'started' | 'suspended' | 'terminated' | 'panic',
  error?: string,
): void => {
  const { name } = state.vats.getOptions(vatID);
  const vat = name === undefined ? vatID : `${vatID} (${name})`;
  if (error === undefined)
    log.log(`suspended vat ${vat} has ${result === 'started' ? 'started' : 'exited at its start'}`);
  else log.warn(`suspended vat ${vat} could not start (${result}): ${error}`);
  slog.write({ type: 'late-start', vatID, name, result, ...(error !== undefined && { error }) });
};

export interface SuspendedStartOptions {
  /** What becomes of the crank's event if the start fails. */
  readonly event: UndoneEvent;
  /** What the crank has lifted before. It stays lifted if the start fails. */
  readonly lifts?: readonly ServiceEvent[];
}

const fates = { panic: 'panic', terminate: 'terminated', suspend: 'suspended' } as const;

/** The start failed and is undone. The host chose the vat's fate when it suspended the vat. */
const failedToStart = (
  ports: LifecyclePorts,
  vatID: VatID,
  end: Termination,
  { event, lifts = [] }: SuspendedStartOptions,
): CrankOutcome => {
  const { state } = ports;
  const service = state.services.get(vatID);
  const onFailure = service.type === 'sleeping' ? service.onFailure : undefined;
  const error = describeError(kunser(end.info));
  const standing = standingOf(state, vatID);
  const fate = fateOf(standing, onFailure ?? 'suspend');
  noteLateStart(ports, vatID, fates[fate], error);
  const policy = crankFailed;
  switch (fate) {
    case 'panic': {
      const cause = standing.critical
        ? new CriticalVatError(vatID, error)
        : new VatStateError(vatID, `could not be restarted: ${error}`);
      return { kind: 'panic', vatID, cause };
    }
    case 'terminate':
      return { kind: 'failed', policy, event, end, bill: undefined };
    case 'suspend': {
      const instead = () => {
        changeService(state, vatID, ...lifts, { type: 'start-failed', error });
      };
      return { kind: 'undone', policy, event, vatID, instead };
    }
    default:
      return fate satisfies never;
  }
};

/** What the start of a suspended vat came to. */
export type SuspendedStart =
  | { readonly kind: 'started'; readonly result: Completed | Exited }
  | {
      readonly kind: 'failed';
      readonly outcome: CrankOutcome;
      readonly computrons: bigint | undefined;
    };

/** Starts the next incarnation of a suspended vat, on the current platform. */
export const startSuspendedVat = async (
  ports: LifecyclePorts,
  vatID: VatID,
  options: SuspendedStartOptions,
): Promise<SuspendedStart> => {
  const { state } = ports;
  const { start } = await replaceIncarnation(ports, vatID, {
    upgradeMessage: UPGRADE_MESSAGE,
    delivery: { chargeMeter: false },
  });
  if (start.kind === 'failed') {
    const outcome = failedToStart(ports, vatID, start.end, options);
    return { kind: 'failed', outcome, computrons: start.computrons };
  }
  noteLateStart(ports, vatID, start.kind === 'exited' ? 'terminated' : 'started');
  changeService(state, vatID, { type: 'started' });
  return { kind: 'started', result: start };
};

/**
 * Brings a vat back; its waiting events follow. Records a failure. Does nothing for an adminNode if
 * the host took the vat out of service.
 */
export const resumeVat = async (
  ports: LifecyclePorts,
  vatID: VatID,
  by: ServiceRequester,
): Promise<CrankOutcome> => {
  const { state } = ports;
  const before = state.services.get(vatID);
  if (before.type === 'in-service' || !mayLift(before, by)) return emptyCrank;
  const lift = { type: 'lift', by } as const;
  const service = changeService(state, vatID, lift);
  if (!isSuspended(service)) return { kind: 'done', policy: crankComplete() };
  if (isUnborn(ports, vatID)) {
    // Its first `startVat` is still queued, and starts it.
    changeService(state, vatID, { type: 'started' });
    return { kind: 'done', policy: crankComplete() };
  }
  const start = await startSuspendedVat(ports, vatID, { event: 'dropped', lifts: [lift] });
  return start.kind === 'failed' ? start.outcome : outcomeOf(vatID, start.result);
};

/** Lets deliveries wait; the incarnation stays. @throws VatStateError for a vat that is gone */
export const pauseVat = (state: KernelState, vatID: VatID, by: ServiceRequester): void => {
  if (!state.vats.isLive(vatID)) throw new VatStateError(vatID, 'does not exist');
  changeService(state, vatID, { type: 'pause', by });
};

/**
 * Makes waiting deliveries due. A suspended vat starts with the first of them.
 *
 * @returns false, and changes nothing, for an adminNode if the host took the vat out of service
 * @throws VatStateError for a vat that is gone
 */
export const unpauseVat = (state: KernelState, vatID: VatID, by: ServiceRequester): boolean => {
  if (!state.vats.isLive(vatID)) throw new VatStateError(vatID, 'does not exist');
  if (!mayLift(state.services.get(vatID), by)) return false;
  changeService(state, vatID, { type: 'lift', by });
  return true;
};
