/** A whole store out of an export, complete or not there. */
import type { ArtifactMode } from './artifact-mode.js';
import type { ExportDirectory } from './export-directory.js';
import { HEIGHT_KEY } from './export-manifest.js';
import { importSwingStore } from './importer.js';
import type { ImportProgress } from './importer.js';
import { buildStore } from './staging.js';

export interface BuildFromExportOptions {
  /** Default: that of the export, or else `operational`. */
  readonly artifactMode?: ArtifactMode | undefined;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Ends the import with the signal's reason; the target is as before. */
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
 * Makes the store in `dirPath`, which is absent or empty, with the export's block height as the
 * host's (`host.height`), as hosts of swing-store do.
 * @throws StoreImportError, ExportDirectoryError, NotASwingStoreError, StoreLockedError, StoreIOError
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
      // What is not complete is thrown away; what is gets synced before it is moved into place.
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
