/** Snapshots of heaps, when the schedule asks for one; the vat brings out its dead before it. */
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import { HeapNotWrittenError } from '../../workers/errors.js';
import type { VatWarehouse } from '../../workers/types.js';
import { deliverToVat, type DeliverPorts } from '../delivery/deliver.js';
import {
  failure,
  outcomeOf,
  type CrankOutcome,
  type DeliveryResult,
  type Exited,
  type Failed,
} from '../delivery/outcome.js';
import { orLost, WORKER_LOST } from '../delivery/worker-loss.js';

export interface SnapshotPorts extends DeliverPorts {
  readonly state: KernelState;
  readonly warehouse: Pick<VatWarehouse, 'deliver' | 'isSnapshotDue' | 'saveSnapshot'>;
}

/**
 * Saves a snapshot; false if the worker type has none or the engine can't write the heap. The latter
 * may be so on this machine only, so it counts as a death of the worker: where the host says that all
 * replicas go on alike, they go on without it, and a row says when the next one is due.
 *
 * @throws HeapNotWrittenError unless `onWorkerDeath` is `terminate`
 */
const save = async (
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

export interface SnapshotResult {
  /** What the vat did at its bringOutYourDead. */
  readonly result: DeliveryResult;
  readonly isSaved: boolean;
}

/** Nothing is saved of a vat that can't bring out its dead. Its meter pays nothing for it. */
export const saveSnapshot = async (ports: SnapshotPorts, vatID: VatID): Promise<SnapshotResult> => {
  const result = await deliverToVat(ports, vatID, ['bringOutYourDead']);
  if (result.kind !== 'completed') return { result, isSaved: false };
  const isSaved = await orLost(ports, () => save(ports, vatID));
  return isSaved === 'lost'
    ? { result: failure(vatID, WORKER_LOST), isSaved: false }
    : { result, isSaved };
};

/**
 * Saves a snapshot if one is due.
 *
 * @returns the end of a vat that could not bring out its dead
 */
export const saveDueSnapshot = async (
  ports: SnapshotPorts,
  vatID: VatID,
): Promise<Exited | Failed | undefined> => {
  const { state, warehouse } = ports;
  if (state.suspensions.isSuspended(vatID) || !warehouse.isSnapshotDue(vatID)) return undefined;
  const { result } = await saveSnapshot(ports, vatID);
  return result.kind === 'completed' ? undefined : result;
};

/** The outcome of a crank, after the snapshot that may be due now. */
export const withDueSnapshot = async (
  ports: SnapshotPorts,
  outcome: CrankOutcome,
): Promise<CrankOutcome> => {
  if (outcome.kind !== 'done' || outcome.snapshotOf === undefined) return outcome;
  const lost = await saveDueSnapshot(ports, outcome.snapshotOf);
  return lost ? outcomeOf(outcome.snapshotOf, lost) : outcome;
};
