import Database from 'better-sqlite3';
import { expect } from 'chai';
import { repairStore } from '../../lib/store/repair.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import type { StoreCheck } from '../../lib/store/verify-types.js';
import { useTempDirs } from './support/dirs.js';
import { flipIn, storeFile } from './support/flip.js';
import { makeScriptedStore } from './support/made-stores.js';

describe('a key that its index has otherwise', () => {
  const tempDir = useTempDirs();

  const makeStore = (): Promise<string> =>
    makeScriptedStore(tempDir(), {
      more: ({ kernelStorage }) => kernelStorage.kvStore.set('known', 'x'),
    });
  const onlyKnown: StoreCheck = function* check(view) {
    if (view.get('known') === undefined) {
      yield { kind: 'kernel', thing: 'known', detail: 'it is missing' };
    }
    // Read through the table, as a scan of values is.
    for (const { key } of view.entries('k')) {
      if (key !== 'known') yield { kind: 'kernel', thing: key, detail: 'nobody knows it' };
    }
  };
  const keysOf = async (dirPath: string): Promise<string[]> => {
    const { debug, hostStorage } = openSwingStore(dirPath);
    const sql = `SELECT key FROM kvStore NOT INDEXED WHERE key GLOB 'k*'`;
    const keys = debug.getDatabase().prepare<[], string>(sql).pluck().all();
    await hostStorage.close();
    return keys;
  };

  for (const place of [0, 1]) {
    it(`is taken from the one of table and index that is good, case ${place + 1}`, async () => {
      const dirPath = await makeStore();
      expect(flipIn(dirPath, 'known', { at: 4, nth: place })).to.equal(2);
      const { ok, repairs } = await repairStore(dirPath, { checks: [onlyKnown] });
      expect(repairs[0]).to.include({ thing: 'swingstore.sqlite', done: true });
      expect(repairs[0]!.result).to.be.oneOf([
        'indexes rebuilt from the tables',
        'damaged keys taken from the indexes',
      ]);
      expect(ok).to.equal(true);
      expect(await keysOf(dirPath)).to.deep.equal(['known']);
    });
  }

  it('is told by the checksum of rows where no one knows what keys mean', async () => {
    for (const place of [0, 1]) {
      const dirPath = await makeStore();
      flipIn(dirPath, 'known', { at: 4, nth: place });
      expect((await repairStore(dirPath)).ok).to.equal(true);
      expect(await keysOf(dirPath)).to.deep.equal(['known']);
    }
  });

  it('is left alone where nothing tells which is good', async () => {
    const dirPath = await makeStore();
    // As swing-store leaves a store.
    const db = new Database(storeFile(dirPath));
    db.exec('DROP TABLE rowChecksum');
    db.close();
    flipIn(dirPath, 'known', { at: 4, nth: 0 });
    const { ok, repairs } = await repairStore(dirPath);
    expect(ok).to.equal(false);
    expect(repairs).to.have.length(1);
    expect(repairs[0]).to.include({ done: false });
    expect(repairs[0]!.result).to.match(/a row of kvStore is know[no] .*nothing tells/);
  });

  it('of a transcript is told by the hashes', async () => {
    const dirPath = await makeStore();
    const { debug, hostStorage } = openSwingStore(dirPath);
    const before = debug.dump();
    await hostStorage.close();
    // The vatID of a row, before its item: position 0 takes no byte.
    expect(flipIn(dirPath, 'v10{"vatID":"v10","i":0', { at: 2 })).to.equal(1);
    const report = await repairStore(dirPath);
    expect(report.found.length).to.be.at.least(1);
    expect(report.ok, JSON.stringify(report)).to.equal(true);
    const mended = openSwingStore(dirPath);
    expect(mended.debug.dump()).to.deep.equal(before);
    await mended.hostStorage.close();
  });
});
