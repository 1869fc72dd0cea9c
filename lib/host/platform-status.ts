/** What this installation offers vats to run on, what the store records, and what its vats run on. */
import { OWN } from '../platform/choices.js';
import { comparePlatforms, type PlatformDifference } from '../platform/compare-platforms.js';
import { loadPlatform } from '../platform/load-platform.js';
import { KernelState } from '../state/kernel-state.js';
import type { KernelStorage } from '../store/types.js';
import type { VatID } from '../types/ids.js';
import type {
  PlatformChoice,
  PlatformEpoch,
  PlatformEpochRecord,
  PlatformKind,
} from '../types/platform-epoch.js';
import { planEpochBoot, type RefusedPlan } from './plan-epoch.js';
import {
  platformOfFingerprint,
  platformOfWorker,
  type NamedPlatform,
  type VatPlatformDetail,
} from './vat-platform.js';

/** Vats that run on one platform. */
export interface PlatformGroup {
  readonly platform: { readonly worker: 'local' } | (NamedPlatform & { readonly worker: 'xsnap' });
  /** SHA-256 of the images that their incarnations started from. */
  readonly images: readonly { readonly imageID: string; readonly isInStore: boolean }[];
  /** Live vats, by number. Those between incarnations start on this platform. */
  readonly vats: readonly VatID[];
}

export interface PlatformStatus {
  /** What new incarnations would run on if a boot passed no other options. */
  readonly installed: NamedPlatform & { readonly kind: PlatformKind };
  /** Of the last epoch; null for a store older than epochs. */
  readonly recorded:
    | (NamedPlatform & {
        readonly kind: PlatformKind;
        readonly epoch: PlatformEpoch;
        readonly status: PlatformEpochRecord['status'];
      })
    | null;
  /** How the installed platform differs from the recorded one. */
  readonly changes: readonly PlatformDifference[];
  readonly groups: readonly PlatformGroup[];
  /** A boot without a new epoch. */
  readonly boot:
    RefusedPlan | { readonly decision: 'accepted'; readonly warnings: readonly string[] };
}

const choiceOf = (record: PlatformEpochRecord | undefined): PlatformChoice => {
  if (!record) return OWN;
  const { platform, imageBundles, serveImportBundle } = record.fingerprint;
  return { platform, imageBundles, serveImportBundle };
};

const groupVats = (
  { vats }: KernelState,
  { imageStore }: KernelStorage,
): readonly PlatformGroup[] => {
  const groups = new Map<
    string,
    { platform: VatPlatformDetail; images: Set<string>; vats: VatID[] }
  >();
  for (const vatID of vats.allIDs()) {
    const platform = platformOfWorker(vats.getOptions(vatID).workerOptions);
    const key = platform.worker === 'local' ? 'local' : platform.id;
    const group = groups.get(key) ?? { platform, images: new Set(), vats: [] };
    groups.set(key, group);
    group.vats.push(vatID);
    if (platform.worker === 'xsnap' && platform.imageID !== null)
      group.images.add(platform.imageID);
  }
  return [...groups.values()].map(({ platform, images, vats: vatIDs }) => {
    const shared =
      platform.worker === 'local' ? platform : (({ imageID: _own, ...rest }) => rest)(platform);
    return {
      platform: shared,
      images: [...images].map(imageID => ({ imageID, isInStore: imageStore.has(imageID) })),
      vats: vatIDs,
    };
  });
};

/** @param kernelStorage - with a swingset; it may be open for reading only */
export const readPlatformStatus = async (kernelStorage: KernelStorage): Promise<PlatformStatus> => {
  const state = new KernelState(kernelStorage);
  const last = state.platformEpochs.ledger().at(-1);
  const { fingerprint } = await loadPlatform(choiceOf(last));
  const plan = await planEpochBoot(kernelStorage, last ? { platformEpoch: last.epoch } : {});
  return {
    installed: { ...platformOfFingerprint(fingerprint), kind: fingerprint.platform },
    recorded: last
      ? {
          ...platformOfFingerprint(last.fingerprint),
          kind: last.fingerprint.platform,
          epoch: last.epoch,
          status: last.status,
        }
      : null,
    changes: last ? comparePlatforms(last.fingerprint, fingerprint) : [],
    groups: groupVats(state, kernelStorage),
    boot: plan.decision === 'refused' ? plan : { decision: 'accepted', warnings: plan.warnings },
  };
};
