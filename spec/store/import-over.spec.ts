/** An import over a store leaves nothing of the store that was there. */
import { expect } from 'chai';
import type { ExportChange } from '../../lib/store/export-log.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import type { ImportSource } from '../../lib/store/import-steps.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { useTempDirs } from './support/dirs.js';
import { importInto, makeScriptedStore } from './support/made-stores.js';

describe('an import over a store', () => {
  const tempDir = useTempDirs();

  const makeStore = (): Promise<string> => makeScriptedStore(tempDir());
  const empty: ImportSource = {
    getExportData: () => [],
    getArtifactNames: () => [],
    getArtifact: () => [],
  };

  it('has the checksum of the new rows', async () => {
    const [source, target] = [await makeStore(), await makeStore()];
    await importInto(target, makeSwingStoreExporter(source));
    expect((await verifyStore(target)).problems).to.deep.equal([]);
    // Deletes rows, and adds none.
    await importInto(target, empty);
    expect((await verifyStore(target)).problems).to.deep.equal([]);
  });

  it('tells the host nothing of what it was not told of the old store', async () => {
    const source = await makeStore();
    const target = tempDir();
    const told: ExportChange[] = [];
    const exportCallback = (changes: ExportChange[]) => void told.push(...changes);
    const { kernelStorage, hostStorage } = initSwingStore(target, { exportCallback });
    kernelStorage.deferExports();
    kernelStorage.kvStore.set('old', '1');
    await hostStorage.commit();
    await hostStorage.close();
    await importInto(target, makeSwingStoreExporter(source), { exportCallback });
    expect(told).to.deep.equal([]);
    expect((await verifyStore(target)).problems).to.deep.equal([]);
  });
});
