import fs, { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as swingStore from '@agoric/swing-store';
import { expect } from 'chai';
import {
  BadOptionError,
  initSwingStore,
  makeArchiveSnapshot,
  makeArchiveTranscript,
  openSwingStore,
  StoreArchiveError,
  StoreUsageError,
  type SwingStoreOptions,
} from '../../lib/index.js';
import { useTempDirs } from './support/dirs.js';
import { oneChunk, settled } from './support/script.js';
import { failureOf } from '../support/failure.js';

interface AnyModule {
  readonly initSwingStore: typeof initSwingStore;
}

/** Takes a snapshot and closes some spans. */
const runVat = async ({ initSwingStore: init }: AnyModule, options: SwingStoreOptions) => {
  const { kernelStorage, hostStorage } = init(null, { keepTranscripts: false, ...options });
  const { transcriptStore, snapStore } = kernelStorage;
  transcriptStore.initTranscript('v1');
  for (const item of ['zero', 'one']) transcriptStore.addItem('v1', item);
  const saved = await snapStore.saveSnapshot('v1', 2, oneChunk('the heap'));
  await settled(transcriptStore.rolloverSpan('v1'));
  transcriptStore.addItem('v1', 'two');
  await settled(transcriptStore.rolloverIncarnation('v1'));
  transcriptStore.addItem('v1', 'three');
  await settled(transcriptStore.stopUsingTranscript('v1'));
  await hostStorage.commit();
  await hostStorage.close();
  return saved;
};

describe('archives', () => {
  const tempDir = useTempDirs();

  it('are given what swing-store gives them', async () => {
    const given = await Promise.all(
      [{ initSwingStore }, swingStore as AnyModule].map(async module => {
        const snapshots: [string, string][] = [];
        const spans: [string, readonly Uint8Array[]][] = [];
        await runVat(module, {
          archiveSnapshot: async (name, gzipped) => {
            snapshots.push([name, gunzipSync(gzipped).toString()]);
          },
          archiveTranscript: async (name, items) => {
            spans.push([name, items]);
          },
        });
        return { snapshots, spans };
      }),
    );
    expect(given[0]).to.deep.equal(given[1]);
    expect(given[0]!.snapshots).to.deep.equal([['snapshot.v1.2', 'the heap']]);
    expect(given[0]!.spans.map(([name]) => name)).to.deep.equal([
      'transcript.v1.0.2',
      'transcript.v1.2.3',
      'transcript.v1.3.4',
    ]);
  });

  it('are files that gunzip reads', async () => {
    const dirPath = tempDir('archive');
    const saved = await runVat(
      { initSwingStore },
      {
        archiveSnapshot: makeArchiveSnapshot(dirPath),
        archiveTranscript: makeArchiveTranscript(dirPath),
      },
    );
    expect(saved.archiveWriteSeconds).to.be.a('number');
    const contents = readdirSync(dirPath).map(file => [
      file,
      gunzipSync(readFileSync(join(dirPath, file))).toString(),
    ]);
    expect(contents.sort()).to.deep.equal([
      ['snapshot.v1.2.gz', 'the heap'],
      ['transcript.v1.0.2.gz', 'zero\none\n'],
      ['transcript.v1.2.3.gz', 'two\n'],
      ['transcript.v1.3.4.gz', 'three\n'],
    ]);
  });

  it("are written with the host's powers, if it passes some", async () => {
    const dirPath = tempDir('archive');
    const made: string[] = [];
    let forgotten = 0;
    const powers = {
      fs: { ...fs },
      path: { join: (...parts: string[]) => join(...parts).replace(/\.gz$/, '.kept.gz') },
      tmp: {
        fileSync: ({
          tmpdir,
          prefix,
          postfix,
        }: Record<'tmpdir' | 'prefix' | 'postfix', string>) => {
          const name = join(tmpdir, `${prefix}-${made.length}${postfix}`);
          made.push(name);
          return {
            name,
            fd: fs.openSync(name, 'wx'),
            removeCallback: () => {
              forgotten += 1;
              fs.rmSync(name, { force: true });
            },
          };
        },
      },
    };
    const archive = makeArchiveTranscript(dirPath, powers);
    await archive('t', [Buffer.from('one\n')]);
    await makeArchiveSnapshot(dirPath, powers)('s', Buffer.from('heap'));
    const renameSync = () => {
      throw Error('no space left');
    };
    const failing = makeArchiveSnapshot(dirPath, { ...powers, fs: { ...fs, renameSync } });
    expect(String(await failing('u', Buffer.from('x')).catch(String))).to.contain('no space');
    expect(made).to.have.length(3);
    expect(forgotten).to.equal(3);
    expect(readdirSync(dirPath).sort()).to.deep.equal(['s.kept.gz', 't.kept.gz']);
    expect(gunzipSync(readFileSync(join(dirPath, 't.kept.gz'))).toString()).to.equal('one\n');
    expect(() => makeArchiveSnapshot(dirPath, { ...powers, tmp: {} } as never)).to.throw(
      BadOptionError,
      'powers.tmp.fileSync: expected a function, got undefined',
    );
  });

  describe('that fail', () => {
    /** A store that closes spans; its archive is full while `isFull`. */
    const makeFailing = () => {
      const archived: [string, string][] = [];
      const disk = { isFull: false, onArchive: async (): Promise<void> => undefined };
      const dirPath = tempDir();
      const store = initSwingStore(dirPath, {
        keepTranscripts: false,
        archiveTranscript: async (name, items) => {
          await disk.onArchive();
          if (disk.isFull) throw Object.assign(Error('no space left'), { code: 'ENOSPC' });
          archived.push([name, Buffer.concat(items).toString()]);
        },
      });
      const { transcriptStore } = store.kernelStorage;
      transcriptStore.initTranscript('v1');
      const closeSpan = (...items: string[]) => {
        for (const item of items) transcriptStore.addItem('v1', item);
        transcriptStore.rolloverSpan('v1');
      };
      return { ...store, archived, disk, dirPath, closeSpan };
    };

    it('lose no span: the next commit starts with the one that failed (issue 10)', async () => {
      const { hostStorage, kernelStorage, archived, disk, dirPath, closeSpan } = makeFailing();
      closeSpan('zero', 'one');
      await hostStorage.commit();
      disk.isFull = true;
      closeSpan('two');
      closeSpan('three');
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const failure = await failureOf(hostStorage.commit());
        expect(failure)
          .to.be.instanceOf(StoreArchiveError)
          .that.includes({ code: 'STORE_ARCHIVE', thing: 'transcript.v1.2.3' });
        expect((failure as Error).message).to.match(/no space left.*commit again/);
      }
      // Nothing is dropped before its archive is there.
      const reader = openSwingStore(dirPath, { readOnly: true });
      const committed = reader.kernelStorage.transcriptStore.getCurrentSpanBounds('v1');
      expect(committed.startPos).to.equal(2);
      await reader.hostStorage.close();

      disk.isFull = false;
      await hostStorage.commit();
      closeSpan('four');
      await hostStorage.commit();
      expect(archived).to.deep.equal([
        ['transcript.v1.0.2', 'zero\none\n'],
        ['transcript.v1.2.3', 'two\n'],
        ['transcript.v1.3.4', 'three\n'],
        ['transcript.v1.4.5', 'four\n'],
      ]);
      expect(kernelStorage.transcriptStore.getCurrentSpanBounds('v1').startPos).to.equal(5);
      await hostStorage.close();
    });

    it('are tried once by commits that overlap', async () => {
      const { hostStorage, archived, closeSpan } = makeFailing();
      closeSpan('zero');
      closeSpan('one');
      await Promise.all([hostStorage.commit(), hostStorage.commit()]);
      expect(archived.map(([name]) => name)).to.deep.equal([
        'transcript.v1.0.1',
        'transcript.v1.1.2',
      ]);
      await hostStorage.close();
    });

    it('leave a crank that began meanwhile out of the commit', async () => {
      const { hostStorage, kernelStorage, archived, disk, closeSpan } = makeFailing();
      closeSpan('zero');
      disk.onArchive = async () => {
        kernelStorage.startCrank();
        kernelStorage.establishCrankSavepoint('deliver');
        closeSpan('one');
      };
      await hostStorage.commit().then(
        () => expect.fail('committed half a crank'),
        (error: unknown) => expect(error).to.be.instanceOf(StoreUsageError),
      );
      disk.onArchive = async () => undefined;
      kernelStorage.endCrank();
      await hostStorage.commit();
      expect(archived.map(([name]) => name)).to.deep.equal([
        'transcript.v1.0.1',
        'transcript.v1.1.2',
      ]);
      await hostStorage.close();
    });
  });
});
