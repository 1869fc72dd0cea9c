/** Summarizes what a swingstore holds, without starting a kernel. */
import { readEpochLedger } from '../platform-epoch/ledger.js';
import type { PlatformEpochRecord } from '../types/platform-epoch.js';
import { sleepingVats } from '../kernel/cranks/sleepers.js';
import { KernelState } from '../state/kernel-state.js';
import { isPaused, isSuspended } from '../types/vat-service.js';
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

const summarizeVats = (
  kernelStorage: Pick<KernelStorage, 'transcriptStore' | 'snapStore'>,
  { vats, services }: Pick<KernelState, 'vats' | 'services'>,
): readonly VatSummary[] => {
  const dynamic = new Set(vats.dynamicIDs());
  return vats.allIDs().map(vatID => {
    const { name, workerOptions } = vats.getOptions(vatID);
    const bounds = kernelStorage.transcriptStore.getCurrentSpanBounds(vatID);
    const service = services.get(vatID);
    return {
      vatID,
      name,
      dynamic: dynamic.has(vatID),
      worker: workerOptions.type,
      incarnation: bounds.incarnation,
      position: bounds.endPos,
      hasSnapshot: kernelStorage.snapStore.getSnapshotInfo(vatID) !== undefined,
      state: describeState(isSuspended(service), isPaused(service)),
      error: isSuspended(service) ? service.error : undefined,
    };
  });
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
