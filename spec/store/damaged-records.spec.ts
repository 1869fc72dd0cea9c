/** Issue 10, section 7: whatever a damaged row of the store holds, whoever reads it says so with a code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { SwingsetError } from '../../lib/errors.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { pruneStore } from '../../lib/store/prune.js';
import { STORE_FILE } from '../../lib/store/schema.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { collectProblems } from '../support/attempts.js';
import { useTempDirs } from './support/dirs.js';
import { runCrankScript, runVatScript, scriptBundleID } from './support/script.js';

const columns = {
  kvStore: ['value'],
  bundles: ['bundleID', 'bundle'],
  snapshots: [
    'vatID',
    'snapPos',
    'inUse',
    'hash',
    'uncompressedSize',
    'compressedSize',
    'compressedSnapshot',
  ],
  transcriptSpans: ['vatID', 'startPos', 'endPos', 'hash', 'isCurrent', 'incarnation'],
  transcriptItems: ['vatID', 'position', 'item', 'incarnation'],
} as const;
/** Rows of a vat that has all of them. */
const rowOf = {
  kvStore: 'key = (SELECT min(key) FROM kvStore)',
  bundles: '1',
  snapshots: "vatID = 'v2' AND inUse = 1",
  transcriptSpans: "vatID = 'v2' AND isCurrent = 1",
  transcriptItems: "rowid = (SELECT max(rowid) FROM transcriptItems WHERE vatID = 'v2')",
} as const;
const values = ['NULL', "'x'", "''", '-1', '2.5', '1e300', '9007199254740993', "x'5b'", "x''"];

/** All that hosts, kernels and tools do with a store; gives what went wrong. */
const use = async (dirPath: string): Promise<unknown[]> => {
  const { problems, attempt } = collectProblems();
  await attempt(() => verifyStore(dirPath));
  await attempt(async () => {
    const exporter = makeSwingStoreExporter(dirPath, { artifactMode: 'debug' });
    await attempt(async () => {
      for await (const pair of exporter.getExportData()) expect(pair).to.have.length(2);
    });
    await attempt(async () => {
      for await (const name of exporter.getArtifactNames()) {
        await attempt(async () => {
          for await (const chunk of exporter.getArtifact(name)) void chunk;
        });
      }
    });
    await exporter.close();
  });
  await attempt(async () => {
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    const { kvStore, bundleStore, snapStore, transcriptStore } = kernelStorage;
    await attempt(() => {
      for (let key = kvStore.getNextKey(''); key !== undefined; key = kvStore.getNextKey(key)) {
        expect(kvStore.get(key)).to.be.a('string');
      }
    });
    await attempt(() => [...bundleStore.getBundleIDs()].map(id => bundleStore.getBundle(id)));
    await attempt(() => bundleStore.getBundle(scriptBundleID));
    await attempt(() => snapStore.getSnapshotInfo('v2'));
    await attempt(async () => {
      for await (const chunk of snapStore.loadSnapshot('v2')) void chunk;
    });
    await attempt(() => transcriptStore.getCurrentSpanBounds('v2'));
    await attempt(() => [...transcriptStore.readSpan('v2')]);
    await attempt(() => {
      transcriptStore.addItem('v2', '{}');
    });
    await attempt(() => transcriptStore.rolloverSpan('v2'));
    await attempt(() => {
      snapStore.deleteAllUnusedSnapshots();
    });
    await attempt(() => snapStore.deleteVatSnapshots('v2'));
    await attempt(() => transcriptStore.deleteVatTranscripts('v2'));
    await attempt(async () => hostStorage.commit());
    await attempt(async () => hostStorage.close());
  });
  await attempt(() => pruneStore(dirPath, { keepSpans: 'current', keepSnapshots: 'in-use' }));
  return problems;
};

describe('a damaged row of a store', () => {
  const tempDir = useTempDirs();

  it('is an error with a code, or harms nothing', async () => {
    const dirPath = tempDir();
    const file = join(dirPath, STORE_FILE);
    await initSwingStore(dirPath).hostStorage.close();
    const store = initSwingStore(null, { keepSnapshots: true });
    await runVatScript(store);
    runCrankScript(store);
    await store.hostStorage.commit();
    const intact = store.debug.serialize();
    await store.hostStorage.close();
    writeFileSync(file, intact);
    expect(await use(dirPath), 'intact').to.deep.equal([]);
    const wrong: string[] = [];
    for (const [table, names] of Object.entries(columns)) {
      for (const column of names) {
        for (const value of values) {
          const what = `${table}.${column} = ${value}`;
          const db = new Database(intact);
          try {
            db.exec(
              `UPDATE ${table} SET ${column} = ${value} WHERE ${rowOf[table as keyof typeof rowOf]}`,
            );
          } catch (error) {
            // A constraint of the table forbids it.
            expect((error as Error).message).to.match(/constraint|overflow|type/i);
            continue;
          }
          writeFileSync(file, db.serialize());
          db.close();
          for (const error of await use(dirPath)) {
            if (error instanceof SwingsetError) continue;
            wrong.push(`${what}: ${(error as Error).stack?.slice(0, 400)}`);
          }
        }
      }
    }
    expect(wrong).to.deep.equal([]);
  });
});
