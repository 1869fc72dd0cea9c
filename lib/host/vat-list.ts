/** The live vats of a store, with what tells an operator which of them need attention. */
import { readEpochLedger } from '../platform-epoch/ledger.js';
import { KernelState } from '../state/kernel-state.js';
import { isPaused, isSuspended, type VatService } from '../types/vat-service.js';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import type { KernelStorage } from '../store/types.js';
import { epochOfVat } from './epoch-of-vat.js';
import { summarizeVats, type VatSummary } from './swingset-summary.js';
import {
  platformOfFingerprint,
  platformOfWorker,
  type NamedPlatform,
  type VatPlatformDetail,
} from './vat-platform.js';

export interface ListedVat extends VatSummary {
  readonly critical: boolean;
  /** Of the platform that it runs on; null between incarnations and in a store without epochs. */
  readonly platformEpoch: PlatformEpoch | null;
  readonly platform: VatPlatformDetail;
  /** Whether its platform is another than that of the last epoch. */
  readonly isBehind: boolean;
}

/** In the order of the vats' numbers. Reads no c-lists. */
export const listVats = (storage: KernelStorage): readonly ListedVat[] => {
  const state = new KernelState(storage);
  const ledger = readEpochLedger(storage);
  const last = ledger.at(-1);
  const current: NamedPlatform | undefined = last && platformOfFingerprint(last.fingerprint);
  return summarizeVats(storage, state, ledger).map(vat => {
    const { critical, workerOptions } = state.vats.getOptions(vat.vatID);
    const platform = platformOfWorker(workerOptions);
    return {
      ...vat,
      critical,
      platformEpoch: epochOfVat(state, ledger, vat.vatID) ?? null,
      platform,
      isBehind: platform.worker === 'xsnap' && current !== undefined && platform.id !== current.id,
    };
  });
};

/**
 * What filters call the states of vats: see `lib/types/vat-service.ts`. `suspended` includes the last
 * three, and a vat may be suspended and paused.
 */
export const VAT_STATES = [
  'running',
  'out-of-service',
  'suspended',
  'paused',
  'sleeping',
  'failed',
  'held',
] as const;

export type VatStateFilter = (typeof VAT_STATES)[number];

export interface VatFilter {
  readonly state?: VatStateFilter;
  readonly kind?: 'static' | 'dynamic';
  readonly worker?: 'xsnap' | 'local';
  /** A part of the name. */
  readonly name?: string;
  /** Only vats for which events wait. */
  readonly waiting?: boolean;
  /** Only vats on another platform than the last epoch's. */
  readonly behind?: boolean;
}

const isInState = (service: VatService, state: VatStateFilter): boolean => {
  switch (state) {
    case 'running':
      return service.type === 'in-service';
    case 'out-of-service':
      return service.type !== 'in-service';
    case 'suspended':
      return isSuspended(service);
    case 'paused':
      return isPaused(service);
    case 'sleeping':
    case 'failed':
    case 'held':
      return service.type === state;
    default:
      return state satisfies never;
  }
};

/** All conditions that are given must hold. */
export const matchesFilter = (
  { service, dynamic, worker, name, waiting, isBehind }: ListedVat,
  filter: VatFilter,
): boolean =>
  (filter.state === undefined || isInState(service ?? { type: 'in-service' }, filter.state)) &&
  (filter.kind === undefined || dynamic === (filter.kind === 'dynamic')) &&
  (filter.worker === undefined || worker === filter.worker) &&
  (filter.name === undefined || (name ?? '').includes(filter.name)) &&
  (!filter.waiting || waiting > 0) &&
  (!filter.behind || isBehind);
