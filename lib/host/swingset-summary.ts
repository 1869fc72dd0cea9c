/** Summarizes what a swingstore holds, without starting a kernel. */
import { readEpochLedger } from '../platform-epoch/ledger.js';
import type { PlatformEpochRecord } from '../types/platform-epoch.js';
import { sleepingVats } from '../kernel/cranks/sleepers.js';
import { KernelState } from '../state/kernel-state.js';
import { isPaused, isSuspended } from '../types/vat-service.js';
import type { VatRecords } from '../store/committed-reader.js';
import type { KernelStorage } from '../store/types.js';
import type { VatID } from '../types/ids.js';

export interface VatSummary {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly dynamic: boolean;
  readonly worker: 'xsnap' | 'local';
  readonly incarnation: number;
  /** The next position in the vat's transcript, which spans all its incarnations. */
  readonly position: number;
  readonly hasSnapshot: boolean;
  readonly state: 'running' | 'suspended' | 'paused' | 'suspended, paused';
  readonly error: string | undefined;
}

export interface SwingsetSummary {
  readonly crankNumber: number;
  readonly activityhash: string;
  readonly queued: number;
  readonly ledger: readonly PlatformEpochRecord[];
  readonly vats: readonly VatSummary[];
  /** While a rolling restart has vats left to start: how many slept at first, and still do. */
  readonly rolling?: { readonly total: number; readonly sleeping: number };
}

const describeState = (suspended: boolean, paused: boolean): VatSummary['state'] => {
  if (suspended) return paused ? 'suspended, paused' : 'suspended';
  return paused ? 'paused' : 'running';
};

/** @param vatID - a live vat */
export const summarizeVat = (
  vatID: VatID,
  { vats, services }: Pick<KernelState, 'vats' | 'services'>,
  { currentSpan, hasSnapshot }: VatRecords,
): Omit<VatSummary, 'dynamic'> => {
  const { name, workerOptions } = vats.getOptions(vatID);
  const { incarnation, endPos } = currentSpan(vatID);
  const service = services.get(vatID);
  return {
    vatID,
    name,
    worker: workerOptions.type,
    incarnation,
    position: endPos,
    hasSnapshot: hasSnapshot(vatID),
    state: describeState(isSuspended(service), isPaused(service)),
    error: isSuspended(service) ? service.error : undefined,
  };
};

const summarizeVats = (
  { transcriptStore, snapStore }: Pick<KernelStorage, 'transcriptStore' | 'snapStore'>,
  state: KernelState,
): readonly VatSummary[] => {
  const dynamic = new Set(state.vats.dynamicIDs());
  const records: VatRecords = {
    currentSpan: vatID => transcriptStore.getCurrentSpanBounds(vatID),
    hasSnapshot: vatID => snapStore.getSnapshotInfo(vatID) !== undefined,
  };
  return state.vats.allIDs().map(vatID => ({
    ...summarizeVat(vatID, state, records),
    dynamic: dynamic.has(vatID),
  }));
};

export const summarizeSwingset = (kernelStorage: KernelStorage): SwingsetSummary => {
  const state = new KernelState(kernelStorage);
  const rolling = state.platformEpochs.rolling();
  return {
    crankNumber: state.crankNumber,
    activityhash: state.getActivityhash(),
    queued: state.runQueue.length + state.acceptanceQueue.length,
    ledger: readEpochLedger(kernelStorage),
    vats: summarizeVats(kernelStorage, state),
    ...(rolling && { rolling: { ...rolling, sleeping: sleepingVats(state).length } }),
  };
};
