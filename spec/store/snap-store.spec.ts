import { randomBytes } from 'node:crypto';
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  gunzipSync,
  gzipSync,
} from 'node:zlib';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { StoreDamagedError, StoreMissingError, StoreUsageError } from '../../lib/store/errors.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { sha256Hex } from '../../lib/store/hash.js';
import type { SwingStoreOptions } from '../../lib/store/options.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { useTempDirs } from './support/dirs.js';
import { storeFile } from './support/flip.js';
import { collect, oneChunk } from './support/script.js';
import { failureOf } from '../support/failure.js';

const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

describe('snapStore', () => {
  const tempDir = useTempDirs();

  it('gives back the bytes of the last snapshot, streamed in and out', async () => {
    const { snapStore } = initSwingStore(null).kernelStorage;
    const bytes = Buffer.concat([randomBytes(300_000), Buffer.alloc(2_000_000, 'heap')]);
    async function* chunks(): AsyncIterableIterator<Uint8Array> {
      for (let i = 0; i < bytes.length; i += 70_000) {
        yield bytes.subarray(i, i + 70_000);
      }
    }
    await snapStore.saveSnapshot('v1', 3, oneChunk('older'));
    const result = await snapStore.saveSnapshot('v1', 7, chunks());
    expect(result.hash).to.equal(sha256Hex(bytes));
    expect(result.uncompressedSize).to.equal(bytes.length);
    expect(result.compressedSize).to.be.within(300_000, 400_000);
    expect(snapStore.getSnapshotInfo('v1')).to.deep.equal({
      snapPos: 7,
      hash: result.hash,
      uncompressedSize: bytes.length,
      compressedSize: result.compressedSize,
    });
    expect((await collect(snapStore.loadSnapshot('v1'))).equals(bytes)).to.equal(true);
    expect(snapStore.hasHash('v1', result.hash)).to.equal(true);
    expect(snapStore.hasHash('v2', result.hash)).to.equal(false);
  });

  it('unpacks no more than the recorded size (issue 10)', async () => {
    const dirPath = tempDir();
    const store = initSwingStore(dirPath);
    await store.kernelStorage.snapStore.saveSnapshot('v1', 3, oneChunk('x'.repeat(3000)));
    await store.hostStorage.commit();
    await store.hostStorage.close();
    const zeros = Buffer.alloc(2 ** 26);
    for (const bomb of [brotliCompressSync(zeros, fast), gzipSync(zeros)]) {
      const db = new Database(storeFile(dirPath));
      db.prepare('UPDATE snapshots SET compressedSnapshot = ?, compressedSize = ?').run(
        bomb,
        bomb.byteLength,
      );
      db.close();
      const { kernelStorage, hostStorage } = openSwingStore(dirPath);
      const exporter = makeSwingStoreExporter(dirPath);
      for (const stream of [
        kernelStorage.snapStore.loadSnapshot('v1'),
        exporter.getArtifact('snapshot.v1.3'),
      ]) {
        let given = 0;
        const reading = async () => {
          for await (const chunk of stream) given += chunk.byteLength;
        };
        expect(await failureOf(reading()))
          .to.be.instanceOf(StoreDamagedError)
          .that.includes({
            thing: 'snapshot.v1.3',
            detail: 'it decompresses to more than the expected 3000 bytes',
          });
        expect(given).to.equal(0);
      }
      await exporter.close();
      await hostStorage.close();
      const { problems } = await verifyStore(dirPath);
      expect(problems.map(({ thing, detail }) => [thing, detail])).to.deep.equal([
        ['snapshot.v1.3', 'it decompresses to more than the expected 3000 bytes'],
      ]);
    }
  });

  it('keeps only the hash of a snapshot that is no longer used', async () => {
    const { kernelStorage, debug } = initSwingStore(null);
    const { snapStore } = kernelStorage;
    await snapStore.saveSnapshot('v1', 3, oneChunk('first'));
    await snapStore.saveSnapshot('v1', 7, oneChunk('second'));
    snapStore.stopUsingLastSnapshot('v1');
    snapStore.stopUsingLastSnapshot('v1');
    expect(snapStore.getSnapshotInfo('v1')).to.equal(undefined);
    expect(await failureOf(collect(snapStore.loadSnapshot('v1')))).to.be.instanceOf(
      StoreMissingError,
    );
    const rows = debug.dump().snapshots.v1!;
    expect(rows.map(row => [row.snapPos, row.inUse, row.compressedSnapshot])).to.deep.equal([
      [3, 0, null],
      [7, 0, null],
    ]);
    expect(snapStore.hasHash('v1', sha256Hex('first'))).to.equal(true);
  });

  it('keeps the bytes as well when asked to', async () => {
    const { kernelStorage, debug } = initSwingStore(null, { keepSnapshots: true });
    await kernelStorage.snapStore.saveSnapshot('v1', 3, oneChunk('first'));
    await kernelStorage.snapStore.saveSnapshot('v1', 7, oneChunk('second'));
    const contents = debug
      .dump()
      .snapshots.v1!.map(row => brotliDecompressSync(row.compressedSnapshot!).toString());
    expect(contents).to.deep.equal(['first', 'second']);
    kernelStorage.snapStore.deleteAllUnusedSnapshots();
    expect(debug.dump().snapshots.v1!.map(row => row.snapPos)).to.deep.equal([7]);
  });

  it('deletes within a budget, the latest first', async () => {
    const { snapStore } = initSwingStore(null).kernelStorage;
    for (const snapPos of [1, 2, 3]) {
      await snapStore.saveSnapshot('v1', snapPos, oneChunk(`snapshot ${snapPos}`));
    }
    expect(snapStore.deleteVatSnapshots('v1', 1)).to.deep.equal({ done: false, cleanups: 1 });
    expect(snapStore.hasHash('v1', sha256Hex('snapshot 3'))).to.equal(false);
    expect(snapStore.getSnapshotInfo('v1')).to.equal(undefined);
    snapStore.deleteSnapshotByHash('v1', sha256Hex('snapshot 1'));
    expect(snapStore.deleteVatSnapshots('v1', Infinity)).to.deep.equal({
      done: true,
      cleanups: 1,
    });
    expect(() => snapStore.deleteVatSnapshots('v1', -1)).to.throw(StoreUsageError, /budget/);
  });

  it('leaves the store as it was when the stream fails', async () => {
    const { snapStore } = initSwingStore(null).kernelStorage;
    await snapStore.saveSnapshot('v1', 1, oneChunk('good'));
    async function* broken(): AsyncIterableIterator<Uint8Array> {
      yield Buffer.from('part');
      throw new RangeError('the worker died');
    }
    expect(await failureOf(snapStore.saveSnapshot('v1', 2, broken()))).to.be.instanceOf(RangeError);
    expect((await collect(snapStore.loadSnapshot('v1'))).toString()).to.equal('good');
  });

  it('reads either codec, whatever it writes', async () => {
    const path = tempDir();
    const heap = Buffer.alloc(700_000, 'a heap that compresses');
    for (const [vatID, options] of [
      ['v1', {}],
      ['v2', { snapshotCodec: 'gzip', snapshotCompressionLevel: 9 }],
      ['v3', { snapshotCompressionLevel: 6 }],
    ] as const) {
      const { kernelStorage, hostStorage } = openSwingStore(path, options);
      await kernelStorage.snapStore.saveSnapshot(vatID, 1, oneChunk(heap));
      await kernelStorage.snapStore.saveSnapshot(`${vatID}0`, 1, oneChunk(''));
      await hostStorage.commit();
      await hostStorage.close();
    }
    const { kernelStorage, debug } = openSwingStore(path);
    for (const vatID of ['v1', 'v2', 'v3']) {
      const loaded = await collect(kernelStorage.snapStore.loadSnapshot(vatID));
      expect(loaded.equals(heap), vatID).to.equal(true);
      expect((await collect(kernelStorage.snapStore.loadSnapshot(`${vatID}0`))).length).to.equal(0);
    }
    const unpacked = (vatID: string, unpack: (bytes: Buffer) => Buffer) =>
      unpack(debug.dump().snapshots[vatID]![0]!.compressedSnapshot!).equals(heap);
    expect(unpacked('v1', brotliDecompressSync)).to.equal(true);
    expect(unpacked('v2', gunzipSync)).to.equal(true);
    expect(unpacked('v3', brotliDecompressSync)).to.equal(true);
  });

  for (const options of [{}, { snapshotCodec: 'gzip' }] as const) {
    const codec = 'snapshotCodec' in options ? 'gzip' : 'brotli';
    it(`reports wrong bytes of ${codec}`, () => reportsWrongBytes(options));
  }

  const reportsWrongBytes = async (options: SwingStoreOptions) => {
    const { kernelStorage, debug } = initSwingStore(null, options);
    const { snapStore } = kernelStorage;
    await snapStore.saveSnapshot('v1', 4, oneChunk('the heap of a vat'));
    const db = debug.getDatabase();
    const other = initSwingStore(null, options);
    await other.kernelStorage.snapStore.saveSnapshot('v1', 4, oneChunk('another heap'));
    const wrong = other.debug.dump().snapshots.v1![0]!.compressedSnapshot!;
    const right = debug.dump().snapshots.v1![0]!.compressedSnapshot!;
    const flipped = Buffer.from(right);
    flipped[15]! ^= 4;
    for (const bytes of [wrong, flipped, right.subarray(0, 12), Buffer.alloc(0), null]) {
      db.prepare('UPDATE snapshots SET compressedSnapshot = ?').run(bytes);
      const error = await failureOf(collect(snapStore.loadSnapshot('v1')));
      expect(error).to.be.instanceOf(StoreDamagedError);
      expect(error).to.have.property('thing', 'snapshot.v1.4');
    }
    db.prepare('UPDATE snapshots SET compressedSnapshot = ?').run(right);
    expect((await collect(snapStore.loadSnapshot('v1'))).toString()).to.equal('the heap of a vat');
  };
});
