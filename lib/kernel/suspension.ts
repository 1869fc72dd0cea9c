/**
 * Taking a vat out of service and back (design.md 1 and 4, Agoric/agoric-sdk #8955).
 *
 * A suspension ends the incarnation; a resumption starts the next one on the current platform and
 * then lets the wait queue go, in order. Pausing only sets deliveries aside.
 */
import type { VatID } from '../types/ids.js';
import type { KernelState } from '../state/kernel-state.js';
import { deliverToVat } from './deliver.js';
import { VatStateError } from './errors.js';
import { adoptCurrentPlatform, endIncarnation, startIncarnation } from './incarnation.js';
import { kunser } from './kmarshal.js';
import { emptyCrank, type CrankOutcome } from './outcome.js';
import { describeError, type LifecyclePorts } from './vat-lifecycle.js';

const DEFAULT_MESSAGE = 'vat suspended';

/** Ends the incarnation and sets all deliveries aside until `resumeVat`. */
export const suspendVat = async (ports: LifecyclePorts, vatID: VatID): Promise<CrankOutcome> => {
  const { state } = ports;
  if (!state.vats.isLive(vatID)) return emptyCrank;
  const present = state.suspensions.get(vatID);
  if (!present?.suspended) {
    const lastRites = await deliverToVat(ports, vatID, ['bringOutYourDead']);
    if (lastRites.terminate) return lastRites;
    await endIncarnation(ports, vatID, DEFAULT_MESSAGE);
    adoptCurrentPlatform(ports, vatID);
  }
  state.suspensions.set(vatID, {
    ...present,
    suspended: true,
    paused: true,
    sinceCrank: present?.sinceCrank ?? state.crankNumber,
  });
  return { policy: 'crankComplete' };
};

/** Starts the next incarnation of a suspended vat; what waits follows. A failure is recorded. */
export const resumeVat = async (ports: LifecyclePorts, vatID: VatID): Promise<CrankOutcome> => {
  const { state } = ports;
  const present = state.vats.isLive(vatID) ? state.suspensions.get(vatID) : undefined;
  if (!present) return emptyCrank;
  if (present.suspended) {
    adoptCurrentPlatform(ports, vatID);
    const outcome = await startIncarnation(ports, vatID, { chargeMeter: false });
    if (outcome.abort && outcome.terminate) {
      const error = describeError(kunser(outcome.terminate.info));
      return {
        policy: 'crankFailed',
        delivered: vatID,
        abort: 'consume',
        afterwards: () => state.suspensions.set(vatID, { ...present, paused: true, error }),
      };
    }
    state.suspensions.clear(vatID);
    return outcome;
  }
  state.suspensions.clear(vatID);
  return { policy: 'crankComplete' };
};

/** Sets deliveries aside; the incarnation stays. @throws VatStateError for a vat that is gone. */
export const pauseVat = (state: KernelState, vatID: VatID): void => {
  if (!state.vats.isLive(vatID)) throw new VatStateError(vatID, 'does not exist');
  const present = state.suspensions.get(vatID);
  state.suspensions.set(vatID, {
    ...present,
    suspended: present?.suspended ?? false,
    paused: true,
    sinceCrank: present?.sinceCrank ?? state.crankNumber,
  });
};

/** Lets what waits go on. A vat that is suspended as well starts with its first delivery. */
export const unpauseVat = (state: KernelState, vatID: VatID): void => {
  const present = state.suspensions.get(vatID);
  if (present) state.suspensions.set(vatID, { ...present, paused: false });
};
