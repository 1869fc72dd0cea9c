/**
 * What vats pay for. A meter that falls below its threshold is told of to vat-admin, once.
 * Source: SwingSet docs `metering.md`.
 */
import type { KernelState } from '../state/kernel-state.js';
import type { MeterID, VatID } from '../types/ids.js';
import type { KernelQueue } from './kernel-queue.js';

export interface MeteringPorts {
  readonly state: KernelState;
  readonly queue: KernelQueue;
}

/** Takes computrons from a meter. @returns whether there were too few of them */
export const chargeMeter = (
  { state, queue }: MeteringPorts,
  meterID: MeterID,
  computrons: bigint,
): boolean => {
  const { underflow, crossedThreshold } = state.meters.deduct(meterID, computrons);
  const root = state.getVatAdminRoot();
  if (crossedThreshold && root) {
    const { remaining } = state.meters.get(meterID);
    queue.callMethod(root, 'meterCrossedThreshold', [meterID, remaining]);
  }
  return underflow;
};

/** Takes computrons from the vat's meter, if it has one. */
export const chargeVat = (
  ports: MeteringPorts,
  vatID: VatID,
  computrons: bigint | undefined,
): void => {
  const { meterID } = ports.state.vats.getOptions(vatID);
  if (meterID !== undefined && computrons !== undefined) chargeMeter(ports, meterID, computrons);
};
