/** The platform that a vat's worker runs on, and short names for platforms. */
import { sha256Hex } from '../store/hash.js';
import type { BundleID } from '../types/ids.js';
import type { PlatformFingerprint } from '../types/platform-epoch.js';
import type { WorkerOptions } from '../types/vat-options.js';

/** What tells one platform from another: versions and bundles, equal on all replicas. */
export interface PlatformParts {
  /** Null for vats of SwingSet, which doesn't record it. */
  readonly engine: string | null;
  readonly lockdown: BundleID | null;
  readonly supervisor: BundleID | null;
  readonly imageBundles: readonly BundleID[];
  readonly serveImportBundle: boolean;
}

export interface NamedPlatform extends PlatformParts {
  /** Eight hex digits of the parts' SHA-256: vats with the same one run on the same platform. */
  readonly id: string;
}

export interface XsnapPlatform extends NamedPlatform {
  readonly worker: 'xsnap';
  /** SHA-256 of the platform image that the incarnation started from; null if it had none. */
  readonly imageID: string | null;
}

/** A `local` vat runs in the kernel's own process, whatever that is. */
export type VatPlatformDetail = { readonly worker: 'local' } | XsnapPlatform;

const nameIt = (parts: PlatformParts): NamedPlatform => {
  const { engine, lockdown, supervisor, imageBundles, serveImportBundle } = parts;
  const text = JSON.stringify([engine, lockdown, supervisor, imageBundles, serveImportBundle]);
  return { id: sha256Hex(text).slice(0, 8), ...parts };
};

/** Of an epoch of the ledger, or of this installation. */
export const platformOfFingerprint = ({
  engine,
  lockdown,
  supervisor,
  imageBundles,
  serveImportBundle,
}: PlatformFingerprint): NamedPlatform =>
  nameIt({ engine, lockdown, supervisor, imageBundles, serveImportBundle });

/** A vat between incarnations has the platform that its next one starts on. */
export const platformOfWorker = (options: WorkerOptions): VatPlatformDetail => {
  if (options.type === 'local') return { worker: 'local' };
  const { engine = null, bundleIDs, imageBundles = [], serveImportBundle = false } = options;
  const [lockdown = null, supervisor = null] = bundleIDs;
  const named = nameIt({ engine, lockdown, supervisor, imageBundles, serveImportBundle });
  return { worker: 'xsnap', ...named, imageID: options.imageID ?? null };
};
