import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { StoreDamagedError, StoreIOError } from '../../lib/store/errors.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { useTempDirs } from './support/dirs.js';
import { collect, oneChunk } from './support/script.js';
import { failureOf } from '../support/failure.js';

const failure = (run: () => unknown): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('failures of the disk', () => {
  const tempDir = useTempDirs();

  it('keep the last commit when the disk is full, and commit nothing after it', async () => {
    const dirPath = tempDir();
    const { kernelStorage, hostStorage, debug } = initSwingStore(dirPath);
    kernelStorage.kvStore.set('a', 'committed');
    await hostStorage.commit();
    const db = debug.getDatabase();
    const pages = db.pragma('page_count', { simple: true }) as number;
    db.pragma(`max_page_count = ${pages + 5}`);
    kernelStorage.kvStore.set('a', 'half a block');
    for (let i = 0; i < 1000; i += 1) {
      kernelStorage.kvStore.set(`key ${i}`, 'x'.repeat(1000));
    }
    // Rows go to the file when they are committed, or when somebody looks for keys.
    const error = failure(() => kernelStorage.kvStore.getNextKey('key 0'));
    expect(error).to.be.instanceOf(StoreIOError);
    expect(error).to.include({ code: 'STORE_IO', systemCode: 'SQLITE_FULL', dirPath });
    // The rest of the block must not be committed without its beginning.
    expect(failure(() => kernelStorage.kvStore.set('b', '1'))).to.equal(error);
    expect(failure(() => kernelStorage.kvStore.get('a'))).to.equal(error);
    expect(await failureOf(hostStorage.commit())).to.equal(error);
    await hostStorage.close();

    const reopened = openSwingStore(dirPath);
    expect(reopened.kernelStorage.kvStore.get('a')).to.equal('committed');
    expect(reopened.kernelStorage.kvStore.getNextKey('a')).to.equal(undefined);
    await reopened.hostStorage.close();
    expect(await verifyStore(dirPath)).to.deep.include({ ok: true });
  });

  it('keep the last commit when a real file system is full', async function () {
    const mountPoint = tempDir('small');
    mkdirSync(mountPoint, { recursive: true });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', mountPoint]);
    if (mounted.status !== 0) {
      // Only root can mount a small file system.
      this.skip();
    }
    try {
      const dirPath = join(mountPoint, 'store');
      const { kernelStorage, hostStorage } = initSwingStore(dirPath);
      let error: unknown;
      let committed = 0;
      while (error === undefined && committed < 100) {
        kernelStorage.kvStore.set('committed', `${committed + 1}`);
        kernelStorage.kvStore.set(`key ${committed + 1}`, 'x'.repeat(100_000));
        error = await hostStorage.commit().catch((reason: unknown) => reason);
        committed += error === undefined ? 1 : 0;
      }
      expect(error).to.be.instanceOf(StoreIOError).with.property('systemCode', 'SQLITE_FULL');
      expect(committed).to.be.greaterThan(5);
      await hostStorage.close();
      const reopened = openSwingStore(dirPath);
      expect(reopened.kernelStorage.kvStore.get('committed')).to.equal(`${committed}`);
      expect(reopened.kernelStorage.kvStore.has(`key ${committed + 1}`)).to.equal(false);
      await reopened.hostStorage.close();
      expect(await verifyStore(dirPath)).to.deep.include({ ok: true });
    } finally {
      spawnSync('umount', ['--lazy', mountPoint]);
    }
  });

  it('name a read-only file system', async function () {
    const mountPoint = tempDir('read-only');
    mkdirSync(mountPoint, { recursive: true });
    const mount = (...options: string[]) => spawnSync('mount', [...options, mountPoint]).status;
    if (mount('-t', 'tmpfs', '-o', 'size=4m', 'none') !== 0) {
      // Only root can mount one.
      this.skip();
    }
    try {
      const dirPath = join(mountPoint, 'store');
      const { kernelStorage, hostStorage } = initSwingStore(dirPath);
      kernelStorage.kvStore.set('a', 'committed');
      await hostStorage.commit();
      await hostStorage.close();
      expect(mount('-o', 'remount,ro')).to.equal(0);
      for (const open of [openSwingStore, initSwingStore, makeSwingStoreExporter]) {
        const error = failure(() => open(dirPath));
        expect(error).to.be.instanceOf(StoreIOError).with.property('dirPath', dirPath);
        expect((error as StoreIOError).systemCode).to.match(/^(SQLITE_(CANTOPEN|READONLY)|EROFS)/);
      }
      expect(mount('-o', 'remount,rw')).to.equal(0);
      const reopened = openSwingStore(dirPath);
      expect(reopened.kernelStorage.kvStore.get('a')).to.equal('committed');
      await reopened.hostStorage.close();
    } finally {
      spawnSync('umount', ['--lazy', mountPoint]);
    }
  });

  it('name a directory that can’t be written', async () => {
    const dirPath = tempDir();
    const { kernelStorage, hostStorage } = initSwingStore(dirPath);
    kernelStorage.kvStore.set('a', 'committed');
    await hostStorage.commit();
    await hostStorage.close();
    chmodSync(dirname(dirname(dirPath)), 0o755);
    chmodSync(dirPath, 0o555);
    const isRoot = process.geteuid?.() === 0;
    let error: unknown;
    try {
      // Root may write anywhere: give up its rights for one call.
      if (isRoot) {
        process.seteuid!(65534);
      }
      error = failure(() => openSwingStore(dirPath));
    } finally {
      if (isRoot) {
        process.seteuid!(0);
      }
      chmodSync(dirPath, 0o755);
    }
    expect(error).to.be.instanceOf(StoreIOError).with.property('dirPath', dirPath);
    expect((error as StoreIOError).systemCode).to.match(/^(SQLITE_(CANTOPEN|READONLY)|EACCES)/);
    const reopened = openSwingStore(dirPath);
    expect(reopened.kernelStorage.kvStore.get('a')).to.equal('committed');
    await reopened.hostStorage.close();
  });

  describe('are noticed in each table', () => {
    const makeStore = async (): Promise<string> => {
      const dirPath = tempDir();
      const { kernelStorage, hostStorage } = initSwingStore(dirPath);
      const { transcriptStore, snapStore, kvStore } = kernelStorage;
      for (let i = 0; i < 200; i += 1) {
        kvStore.set(`key ${i}`, `value ${i}`.repeat(20));
      }
      transcriptStore.initTranscript('v1');
      for (let i = 0; i < 50; i += 1) {
        transcriptStore.addItem(
          'v1',
          `{"delivery":"number ${i} ${'of a transcript '.repeat(20)}"}`,
        );
      }
      const heap = Array.from({ length: 20_000 }, (_, i) => `${i * 7919}`).join();
      await snapStore.saveSnapshot('v1', 49, oneChunk(heap));
      await hostStorage.commit();
      await hostStorage.close();
      return dirPath;
    };
    const overwrite = (file: string, position: number, bytes: Uint8Array): void => {
      const fd = openSync(file, 'r+');
      writeSync(fd, bytes, 0, bytes.length, position);
      closeSync(fd);
    };

    it('where a byte of a transcript flips', async () => {
      const dirPath = await makeStore();
      const file = join(dirPath, 'swingstore.sqlite');
      const bytes = readFileSync(file);
      // Pages that were split may hold old copies of a row.
      for (let at = bytes.indexOf('number 17'); at >= 0; at = bytes.indexOf('number 17', at + 1)) {
        overwrite(file, at, Buffer.from('number 71'));
      }
      const { kernelStorage, hostStorage } = openSwingStore(dirPath);
      expect(failure(() => kernelStorage.transcriptStore.readSpan('v1')))
        .to.be.instanceOf(StoreDamagedError)
        .with.property('thing', 'transcript.v1.0.50');
      await hostStorage.close();
    });

    it('where a byte of a snapshot flips', async () => {
      const dirPath = await makeStore();
      const file = join(dirPath, 'swingstore.sqlite');
      const { hostStorage: host, debug } = openSwingStore(dirPath);
      const packed = debug.dump().snapshots.v1![0]!.compressedSnapshot!;
      await host.close();
      const start = readFileSync(file).lastIndexOf(packed.subarray(0, 100));
      expect(start).to.be.greaterThan(0);
      overwrite(file, start + 2000, Buffer.from([1, 2, 3, 4]));
      const { kernelStorage, hostStorage } = openSwingStore(dirPath);
      const error = await failureOf(collect(kernelStorage.snapStore.loadSnapshot('v1')));
      expect(error).to.be.instanceOf(StoreDamagedError);
      await hostStorage.close();
      const { problems } = await verifyStore(dirPath);
      expect(problems.map(({ thing }) => thing)).to.deep.equal(['snapshot.v1.49']);
    });

    it('where pages are garbage', async () => {
      const dirPath = await makeStore();
      const file = join(dirPath, 'swingstore.sqlite');
      const { size } = statSync(file);
      for (let position = 4096; position < size; position += 4096) {
        overwrite(file, position, Buffer.alloc(64, 0xa5));
      }
      const error = failure(() => {
        const { kernelStorage } = openSwingStore(dirPath);
        kernelStorage.kvStore.get('key 77');
      });
      expect(error).to.be.instanceOf(StoreDamagedError);
      const { ok, problems } = await verifyStore(dirPath);
      expect(ok).to.equal(false);
      expect(problems.some(({ kind }) => kind === 'file')).to.equal(true);
    });

    it('where the file was cut', async () => {
      const dirPath = await makeStore();
      const file = join(dirPath, 'swingstore.sqlite');
      truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096);
      const error = failure(() => {
        const { kernelStorage } = openSwingStore(dirPath);
        [...kernelStorage.transcriptStore.readSpan('v1')];
      });
      expect(error).to.be.instanceOf(StoreDamagedError);
      expect((await verifyStore(dirPath)).ok).to.equal(false);
    });
  });
});
