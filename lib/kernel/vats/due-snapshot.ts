/** Saves snapshots of heaps. The vat gets a BOYD first. */
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
  readonly warehouse: Pick<VatWarehouse, 'deliver' | 'isSnapshotDue' | 'saveSnapshot' | 'heapSize'>;
}

const noteHeapSize = (state: KernelState, vatID: VatID, size: number | undefined): void => {
  if (size === undefined) return;
  const { first = size } = state.vats.getHeapSizes(vatID) ?? {};
  state.vats.setHeapSizes(vatID, { first, last: size });
};

/**
 * Saves a snapshot. Returns false if the worker type has none, or if the engine can't write the
 * heap. Another machine may be able to write it, so that failure counts as a death of the worker.
 * With the policy `terminate`, the vat goes on without the snapshot, and a row says when the next
 * one is due.
 *
 * @throws HeapNotWrittenError unless `onWorkerDeath` is `terminate`
 */
const save = async (
  { state, warehouse, onWorkerDeath }: SnapshotPorts,
  vatID: VatID,
): Promise<boolean> => {
  try {
    const isSaved = await warehouse.saveSnapshot(vatID);
    if (isSaved) {
      state.vats.setSnapshotFailure(vatID, undefined);
      noteHeapSize(state, vatID, warehouse.heapSize(vatID));
    }
    return isSaved;
  } catch (error) {
    if (!(error instanceof HeapNotWrittenError) || onWorkerDeath === 'panic') throw error;
    state.vats.setSnapshotFailure(vatID, error.snapPos);
    return false;
  }
};

export interface SnapshotResult {
  /** What the vat did at its BOYD. */
  readonly result: DeliveryResult;
  readonly isSaved: boolean;
}

/** Saves a snapshot after a BOYD, unless the vat fails or exits at it. Its meter pays nothing. */
export const saveSnapshot = async (ports: SnapshotPorts, vatID: VatID): Promise<SnapshotResult> => {
  const result = await deliverToVat(ports, vatID, ['bringOutYourDead']);
  if (result.kind !== 'completed') return { result, isSaved: false };
  const isSaved = await orLost(ports, () => save(ports, vatID));
  return isSaved === 'lost'
    ? { result: failure(vatID, WORKER_LOST), isSaved: false }
    : { result, isSaved };
};

/**
 * Saves a snapshot of an incarnation if one is due.
 *
 * @returns what the vat did, if it failed or exited at its BOYD
 */
export const saveDueSnapshot = async (
  ports: SnapshotPorts,
  vatID: VatID,
): Promise<Exited | Failed | undefined> => {
  if (!ports.warehouse.isSnapshotDue(vatID)) return undefined;
  const { result } = await saveSnapshot(ports, vatID);
  return result.kind === 'completed' ? undefined : result;
};

const saveAfter = async (
  ports: SnapshotPorts,
  vatID: VatID,
  outcome: CrankOutcome,
): Promise<CrankOutcome> => {
  const lost = await saveDueSnapshot(ports, vatID);
  return lost ? outcomeOf(vatID, lost) : outcome;
};

/** Saves the snapshot that may be due after the crank's delivery. */
export const withDueSnapshot = (
  ports: SnapshotPorts,
  outcome: CrankOutcome,
): CrankOutcome | Promise<CrankOutcome> => {
  if (outcome.kind !== 'done' || outcome.snapshotOf === undefined) return outcome;
  const { snapshotOf: vatID } = outcome;
  const { state, warehouse } = ports;
  return state.services.isSuspended(vatID) || !warehouse.isSnapshotDue(vatID)
    ? outcome
    : saveAfter(ports, vatID, outcome);
};
