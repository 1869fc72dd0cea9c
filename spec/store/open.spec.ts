import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as swingStore from '@agoric/swing-store';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { openCommittedReader } from '../../lib/store/committed-reader.js';
import { isSwingStore } from '../../lib/store/directory.js';
import { NotASwingStoreError, StoreClosedError } from '../../lib/store/errors.js';
import type { SwingStoreOptions } from '../../lib/store/options.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { useTempDirs } from './support/dirs.js';
import { failureOf } from '../support/failure.js';

const SCHEMA = 'SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name';

const initAndClose = async (dirPath: string): Promise<void> => {
  const { kernelStorage, hostStorage } = initSwingStore(dirPath);
  kernelStorage.kvStore.set('a', '1');
  await hostStorage.commit();
  await hostStorage.close();
};

describe('opening a swingstore', () => {
  const tempDir = useTempDirs();

  it('makes the tables that swing-store makes', () => {
    const ours = initSwingStore(null).debug.getDatabase().prepare(SCHEMA).all();
    const theirs = swingStore.initSwingStore(null).debug.getDatabase().prepare(SCHEMA).all();
    expect(ours).to.deep.equal(theirs);
    expect(ours).to.have.length.greaterThan(10);
  });

  it('makes a store where there is none, in directories that it makes as well', async () => {
    for (const make of [initSwingStore, openSwingStore]) {
      const dirPath = tempDir('deep/er');
      expect(isSwingStore(dirPath)).to.equal(false);
      const { hostStorage, debug } = make(dirPath);
      expect(isSwingStore(dirPath)).to.equal(true);
      expect(swingStore.isSwingStore(dirPath)).to.equal(true);
      const db = debug.getDatabase();
      expect(db.pragma('journal_mode', { simple: true })).to.equal('wal');
      expect(db.pragma('synchronous', { simple: true })).to.equal(2);
      expect(hostStorage.diskUsage()).to.equal(statSync(join(dirPath, 'swingstore.sqlite')).size);
      await hostStorage.close();
    }
  });

  it('opens at the last commit', async () => {
    const dirPath = tempDir();
    const first = initSwingStore(dirPath);
    first.kernelStorage.kvStore.set('a', '1');
    first.hostStorage.kvStore.set('host.b', '2');
    await first.hostStorage.commit();
    first.kernelStorage.kvStore.set('a', 'lost');
    await first.hostStorage.close();
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    expect(kernelStorage.kvStore.get('a')).to.equal('1');
    expect(hostStorage.kvStore.get('host.b')).to.equal('2');
    await hostStorage.commit();
    await hostStorage.close();
  });

  it('takes no calls once closed', async () => {
    const { kernelStorage, hostStorage } = initSwingStore(null);
    await hostStorage.close();
    expect(() => kernelStorage.kvStore.get('a')).to.throw(StoreClosedError);
    expect(() => kernelStorage.kvStore.set('a', 'b')).to.throw(StoreClosedError);
    for (const call of [async () => hostStorage.commit(), async () => hostStorage.close()]) {
      expect(await failureOf(call())).to.be.instanceOf(StoreClosedError);
    }
  });

  it('erases a store on init, and no other file', async () => {
    const dirPath = tempDir();
    await initAndClose(dirPath);
    writeFileSync(join(dirPath, 'flight-recorder.bin'), 'host data');
    const { kernelStorage, hostStorage } = initSwingStore(dirPath);
    expect(kernelStorage.kvStore.has('a')).to.equal(false);
    await hostStorage.close();
    expect(readFileSync(join(dirPath, 'flight-recorder.bin'), 'utf8')).to.equal('host data');
  });

  it('copies a store in memory', async () => {
    const first = initSwingStore(null);
    first.kernelStorage.kvStore.set('a', '1');
    const { kernelStorage } = initSwingStore(null, { serialized: first.debug.serialize() });
    expect(kernelStorage.kvStore.get('a')).to.equal('1');
  });

  describe('refuses, and leaves alone,', () => {
    const expectRefusal = (dirPath: string, options: SwingStoreOptions = {}): void => {
      const list = (): unknown =>
        statSync(dirPath).isDirectory()
          ? readdirSync(dirPath).map(name => [
              name,
              readFileSync(join(dirPath, name)).toString('hex'),
            ])
          : readFileSync(dirPath, 'utf8');
      const before = list();
      for (const open of [initSwingStore, openSwingStore]) {
        expect(() => open(dirPath, options))
          .to.throw(NotASwingStoreError)
          .that.includes({ code: 'NOT_A_SWINGSTORE', dirPath });
      }
      expect(list()).to.deep.equal(before);
      expect(isSwingStore(dirPath)).to.equal(false);
    };

    it('a file', () => {
      const path = tempDir('file');
      mkdirSync(dirname(path));
      writeFileSync(path, 'a letter');
      expectRefusal(path);
    });

    it('a directory of other things', async () => {
      const dirPath = tempDir();
      mkdirSync(dirPath, { recursive: true });
      writeFileSync(join(dirPath, 'thesis.tex'), 'ten years of work');
      expectRefusal(dirPath);
      // A host that keeps its own files beside the store says so.
      const { hostStorage } = openSwingStore(dirPath, { allowForeignFiles: true });
      await hostStorage.close();
      await openSwingStore(dirPath).hostStorage.close();
      expect(readFileSync(join(dirPath, 'thesis.tex'), 'utf8')).to.equal('ten years of work');
    });

    it('a swingstore.sqlite that is not SQLite’s', () => {
      const dirPath = tempDir();
      mkdirSync(dirPath, { recursive: true });
      writeFileSync(join(dirPath, 'swingstore.sqlite'), 'something else, of some length');
      expectRefusal(dirPath);
      expectRefusal(dirPath, { allowForeignFiles: true });
    });

    it('a swingstore.sqlite with other tables', () => {
      const dirPath = tempDir();
      mkdirSync(dirPath, { recursive: true });
      const db = new Database(join(dirPath, 'swingstore.sqlite'));
      db.exec(`CREATE TABLE accounts (name, balance); INSERT INTO accounts VALUES ('a', 1)`);
      db.close();
      expectRefusal(dirPath);
    });
  });

  it('finishes a store whose maker died before its tables were there', async () => {
    const dirPath = tempDir();
    mkdirSync(dirPath, { recursive: true });
    writeFileSync(join(dirPath, 'swingstore.sqlite'), '');
    await openSwingStore(dirPath).hostStorage.close();
    const [other] = [tempDir()];
    mkdirSync(other, { recursive: true });
    const db = new Database(join(other, 'swingstore.sqlite'));
    db.pragma('journal_mode = WAL');
    db.close();
    expect(isSwingStore(other)).to.equal(false);
    await openSwingStore(other).hostStorage.close();
    expect(isSwingStore(other)).to.equal(true);
  });

  it('makes nothing when told that the store must exist', () => {
    const dirPath = tempDir();
    expect(() => openSwingStore(dirPath, { mustExist: true })).to.throw(
      NotASwingStoreError,
      /there is no store/,
    );
    expect(existsSync(dirPath)).to.equal(false);
  });

  it('refuses ill-typed options, for a strict host unknown ones as well, and invalid paths', () => {
    const dirPath = tempDir();
    const strict = { strict: true, keepTranscript: true };
    expect(() => openSwingStore(dirPath, strict))
      .to.throw(BadOptionError)
      .with.property('field', 'options.keepTranscript');
    const wrong: Record<string, unknown>[] = [
      { keepTranscripts: 'yes' },
      { exportCallback: {} },
      { durability: 'some' },
      { snapshotCompressionLevel: 0 },
      { serialized: 'text' },
    ];
    for (const options of wrong) {
      for (const open of [initSwingStore, openSwingStore]) {
        expect(() => open(dirPath, options))
          .to.throw(BadOptionError)
          .with.property('field', Object.keys(options)[0]);
      }
    }
    for (const path of ['', 'a\0b', 3, undefined, null]) {
      expect(() => openSwingStore(path as string)).to.throw(BadOptionError, /dirPath/);
    }
    expect(existsSync(dirPath)).to.equal(false);
  });

  it('refuses a file with triggers or views, which could change or hide rows', async () => {
    const additions = [
      ['trigger', 'CREATE TRIGGER t AFTER INSERT ON kvStore BEGIN DELETE FROM bundles; END'],
      ['view', 'CREATE VIEW t AS SELECT key FROM kvStore'],
    ] as const;
    for (const [type, sql] of additions) {
      const dirPath = tempDir(type);
      await initAndClose(dirPath);
      const db = new Database(join(dirPath, 'swingstore.sqlite'));
      db.exec(sql);
      db.close();
      const before = readFileSync(join(dirPath, 'swingstore.sqlite'));
      for (const open of [openSwingStore, openCommittedReader]) {
        expect(() => open(dirPath))
          .to.throw(NotASwingStoreError, `its file has the ${type} "t", which no store has`)
          .with.property('code', 'NOT_A_SWINGSTORE');
      }
      expect(await failureOf(verifyStore(dirPath))).to.be.instanceOf(NotASwingStoreError);
      expect(readFileSync(join(dirPath, 'swingstore.sqlite')).equals(before)).to.equal(true);
    }
  });

  it('reports a file that lost its end', async () => {
    const dirPath = tempDir();
    await initAndClose(dirPath);
    truncateSync(join(dirPath, 'swingstore.sqlite'), 3000);
    expect(() => openSwingStore(dirPath))
      .to.throw()
      .with.property('code')
      .that.matches(/^STORE_|^NOT_A/);
  });
});
