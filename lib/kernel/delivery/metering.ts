/**
 * Charges meters. Tells vat-admin once when a meter falls below its threshold.
 * Source: SwingSet docs `metering.md`.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import type { Messenger } from './messenger.js';
import type { Bill } from './outcome.js';

export interface MeteringPorts {
  readonly state: KernelState;
  readonly queue: Messenger;
}

/** Deducts computrons from the vat's meter. Returns true if the meter underflowed. */
export const payBill = (
  { state, queue }: MeteringPorts,
  { meterID, computrons }: Bill,
): boolean => {
  const { underflow, crossedThreshold } = state.meters.deduct(meterID, computrons);
  const root = state.getVatAdminRoot();
  if (crossedThreshold && root) {
    const { remaining } = state.meters.get(meterID);
    queue.callMethod(root, 'meterCrossedThreshold', [meterID, remaining]);
  }
  return underflow;
};

/** Undefined for a vat without a meter, and for a delivery whose computrons nobody counted. */
export const makeBill = (
  { state }: Pick<MeteringPorts, 'state'>,
  vatID: VatID,
  computrons: bigint | undefined,
): Bill | undefined => {
  const { meterID } = state.vats.getOptions(vatID);
  return meterID === undefined || computrons === undefined ? undefined : { meterID, computrons };
};
