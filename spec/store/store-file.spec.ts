import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { copySwingStore } from '../../lib/store/copy.js';
import { copySwingStoreUntouched } from '../../lib/store/copy-untouched.js';
import { NotASwingStoreError, StoreLockedError, StoreSyncError } from '../../lib/store/errors.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { compactStore, getStoreStats } from '../../lib/store/stats.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { killNow, nextMessage, startWriter, untilEnded } from './support/child.js';
import { useTempDirs } from './support/dirs.js';
import { storeFile } from './support/flip.js';
import { failureOf } from '../support/failure.js';

describe('a store whose file has several paths (issue 10)', () => {
  const tempDir = useTempDirs();

  const makeStore = async (): Promise<string> => {
    const dirPath = tempDir();
    const { kernelStorage, hostStorage } = initSwingStore(dirPath);
    kernelStorage.kvStore.set('a', '1');
    await hostStorage.commit();
    await hostStorage.close();
    return dirPath;
  };

  /** A store whose file was moved, with a link in its place. */
  const makeMoved = async () => {
    const home = await makeStore();
    const file = join(tempDir('disk'), 'moved.sqlite');
    mkdirSync(dirname(file), { recursive: true });
    renameSync(storeFile(home), file);
    symlinkSync(file, storeFile(home));
    return { home, file };
  };

  it('is that of a relative path as it is given, also with a space at its beginning', async () => {
    const home = tempDir();
    mkdirSync(home, { recursive: true });
    const before = process.cwd();
    process.chdir(home);
    try {
      for (const [path, value] of [
        [' store', 'with a space'],
        ['store', 'without'],
      ] as const) {
        const { kernelStorage, hostStorage } = initSwingStore(path);
        kernelStorage.kvStore.set('a', value);
        await hostStorage.commit();
        await hostStorage.close();
      }
      expect(await read(' store', 'a')).to.equal('with a space');
      expect((await verifyStore(' store')).ok).to.equal(true);
      await copySwingStore(' store', ' copy');
      expect(await read(join(home, ' copy'), 'a')).to.equal('with a space');
    } finally {
      process.chdir(before);
    }
  });

  const read = async (dirPath: string, key: string): Promise<string | undefined> => {
    const { kernelStorage, hostStorage } = openSwingStore(dirPath, { readOnly: true });
    const value = kernelStorage.kvStore.get(key);
    await hostStorage.close();
    return value;
  };

  describe('by a symbolic link to the file', () => {
    it('is synced, with a journal and without one', async () => {
      const { home, file } = await makeMoved();
      for (const options of [{ durability: 'group' }, { unsafeFastMode: true }] as const) {
        const { kernelStorage, hostStorage } = openSwingStore(home, options);
        kernelStorage.kvStore.set('a', JSON.stringify(options));
        await hostStorage.commit();
        await hostStorage.sync();
        expect(existsSync(`${file}-wal`)).to.equal(!('unsafeFastMode' in options));
        expect(hostStorage.diskUsage()).to.equal(statSync(file).size);
        await hostStorage.close();
        expect(await read(home, 'a')).to.equal(JSON.stringify(options));
      }
    });

    it('says what became of the data when the sync fails', async () => {
      const { home, file } = await makeMoved();
      const { kernelStorage, hostStorage } = openSwingStore(home, { durability: 'group' });
      kernelStorage.kvStore.set('a', '2');
      await hostStorage.commit();
      rmSync(`${file}-wal`);
      const failure = await failureOf(hostStorage.sync());
      expect(failure).to.be.instanceOf(StoreSyncError).that.includes({ dirPath: home });
      expect((failure as Error).message).to.match(
        /has its commits, but they may not survive.*ENOENT/,
      );
      await hostStorage.close();
    });

    it('is measured, compacted and copied with its journal', async () => {
      const { home, file } = await makeMoved();
      const { kernelStorage, hostStorage } = openSwingStore(home);
      kernelStorage.kvStore.set('a', '2');
      await hostStorage.commit();
      const { bytes, journalBytes } = getStoreStats(home).file;
      expect([bytes, journalBytes]).to.deep.equal([
        statSync(file).size,
        statSync(`${file}-wal`).size,
      ]);
      expect(journalBytes).to.be.above(0);
      const copy = tempDir('copy');
      await copySwingStoreUntouched(home, copy);
      expect(await read(copy, 'a')).to.equal('2');
      await hostStorage.close();
      expect(compactStore(home).after).to.equal(statSync(file).size);
    });

    it('is erased and made again where the link leads', async () => {
      const { home, file } = await makeMoved();
      const { kernelStorage, hostStorage } = initSwingStore(home);
      expect(kernelStorage.kvStore.has('a')).to.equal(false);
      kernelStorage.kvStore.set('b', '1');
      await hostStorage.commit();
      await hostStorage.close();
      expect(lstatSync(storeFile(home)).isSymbolicLink()).to.equal(true);
      expect(readFileSync(file).includes('kvStore')).to.equal(true);
      expect(await read(home, 'b')).to.equal('1');
    });

    it('is refused when nothing is there, as on a disk that is not mounted', async () => {
      const { home, file } = await makeMoved();
      renameSync(file, `${file}.elsewhere`);
      for (const open of [openSwingStore, initSwingStore]) {
        expect(() => open(home)).to.throw(NotASwingStoreError, 'a link to a missing file');
      }
      expect(existsSync(file)).to.equal(false);
    });
  });

  describe('has one writer', () => {
    const paths: Record<string, (home: string) => string> = {
      'through a link to its directory': home => {
        const other = tempDir();
        mkdirSync(dirname(other), { recursive: true });
        symlinkSync(home, other);
        return other;
      },
      'through a link to its file': home => {
        const other = tempDir();
        mkdirSync(other, { recursive: true });
        symlinkSync(storeFile(home), storeFile(other));
        return other;
      },
      'through a hard link': home => {
        const other = tempDir();
        mkdirSync(other, { recursive: true });
        linkSync(storeFile(home), storeFile(other));
        return other;
      },
    };
    for (const [how, reach] of Object.entries(paths)) {
      it(how, async () => {
        const home = await makeStore();
        const first = openSwingStore(home);
        first.kernelStorage.kvStore.set('a', '2');
        await first.hostStorage.commit();
        const other = reach(home);
        const refuse = () =>
          expect(() => openSwingStore(other))
            .to.throw(StoreLockedError)
            .that.includes({ code: 'STORE_LOCKED', dirPath: other });
        refuse();
        const child = startWriter(other, 'hold');
        expect((await nextMessage<{ code: string }>(child)).code).to.equal('STORE_LOCKED');
        await untilEnded(child);
        first.kernelStorage.kvStore.set('a', '3');
        await first.hostStorage.commit();
        await first.hostStorage.close();

        const holder = startWriter(home, 'hold');
        await nextMessage(holder);
        refuse();
        await killNow(holder);
        // The one with the other path, too, finds what was committed.
        expect(await read(home, 'a')).to.equal('3');
        const second = openSwingStore(other);
        expect(second.kernelStorage.kvStore.get('a')).to.equal('3');
        await second.hostStorage.close();
      });
    }
  });

  it('cuts its journal back when a long reader is gone', async () => {
    const home = await makeStore();
    const { kernelStorage, hostStorage } = openSwingStore(home, { durability: 'group' });
    const journal = () => statSync(`${storeFile(home)}-wal`).size;
    const commit = async (value: string) => {
      for (let key = 0; key < 50; key += 1) {
        kernelStorage.kvStore.set(`${key}`, value.repeat(20_000));
      }
      await hostStorage.commit();
    };
    const exporter = makeSwingStoreExporter(home);
    for (const value of 'abcdefghijklmnopqrstuvwxyz') await commit(value);
    expect(journal()).to.be.above(20_000_000);
    await exporter.close();
    await commit('y');
    await commit('z');
    expect(journal()).to.be.at.most(8 * 1024 * 1024);
    await hostStorage.close();
  });
});
