/** Summarizes what a swingstore holds, without starting a kernel. */
import { readEpochLedger } from '../platform-epoch/ledger.js';
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';
import { countDueEvents, vatsWithHeldEvents } from '../kernel/cranks/due-events.js';
import { rollingProgress } from '../kernel/cranks/sleepers.js';
import { KernelState } from '../state/kernel-state.js';
import { isPaused, isSuspended, type StoredService } from '../types/vat-service.js';
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
  /** Why it is out of service, since which crank, and who asked; null while it is in service. */
  readonly service: StoredService | null;
  /** The platform epoch that the store had reached when the vat went out of service, if any. */
  readonly sinceEpoch: PlatformEpoch | undefined;
  /** Events set aside for the vat while it was paused. Those in the run-queue are not counted. */
  readonly waiting: number;
}

export interface SwingsetSummary {
  readonly crankNumber: number;
  readonly activityhash: string;
  /** Events that a run would deliver. Those that wait for paused vats are not among them. */
  readonly queued: number;
  /** Events that no run delivers, because their vats are paused. */
  readonly waiting: number;
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
): Omit<VatSummary, 'dynamic' | 'service' | 'sinceEpoch' | 'waiting'> => {
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

/**
 * The last epoch that had begun when the vat went out of service. An epoch begins with a restart,
 * before the next crank: somebody who asked at that crank number did so before it.
 */
const epochOf = (
  ledger: readonly PlatformEpochRecord[],
  { type, sinceCrank }: StoredService,
): PlatformEpoch | undefined => {
  const byRestart = type === 'failed' || type === 'sleeping';
  return ledger.findLast(({ startedAtCrank }) =>
    byRestart ? startedAtCrank <= sinceCrank : startedAtCrank < sinceCrank,
  )?.epoch;
};

const summarizeService = (
  vatID: VatID,
  { services, waiting }: Pick<KernelState, 'services' | 'waiting'>,
  ledger: readonly PlatformEpochRecord[],
): Pick<VatSummary, 'service' | 'sinceEpoch' | 'waiting'> => {
  const service = services.get(vatID);
  const isIn = service.type === 'in-service';
  return {
    service: isIn ? null : service,
    sinceEpoch: isIn ? undefined : epochOf(ledger, service),
    waiting: waiting.count(vatID),
  };
};

/** @param vatIDs - live vats. Default: all */
export const summarizeVats = (
  { transcriptStore, snapStore }: Pick<KernelStorage, 'transcriptStore' | 'snapStore'>,
  state: KernelState,
  ledger: readonly PlatformEpochRecord[],
  vatIDs: readonly VatID[] = state.vats.allIDs(),
): readonly VatSummary[] => {
  const dynamic = new Set(state.vats.dynamicIDs());
  const records: VatRecords = {
    currentSpan: vatID => transcriptStore.getCurrentSpanBounds(vatID),
    hasSnapshot: vatID => snapStore.getSnapshotInfo(vatID) !== undefined,
  };
  return vatIDs.map(vatID => ({
    ...summarizeVat(vatID, state, records),
    dynamic: dynamic.has(vatID),
    ...summarizeService(vatID, state, ledger),
  }));
};

export const summarizeSwingset = (kernelStorage: KernelStorage): SwingsetSummary => {
  const state = new KernelState(kernelStorage);
  const rolling = rollingProgress(state);
  const ledger = readEpochLedger(kernelStorage);
  const vats = summarizeVats(kernelStorage, state, ledger);
  return {
    crankNumber: state.crankNumber,
    activityhash: state.getActivityhash(),
    queued: countDueEvents(state),
    waiting: vatsWithHeldEvents(state).reduce((sum, vatID) => sum + state.waiting.count(vatID), 0),
    ledger,
    vats,
    ...(rolling && { rolling }),
  };
};
