/** The snapshot that is due after so many deliveries; the vat brings out its dead before it. */
import type { KernelState } from '../state/kernel-state.js';
import type { VatID } from '../types/ids.js';
import type { VatWarehouse } from '../workers/types.js';
import { deliverToVat, type DeliverPorts } from './deliver.js';
import type { CrankOutcome } from './outcome.js';

export interface SnapshotPorts extends DeliverPorts {
  readonly state: KernelState;
  readonly warehouse: Pick<VatWarehouse, 'deliver' | 'isSnapshotDue' | 'saveSnapshot'>;
}

/**
 * Saves a snapshot if one is due.
 *
 * @returns undefined, or what came of a vat that could not bring out its dead: then nothing is saved
 */
export const saveDueSnapshot = async (
  ports: SnapshotPorts,
  vatID: VatID,
): Promise<CrankOutcome | undefined> => {
  const { state, warehouse } = ports;
  if (state.suspensions.isSuspended(vatID) || !warehouse.isSnapshotDue(vatID)) return undefined;
  // The schedule is the kernel's, and so the vat's meter pays nothing for it.
  const lastRites = await deliverToVat(ports, vatID, ['bringOutYourDead']);
  if (lastRites.terminate) return lastRites;
  await warehouse.saveSnapshot(vatID);
  return undefined;
};
