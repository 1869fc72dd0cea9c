/** The snapshot that is due after so many deliveries; the vat brings out its dead before it. */
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import { HeapNotWrittenError } from '../../workers/errors.js';
import type { VatWarehouse } from '../../workers/types.js';
import { deliverToVat, type DeliverPorts } from '../delivery/deliver.js';
import type { CrankOutcome } from '../delivery/outcome.js';
import type { WorkerDeathPolicy } from '../../types/policies.js';

export interface SnapshotPorts extends DeliverPorts {
  readonly state: KernelState;
  readonly warehouse: Pick<VatWarehouse, 'deliver' | 'isSnapshotDue' | 'saveSnapshot'>;
  readonly onWorkerDeath: WorkerDeathPolicy;
}

/**
 * Saves a snapshot; true if there is one now. That the engine can't write it may be so on this
 * machine only, so it counts as a death of the worker: where the host says that all replicas go on
 * alike, they go on without it, and a row says when the next one is due.
 *
 * @throws HeapNotWrittenError unless `onWorkerDeath` is `terminate`
 */
export const saveSnapshot = async (
  { state, warehouse, onWorkerDeath }: SnapshotPorts,
  vatID: VatID,
): Promise<boolean> => {
  try {
    const isSaved = await warehouse.saveSnapshot(vatID);
    if (isSaved) state.vats.setSnapshotFailure(vatID, undefined);
    return isSaved;
  } catch (error) {
    if (!(error instanceof HeapNotWrittenError) || onWorkerDeath === 'panic') throw error;
    state.vats.setSnapshotFailure(vatID, error.snapPos);
    return false;
  }
};

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
  const reaped = await deliverToVat(ports, vatID, ['bringOutYourDead']);
  if (reaped.terminate) return reaped;
  await saveSnapshot(ports, vatID);
  return undefined;
};
