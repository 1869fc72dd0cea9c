/**
 * Taking a vat out of service and back (design.md 1 and 4, Agoric/agoric-sdk #8955).
 *
 * | suspended | paused | a delivery to the vat |
 * | --- | --- | --- |
 * | no | no | is made |
 * | yes | no | starts the next incarnation first, and is made |
 * | yes | yes | waits: the vat can't start, or is not to |
 * | no | yes | waits: the incarnation could take it, but is not to |
 *
 * A suspension ends the incarnation; a resumption starts the next one on the current platform and
 * lets the wait queue go, in order.
 */
import type { VatID } from '../../types/ids.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { Suspension, SuspensionRequester } from '../../state/suspensions.js';
import { CriticalVatError, VatStateError } from '../delivery/errors.js';
import { fateOf, standingOf } from './fate.js';
import { endIncarnation, replaceIncarnation } from './incarnation.js';
import { jointly, mayLift, pauseOf } from './holds.js';
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

const DEFAULT_MESSAGE = 'vat suspended';

/**
 * Ends the incarnation and sets all deliveries aside until `resumeVat`. The incarnation gets no
 * BOYD: the vat may not replay, and the next start reclaims what it would have freed.
 */
export const suspendVat = async (
  ports: LifecyclePorts,
  vatID: VatID,
  by: SuspensionRequester,
): Promise<CrankOutcome> => {
  const { state } = ports;
  if (!state.vats.isLive(vatID)) return emptyCrank;
  const present = state.suspensions.get(vatID);
  if (!present?.suspended && !isUnborn(ports, vatID)) {
    await endIncarnation(ports, vatID, { upgradeMessage: DEFAULT_MESSAGE, mayPanic: false });
  }
  // Whatever the vat had failed at, and was to come of it, counts no more.
  state.suspensions.set(vatID, {
    suspended: true,
    ...pauseOf(present),
    paused: true,
    requested: jointly(present?.requested, by),
    sinceCrank: present?.sinceCrank ?? state.crankNumber,
  });
  return { kind: 'done', policy: crankComplete() };
};

/** The report of a restart was made before: this start is in the console and the slog. */
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

const fates = { panic: 'panic', terminate: 'terminated', suspend: 'suspended' } as const;

/** The start failed and is undone. The host chose the vat's fate when it suspended the vat. */
const failedToStart = (
  ports: LifecyclePorts,
  vatID: VatID,
  { onFailure, sinceCrank }: Suspension,
  end: Termination,
  event: UndoneEvent,
): CrankOutcome => {
  const { state } = ports;
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
      return { kind: 'panic', policy, vatID, cause };
    }
    case 'terminate':
      return { kind: 'failed', policy, event, end, bill: undefined };
    case 'suspend': {
      const instead = () =>
        state.suspensions.set(vatID, { suspended: true, paused: true, error, sinceCrank });
      return { kind: 'undone', policy, event, vatID, instead };
    }
    default:
      return fate satisfies never;
  }
};

/** What the start of a suspended vat came to. */
export type SuspendedStart =
  | { readonly kind: 'started'; readonly result: Completed | Exited }
  | { readonly kind: 'failed'; readonly outcome: CrankOutcome };

/**
 * Starts the next incarnation of a suspended vat, on the current platform.
 *
 * @param event - what becomes of the crank's event if the start fails
 */
export const startSuspendedVat = async (
  ports: LifecyclePorts,
  vatID: VatID,
  present: Suspension,
  event: UndoneEvent,
): Promise<SuspendedStart> => {
  const { state } = ports;
  const delivery = { chargeMeter: false };
  const { start } = await replaceIncarnation(ports, vatID, { delivery });
  if (start.kind === 'failed') {
    return { kind: 'failed', outcome: failedToStart(ports, vatID, present, start.end, event) };
  }
  noteLateStart(ports, vatID, start.kind === 'exited' ? 'terminated' : 'started');
  state.suspensions.clear(vatID);
  return { kind: 'started', result: start };
};

/**
 * Brings a suspended or paused vat back; what waits follows. A failure is recorded. Does nothing
 * where it is not the caller's to decide.
 */
export const resumeVat = async (
  ports: LifecyclePorts,
  vatID: VatID,
  by: SuspensionRequester,
): Promise<CrankOutcome> => {
  const { state } = ports;
  const present = state.vats.isLive(vatID) ? state.suspensions.get(vatID) : undefined;
  if (!present || !mayLift(present, by)) return emptyCrank;
  if (present.suspended && !isUnborn(ports, vatID)) {
    const start = await startSuspendedVat(ports, vatID, present, 'dropped');
    return start.kind === 'failed' ? start.outcome : outcomeOf(vatID, start.result);
  }
  state.suspensions.clear(vatID);
  return { kind: 'done', policy: crankComplete() };
};

/** Sets deliveries aside; the incarnation stays. @throws VatStateError for a vat that is gone. */
export const pauseVat = (state: KernelState, vatID: VatID, by: SuspensionRequester): void => {
  if (!state.vats.isLive(vatID)) throw new VatStateError(vatID, 'does not exist');
  const present = state.suspensions.get(vatID);
  state.suspensions.set(vatID, {
    ...present,
    suspended: present?.suspended ?? false,
    paused: true,
    pauseRequested: jointly(present?.pauseRequested, by),
    sinceCrank: present?.sinceCrank ?? state.crankNumber,
  });
};

/**
 * Lets what waits go on. A vat that is suspended as well starts with its first delivery.
 *
 * @returns false: it is not the caller's to decide, and nothing happens
 * @throws VatStateError for a vat that is gone
 */
export const unpauseVat = (state: KernelState, vatID: VatID, by: SuspensionRequester): boolean => {
  if (!state.vats.isLive(vatID)) throw new VatStateError(vatID, 'does not exist');
  const present = state.suspensions.get(vatID);
  if (!mayLift(present, by)) return false;
  if (!present) return true;
  const { requested: _suspension, pauseRequested: _pause, ...kept } = present;
  state.suspensions.set(vatID, { ...kept, paused: false });
  return true;
};
