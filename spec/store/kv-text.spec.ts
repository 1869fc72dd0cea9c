/** Issue 18: a damaged index may lead back, and no loop over keys or rows goes on forever. */
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { StoreDamagedError } from '../../lib/store/errors.js';
import { readPages } from '../../lib/store/reader.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { failureOf } from '../support/failure.js';
import { useTempDirs } from './support/dirs.js';
import { storeFile } from './support/flip.js';

describe('an index that is out of order', () => {
  const tempDir = useTempDirs();

  it('is damage to whoever reads keys by it', async () => {
    const dirPath = tempDir();
    const made = initSwingStore(dirPath);
    for (const key of ['a', 'B', 'c', 'host.a', 'host.B']) {
      (key.startsWith('host.') ? made.hostStorage : made.kernelStorage).kvStore.set(key, '1');
    }
    await made.hostStorage.commit();
    await made.hostStorage.close();
    // The index is made in another order than the schema then says.
    const db = new Database(storeFile(dirPath));
    db.exec('CREATE TABLE other (key TEXT PRIMARY KEY COLLATE NOCASE, value TEXT)');
    db.exec('INSERT INTO other SELECT * FROM kvStore; DROP TABLE kvStore');
    db.exec('ALTER TABLE other RENAME TO kvStore');
    db.unsafeMode();
    db.pragma('writable_schema = ON');
    db.exec(
      `UPDATE sqlite_master SET sql = replace(sql, 'COLLATE NOCASE', '') WHERE name = 'kvStore'`,
    );
    db.close();
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    for (const { kvStore } of [kernelStorage, hostStorage]) {
      const error = await failureOf(() => kvStore.getNextKeys('', 10));
      expect(error).to.be.instanceOf(StoreDamagedError);
      expect(error).to.include({ code: 'STORE_DAMAGED', thing: 'kvStore' });
      expect((error as Error).message).to.include('is said to follow');
    }
    await hostStorage.close();
  });

  it('ends a reading of pages', () => {
    const pages = (rows: readonly (readonly [string, unknown])[]) =>
      readPages({ get: () => undefined, all: () => [...rows] }, ['', -1], row => row as never);
    for (const rows of [
      [['v1', 3]],
      [['v1', null]],
      [
        ['v2', 1],
        ['v1', Buffer.from('x')],
      ],
    ] as const) {
      expect(() => [...pages(rows)]).to.throw(StoreDamagedError, 'is said to follow');
    }
  });
});
