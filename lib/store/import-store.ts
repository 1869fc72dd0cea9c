/** Creates a store from an export directory: a complete one or none. */
import type { ArtifactMode } from './artifact-mode.js';
import type { ExportDirectory } from './export-directory.js';
import { HEIGHT_KEY } from './export-manifest.js';
import { importSwingStore } from './importer.js';
import type { ImportProgress } from './import-steps.js';

import { buildStore } from './staging.js';

export interface BuildFromExportOptions {
  /** Default: the export's own mode, or `operational` if its manifest has none. */
  readonly artifactMode?: ArtifactMode | undefined;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Aborts the import with the signal's reason. The target is as before. */
  readonly signal?: AbortSignal | undefined;
}

export interface BuiltFromExport {
  readonly artifactMode: ArtifactMode;
  readonly entries: number;
  readonly artifacts: number;
  /** Bytes of artifacts, uncompressed. */
  readonly bytes: number;
}

/**
 * Creates a store in `dirPath`, which must be absent or empty. The export's block height becomes
 * the host's (`host.height`), as in hosts of swing-store.
 * @throws StoreImportError, ExportDirectoryError, NotASwingStoreError, StoreLockedError,
 *   StoreIOError
 */
export const importExportDirectory = async (
  source: ExportDirectory,
  dirPath: string,
  { artifactMode, onProgress, signal }: BuildFromExportOptions = {},
): Promise<BuiltFromExport> => {
  const { manifest } = source;
  const mode = artifactMode ?? manifest.artifactMode ?? 'operational';
  const counts = { entries: 0, artifacts: 0, bytes: 0 };
  await buildStore(dirPath, async staging => {
    const { hostStorage } = await importSwingStore(source, staging, {
      artifactMode: mode,
      // Safe: an incomplete store is discarded, and a complete one is synced before the move.
      unsafeFastMode: true,
      signal,
      onProgress: progress => {
        counts[progress.phase === 'data' ? 'entries' : 'artifacts'] = progress.count;
        counts.bytes = progress.bytes;
        onProgress?.(progress);
      },
    });
    try {
      if (manifest.blockHeight !== undefined) {
        hostStorage.kvStore.set(HEIGHT_KEY, `${manifest.blockHeight}`);
      }
      await hostStorage.commit();
    } finally {
      await hostStorage.close();
    }
  });
  return { artifactMode: mode, ...counts };
};
