/** Creates a store from an export. */
import { checkArgument, exporterArgument } from './arguments.js';
import type { DebugFacet } from './debug.js';
import { beginImport } from './import-steps.js';
import type { ImportOptions, ImportSource } from './import-steps.js';
import type { HostStorage } from './types.js';

/**
 * Replaces the store in `dirPath` with an export. The host's first commit makes the replacement
 * final: until then, and if the import fails, the directory keeps what it had. Closes the exporter.
 * Tells `exportCallback` nothing, because the host already has the export data.
 * @throws StoreImportError if data and artifacts contradict each other or lack something that the
 *   mode requires; BundleMismatchError; and what `openSwingStore` throws.
 */
export const importSwingStore = async (
  exporter: ImportSource,
  dirPath: string | null = null,
  options: ImportOptions = {},
): Promise<{ readonly hostStorage: HostStorage; readonly debug: DebugFacet }> => {
  checkArgument(
    'importSwingStore',
    exporterArgument('getExportData', 'getArtifactNames', 'getArtifact'),
    exporter,
  );
  const store = beginImport(dirPath, options);
  try {
    await store.addData(exporter.getExportData());
    await store.addArtifacts(exporter);
    await exporter.close?.();
    return { hostStorage: store.hostStorage, debug: store.debug };
  } catch (error) {
    await store.abandon();
    throw error;
  }
};
