/**
 * Charges meters. Tells vat-admin once when a meter falls below its threshold.
 * Source: SwingSet docs `metering.md`.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { MeterID } from '../../types/ids.js';
import type { KernelQueue } from './messenger.js';

export interface MeteringPorts {
  readonly state: KernelState;
  readonly queue: KernelQueue;
}

/** Deducts computrons from a vat's meter, if it has one. Returns true if the meter underflowed. */
export const chargeMeter = (
  { state, queue }: MeteringPorts,
  meterID: MeterID | undefined,
  computrons: bigint | undefined,
): boolean => {
  if (meterID === undefined || computrons === undefined) return false;
  const { underflow, crossedThreshold } = state.meters.deduct(meterID, computrons);
  const root = state.getVatAdminRoot();
  if (crossedThreshold && root) {
    const { remaining } = state.meters.get(meterID);
    queue.callMethod(root, 'meterCrossedThreshold', [meterID, remaining]);
  }
  return underflow;
};
