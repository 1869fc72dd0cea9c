/** Keys and values that are empty, or hold NUL or unpaired surrogates, are the same wherever they are read. */
import * as swingStore from '@agoric/swing-store';
import { expect } from 'chai';
import { openCommittedReader } from '../../lib/store/committed-reader.js';
import { StoreImportError } from '../../lib/store/errors.js';
import type { ExportChange } from '../../lib/store/export-log.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { failureOf } from '../support/failure.js';
import { useTempDirs } from './support/dirs.js';
import { importInto } from './support/made-stores.js';

/** Stored as given. */
const PLAIN: readonly (readonly [string, string])[] = [
  ['', 'of the empty key'],
  ['a', ''],
  ['a\0', '\0'],
  ['a\0b', 'x\0y'],
  ['\uffee', '\u{1f5dd}'],
  ['\u{1f5dd}', '\uffee'],
];

describe('odd texts', () => {
  const tempDir = useTempDirs();

  const exportDataOf = async (
    dirPath: string,
    makeExporter = makeSwingStoreExporter,
  ): Promise<[string, string][]> => {
    const exporter = makeExporter(dirPath);
    const data: [string, string][] = [];
    for await (const [key, value] of exporter.getExportData()) data.push([key, value]);
    await exporter.close();
    return data;
  };
  const importEntries = (dirPath: string, entries: readonly ExportChange[]): Promise<void> =>
    importInto(dirPath, {
      getExportData: () => entries,
      getArtifactNames: () => [],
      getArtifact: () => [],
    });
  const problemsOf = async (dirPath: string) => (await verifyStore(dirPath)).problems;

  it('are in the export, as the host was told and as swing-store exports them', async () => {
    const dirPath = tempDir();
    const told: ExportChange[] = [];
    const { kernelStorage, hostStorage } = initSwingStore(dirPath, {
      exportCallback: changes => void told.push(...changes),
    });
    for (const [key, value] of PLAIN) kernelStorage.kvStore.set(key, value);
    await hostStorage.commit();
    await hostStorage.close();
    const data = await exportDataOf(dirPath);
    expect(data).to.deep.equal(PLAIN.map(([key, value]) => [`kv.${key}`, value]));
    expect(data).to.deep.equal(told);
    expect(data).to.deep.equal(
      await exportDataOf(
        dirPath,
        swingStore.makeSwingStoreExporter as typeof makeSwingStoreExporter,
      ),
    );
    const copy = tempDir();
    await importEntries(copy, data);
    expect(await exportDataOf(copy)).to.deep.equal(data);
    expect([...(await problemsOf(dirPath)), ...(await problemsOf(copy))]).to.deep.equal([]);
  });

  it('with half a surrogate pair have U+FFFD in its place, in memory, in the file and in exports', async () => {
    const dirPath = tempDir();
    const told: ExportChange[] = [];
    const exportCallback = (changes: ExportChange[]) => void told.push(...changes);
    const first = initSwingStore(dirPath, { exportCallback });
    const { kvStore, transcriptStore } = first.kernelStorage;
    first.kernelStorage.deferExports();
    kvStore.set('a\ud800', 'x\udc00');
    first.hostStorage.kvStore.set('host.\ud800', '\ud800');
    transcriptStore.initTranscript('v1');
    transcriptStore.addItem('v1', '"\ud800"');
    expect(kvStore.getNextKey('a')).to.equal('a\ufffd');
    expect(kvStore.getNextKey('a\ud800')).to.equal(undefined);
    await first.hostStorage.commit();
    await first.hostStorage.close();
    expect(await problemsOf(dirPath)).to.deep.equal([]);

    const reader = openCommittedReader(dirPath);
    expect(reader.get('a\ud800')).to.equal('x\ufffd');
    expect(reader.getNextKey('a\ud800')).to.equal('host.\ufffd');
    reader.close();
    const exporter = makeSwingStoreExporter(dirPath);
    expect(exporter.getHostKV('host.\ud800')).to.equal('\ufffd');
    await exporter.close();

    const second = openSwingStore(dirPath, { exportCallback });
    expect([...second.kernelStorage.transcriptStore.readSpan('v1')]).to.deep.equal(['"\ufffd"']);
    await second.hostStorage.commit();
    await second.hostStorage.close();
    const data = await exportDataOf(dirPath);
    expect(data[0]).to.deep.equal(['kv.a\ufffd', 'x\ufffd']);
    expect(told).to.deep.equal(data);
  });

  it('with half a surrogate pair in an export are imported as a store would have written them', async () => {
    const dirPath = tempDir();
    await importEntries(dirPath, [
      ['kv.a\ud800', 'x\udc00'],
      ['kv.b\ufffd', '1'],
      ['kv.b\ud800', null],
    ]);
    expect(await exportDataOf(dirPath)).to.deep.equal([['kv.a\ufffd', 'x\ufffd']]);
    expect(await problemsOf(dirPath)).to.deep.equal([]);
    const record = { vatID: 'v\ud800', snapPos: 1, hash: 'a'.repeat(64), inUse: 0 };
    const error = await failureOf(async () =>
      importEntries(tempDir(), [['snapshot.v\ud800.1', JSON.stringify(record)]]),
    );
    expect(error).to.be.instanceOf(StoreImportError);
  });
});
