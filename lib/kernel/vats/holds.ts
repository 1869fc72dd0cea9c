/**
 * Who keeps a vat out of service: what the host asked for, only the host lifts; what an adminNode
 * asked for, both lift.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { SuspensionRequester, Suspension } from '../../state/suspensions.js';
import type { VatID } from '../../types/ids.js';

const isHeldByHost = ({ requested, pauseRequested }: Suspension): boolean =>
  requested === 'host' || pauseRequested === 'host';

/** Two ask for the same: it counts as asked for by the one who is harder to overrule. */
export const jointly = (
  before: SuspensionRequester | undefined,
  by: SuspensionRequester,
): SuspensionRequester => (before === 'host' ? before : by);

export const mayLift = (present: Suspension | undefined, by: SuspensionRequester): boolean =>
  by === 'host' || !present || !isHeldByHost(present);

/** The part of a suspension that lasts through the start of an incarnation. */
export const pauseOf = (
  present: Suspension | undefined,
): Pick<Suspension, 'paused' | 'pauseRequested'> => {
  const { pauseRequested } = present ?? {};
  return pauseRequested ? { paused: true, pauseRequested } : { paused: false };
};

/**
 * A suspended vat has started with new code. That brings it back, unless somebody paused it, or the
 * host suspended it and others upgraded it: then its incarnation is there, and deliveries wait.
 */
export const noteUpgrade = (state: KernelState, vatID: VatID): void => {
  const present = state.suspensions.get(vatID);
  // Static vats have no adminNodes: it was the host who asked for their upgrade.
  const byOthers = state.vats.dynamicIDs().includes(vatID);
  const isStillHeld = present?.requested === 'host' && byOthers;
  if (!present?.pauseRequested && !isStillHeld) {
    state.suspensions.clear(vatID);
    return;
  }
  const { sinceCrank, pauseRequested = 'host' } = present;
  state.suspensions.set(vatID, { suspended: false, paused: true, pauseRequested, sinceCrank });
};
