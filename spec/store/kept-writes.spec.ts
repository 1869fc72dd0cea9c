import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { sha256Hex } from '../../lib/store/hash.js';
import { initSwingStore, openSwingStore, type SwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { useTempDirs } from './support/dirs.js';
import { collect, oneChunk } from './support/script.js';

/** Calls of a kernel and its host, on few keys and vats so that they meet. */
type Step =
  | readonly ['set' | 'setUnhashed', string, string]
  | readonly ['delete' | 'get' | 'next' | 'fill' | 'setOfHost', string]
  | readonly ['clear', string, number]
  | readonly ['item' | 'rollover' | 'stage' | 'load' | 'stopUsing', 'v1' | 'v2']
  | readonly ['savepoint' | 'rollback' | 'restart' | 'endCrank' | 'commit'];

/** More than go one by one. */
const ROWS = 20;

const key = fc.constantFrom('a', 'b', 'b.1', 'local.x', 'ключ', '\ud800');
const vatID = fc.constantFrom('v1' as const, 'v2' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom('set' as const, 'setUnhashed' as const), key, fc.string()),
  fc.tuple(fc.constantFrom('delete' as const, 'get' as const, 'next' as const), key),
  fc.tuple(fc.constantFrom('fill' as const, 'setOfHost' as const), fc.constantFrom('a', 'i', 'z')),
  fc.tuple(fc.constant('clear' as const), key, fc.nat({ max: 60 })),
  fc.tuple(
    fc.constantFrom('item', 'rollover', 'stage', 'load', 'stopUsing') as fc.Arbitrary<'item'>,
    vatID,
  ),
  fc.tuple(
    fc.constantFrom(
      'savepoint',
      'rollback',
      'restart',
      'endCrank',
      'commit',
    ) as fc.Arbitrary<'commit'>,
  ),
);

/** Makes a store's calls, and returns what each of them returned. */
const makePlayer = ({ kernelStorage, hostStorage }: SwingStore) => {
  const { kvStore, transcriptStore, snapStore } = kernelStorage;
  let inCrank = false;
  let depth = 0;
  const begin = () => {
    if (!inCrank) kernelStorage.startCrank();
    inCrank = true;
  };
  for (const id of ['v1', 'v2']) transcriptStore.initTranscript(id);
  const endCrank = () => {
    if (!inCrank) return undefined;
    const hashes = kernelStorage.emitCrankHashes();
    kernelStorage.endCrank();
    inCrank = false;
    depth = 0;
    return hashes;
  };
  const stage = async (id: string) => {
    const { endPos, hash } = transcriptStore.getCurrentSpanBounds(id);
    const taken = snapStore.getSnapshotInfo(id)?.snapPos;
    if (taken === endPos) return undefined;
    const staged = await snapStore.stageSnapshot(id, endPos, [
      Buffer.from(`heap of ${id} `),
      Buffer.from(hash),
    ]);
    return [staged.hash, staged.uncompressedSize];
  };
  return async ([name, ...args]: Step): Promise<unknown> => {
    const [first = '', second = ''] = args as readonly [string?, (string | number)?];
    switch (name) {
      case 'set':
        return kvStore.set(first, String(second));
      case 'setUnhashed':
        return kvStore.set(first, String(second), true);
      case 'delete':
        return kvStore.delete(first);
      case 'get':
        return [kvStore.has(first), kvStore.get(first), hostStorage.kvStore.get(first)];
      case 'next':
        return [kvStore.getNextKey(first), kvStore.getNextKeys(first, 3)];
      case 'fill':
        for (let row = 0; row < ROWS; row += 1) kvStore.set(`${first}.${row}`, 'x');
        return undefined;
      case 'setOfHost':
        return hostStorage.kvStore.set(`host.${first}`, 'of the host');
      case 'clear': {
        // As a scan of a vat's rows deletes them, but for one.
        const keys = kvStore.getNextKeys(first, 2 * ROWS);
        keys.forEach((name, index) => index !== second && kvStore.delete(name));
        return keys;
      }
      case 'item':
        transcriptStore.addItem(first, `{"depth":${depth}}`);
        return transcriptStore.getCurrentSpanBounds(first);
      case 'rollover': {
        const { startPos, endPos } = transcriptStore.getCurrentSpanBounds(first);
        if (endPos > startPos) transcriptStore.rolloverSpan(first);
        return [...transcriptStore.readSpan(first)];
      }
      case 'stage':
        return stage(first);
      case 'load': {
        const info = snapStore.getSnapshotInfo(first);
        return info && [info.hash, (await collect(snapStore.loadSnapshot(first))).toString()];
      }
      case 'stopUsing':
        return snapStore.stopUsingLastSnapshot(first);
      case 'savepoint':
        begin();
        kernelStorage.establishCrankSavepoint(`s${depth}`);
        depth += 1;
        return undefined;
      case 'rollback':
        if (depth === 0) return undefined;
        depth = Math.floor(depth / 2);
        return kernelStorage.rollbackCrank(`s${depth}`);
      case 'restart':
        if (!inCrank) return undefined;
        depth = 0;
        return kernelStorage.restartCrank();
      case 'endCrank':
        return endCrank();
      case 'commit':
        return [endCrank(), await hostStorage.commit()];
      default:
        return name satisfies never;
    }
  };
};

/** The next statement reads all tables, so nothing is kept back any more. */
const passOn = ({ debug }: SwingStore): unknown => debug.getDatabase();

const unpacked = (store: SwingStore) => {
  const { kvEntries, transcripts, snapshots } = store.debug.dump();
  return {
    ...{ kvEntries, transcripts },
    snapshots: Object.entries(snapshots).map(([id, rows]) => [
      id,
      rows.map(({ compressedSnapshot, ...row }) => [row, compressedSnapshot?.toString('hex')]),
    ]),
  };
};

describe('writes that are kept back (issue 16)', () => {
  const tempDir = useTempDirs();

  it('make no difference to anyone who reads, undoes or commits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async steps => {
        const announced: unknown[][] = [[], []];
        const options = (index: number) => ({
          exportCallback: (changes: unknown) => void announced[index]?.push(changes),
        });
        const [keeping, eager] = [
          initSwingStore(null, options(0)),
          initSwingStore(null, options(1)),
        ];
        const [play, playEagerly] = [makePlayer(keeping), makePlayer(eager)];
        for (const each of steps) {
          const seen = await play(each);
          const expected = await playEagerly(each);
          passOn(eager);
          expect(seen).to.deep.equal(expected);
        }
        await play(['commit']);
        await playEagerly(['commit']);
        expect(unpacked(keeping)).to.deep.equal(unpacked(eager));
        expect(announced[0]).to.deep.equal(announced[1]);
        await keeping.hostStorage.close();
        await eager.hostStorage.close();
      }),
      { numRuns: 150 },
    );
  });

  const rowsOf = (names: readonly string[], prefix: string) =>
    names.filter(name => name.startsWith(prefix));

  it('of deleted neighbours spare a row that was written between them', async () => {
    const { kernelStorage, hostStorage } = initSwingStore(null);
    const { kvStore } = kernelStorage;
    for (let row = 10; row < 10 + ROWS; row += 1) kvStore.set(`r.${row}`, 'x');
    for (const key of rowsOf(kvStore.getNextKeys('r.', 100), 'r.')) kvStore.delete(key);
    kvStore.set('r.15.new', 'y');
    expect(rowsOf(kvStore.getNextKeys('r.', 100), 'r.')).to.deep.equal(['r.15.new']);
    await hostStorage.close();
  });

  it('of deleted neighbours spare a row that a rollback put between them', async () => {
    const { kernelStorage, hostStorage } = initSwingStore(null);
    const { kvStore } = kernelStorage;
    for (let row = 10; row < 10 + ROWS; row += 1) kvStore.set(`r.${row}`, 'x');
    await hostStorage.commit();
    kernelStorage.startCrank();
    kernelStorage.establishCrankSavepoint('start');
    kvStore.delete('r.15');
    const seen = rowsOf(kvStore.getNextKeys('r.', 100), 'r.');
    expect(seen).to.have.lengthOf(ROWS - 1);
    kernelStorage.rollbackCrank('start');
    for (const key of seen) kvStore.delete(key);
    expect(rowsOf(kvStore.getNextKeys('r.', 100), 'r.')).to.deep.equal(['r.15']);
    kernelStorage.endCrank();
    await hostStorage.close();
  });

  it('are all in the file after a commit, and none of them before it', async () => {
    const dirPath = tempDir();
    const { kernelStorage, hostStorage } = initSwingStore(dirPath);
    const { kvStore, transcriptStore, snapStore } = kernelStorage;
    kvStore.set('kept', 'yes');
    kvStore.set('gone', 'soon');
    kvStore.delete('gone');
    transcriptStore.initTranscript('v1');
    transcriptStore.addItem('v1', 'one');
    transcriptStore.addItem('v1', 'two');
    const heap = [Buffer.from('a heap '), Buffer.from('in two chunks')];
    const { hash, packed } = await snapStore.stageSnapshot('v1', 2, heap);
    expect(hash).to.equal(sha256Hex('a heap in two chunks'));
    expect(snapStore.getSnapshotInfo('v1')).to.deep.equal({
      ...{ snapPos: 2, hash, uncompressedSize: 20, compressedSize: null },
    });
    const before = openSwingStore(dirPath, { readOnly: true });
    expect(before.kernelStorage.kvStore.get('kept')).to.equal(undefined);
    await before.hostStorage.close();
    await hostStorage.commit();
    const { compressedSize } = (await packed)!;
    expect(snapStore.getSnapshotInfo('v1')?.compressedSize).to.equal(compressedSize);
    const after = openSwingStore(dirPath, { readOnly: true });
    expect(after.kernelStorage.kvStore.get('kept')).to.equal('yes');
    expect(after.kernelStorage.kvStore.has('gone')).to.equal(false);
    expect([...after.kernelStorage.transcriptStore.readSpan('v1')]).to.deep.equal(['one', 'two']);
    const bytes = await collect(after.kernelStorage.snapStore.loadSnapshot('v1'));
    expect(bytes.toString()).to.equal('a heap in two chunks');
    await after.hostStorage.close();
    await hostStorage.close();
    expect((await verifyStore(dirPath)).problems).to.deep.equal([]);
  });

  it('of a snapshot that is replaced before the commit are never packed', async () => {
    const { kernelStorage, hostStorage, debug } = initSwingStore(null);
    const { snapStore } = kernelStorage;
    // One at a time is packed, and this one takes longer than the hashes of the next two.
    const second = await snapStore.stageSnapshot('v2', 1, [randomBytes(16_000_000)]);
    const first = await snapStore.stageSnapshot('v1', 1, [Buffer.from('first')]);
    await snapStore.stageSnapshot('v1', 2, [Buffer.from('second')]);
    await hostStorage.commit();
    expect(await first.packed).to.equal(undefined);
    expect(await second.packed)
      .to.have.property('compressedSize')
      .above(0);
    const rows = debug.dump().snapshots['v1']!;
    expect(rows.map(({ compressedSnapshot }) => compressedSnapshot !== null)).to.deep.equal([
      false,
      true,
    ]);
  });

  it('of a snapshot do not come over one that was saved later at the same position', async () => {
    const dirPath = tempDir();
    const { kernelStorage, hostStorage } = initSwingStore(dirPath, { keepSnapshots: true });
    const { snapStore } = kernelStorage;
    await snapStore.stageSnapshot('v1', 1, [Buffer.from('first')]);
    await snapStore.saveSnapshot('v1', 1, oneChunk('second'));
    await hostStorage.commit();
    expect((await collect(snapStore.loadSnapshot('v1'))).toString()).to.equal('second');
    await hostStorage.close();
  });

  it('of a snapshot reach an archive, and a store that keeps all snapshots', async () => {
    const archived: string[] = [];
    for (const options of [
      { archiveSnapshot: async (name: string) => void archived.push(name) },
      { keepSnapshots: true },
    ]) {
      const dirPath = tempDir();
      const { kernelStorage, hostStorage } = initSwingStore(dirPath, options);
      kernelStorage.transcriptStore.initTranscript('v1');
      kernelStorage.transcriptStore.addItem('v1', 'one');
      await kernelStorage.snapStore.stageSnapshot('v1', 1, [Buffer.from('first')]);
      await kernelStorage.snapStore.stageSnapshot('v1', 2, [Buffer.from('second')]);
      await hostStorage.commit();
      await hostStorage.close();
      if (options.keepSnapshots) {
        const exporter = makeSwingStoreExporter(dirPath, { artifactMode: 'debug' });
        const artifact = await collect(exporter.getArtifact('snapshot.v1.1'));
        expect(artifact.toString()).to.equal('first');
        await exporter.close();
      }
    }
    expect(archived).to.deep.equal(['snapshot.v1.1', 'snapshot.v1.2']);
  });

  it('go to the table when there are too many', () => {
    const store = initSwingStore(null);
    const { kvStore } = store.kernelStorage;
    const long = 'x'.repeat(1_000_000);
    for (let i = 0; i < 40; i += 1) kvStore.set(`key${i}`, long);
    const database = store.debug.getDatabase();
    expect(database.prepare('SELECT count(*) FROM kvStore').pluck().get()).to.equal(40);
    expect(kvStore.get('key39')).to.equal(long);
  });

  it('of a heap are read from memory until the commit, as after it', async () => {
    const { kernelStorage, hostStorage } = initSwingStore(null);
    const { snapStore } = kernelStorage;
    await snapStore.saveSnapshot('v1', 1, oneChunk('older'));
    await snapStore.stageSnapshot('v1', 2, [Buffer.from('newer')]);
    expect((await collect(snapStore.loadSnapshot('v1'))).toString()).to.equal('newer');
    await hostStorage.commit();
    expect((await collect(snapStore.loadSnapshot('v1'))).toString()).to.equal('newer');
  });
});
