import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { BadOptionError } from '../../../../lib/errors.js';
import { SnapshotDamagedError } from '../../../../lib/host/block-host/snapshots/errors.js';
import {
  makeSnapshotExporter,
  type SnapshotEvent,
  type SnapshotExporterOptions,
} from '../../../../lib/host/block-host/snapshots/exporter.js';
import { readManifest } from '../../../../lib/host/block-host/snapshots/manifest.js';
import { sha256 } from '../../../../lib/host/block-host/tree/hashes.js';
import { openSwingStore, type SwingStore } from '../../../../lib/store/swing-store.js';
import { useTempDirs } from '../../../store/support/dirs.js';
import { runVatScript } from '../../../store/support/script.js';
import { timeOf } from './support/chain.js';

describe('snapshots of a chain', () => {
  const tempDir = useTempDirs();
  let home: string;
  let store: SwingStore;
  let events: SnapshotEvent[];
  const snapshotsDir = () => join(home, 'snapshots');
  const namesOf = () => readdirSync(snapshotsDir()).sort();
  const typesOf = () => events.map(({ type, height }) => `${type} ${height}`);

  const open = (options: Partial<SnapshotExporterOptions> = {}) =>
    makeSnapshotExporter({
      storeDir: join(home, 'swingset'),
      snapshotsDir: snapshotsDir(),
      interval: 2,
      keep: 2,
      committedHeight: 0,
      chunkBytes: 500,
      onEvent: event => events.push(event),
      ...options,
    });
  const commit = async (height: number): Promise<void> => {
    store.kernelStorage.kvStore.set('height', `${height}`);
    store.hostStorage.kvStore.set('host.chain.height', `${height}`);
    store.hostStorage.kvStore.set('host.local.height', `${height}`);
    await store.hostStorage.commit();
  };

  beforeEach(async () => {
    home = tempDir('home');
    events = [];
    store = openSwingStore(join(home, 'swingset'));
    await runVatScript(store);
  });
  afterEach(() => store.hostStorage.close());

  it('are made at intervals, listed when the chain is two blocks ahead, and the newest are kept', async () => {
    const snapshots = open();
    const heights = (committed: number) => snapshots.list(committed).map(({ height }) => height);
    const listed: number[][] = [];
    for (let height = 1; height <= 11; height += 1) {
      await commit(height);
      snapshots.afterCommit(height, timeOf(height));
      await snapshots.settled();
      listed.push(heights(height));
    }
    expect(listed).to.deep.equal([
      [],
      [],
      [],
      [2],
      [2],
      [4, 2],
      [4, 2],
      [6, 4],
      [6, 4],
      [8, 6],
      [8, 6],
    ]);
    expect(namesOf()).to.deep.equal(['10', '6', '8']);
    expect(typesOf().filter(text => !text.startsWith('snapshot-chunk'))).to.deep.equal([
      ...['snapshot-begun 2', 'snapshot-done 2', 'snapshot-begun 4', 'snapshot-done 4'],
      ...['snapshot-begun 6', 'snapshot-done 6', 'snapshot-deleted 2'],
      ...['snapshot-begun 8', 'snapshot-done 8', 'snapshot-deleted 4'],
      ...['snapshot-begun 10', 'snapshot-done 10'],
    ]);
    await snapshots.close();
  });

  it('describe themselves: height, time, counts, and the hash of each chunk', async () => {
    const snapshots = open();
    await commit(2);
    snapshots.afterCommit(2, timeOf(2));
    await snapshots.settled();
    const [{ metadata, ...description } = { metadata: new Uint8Array() }] = snapshots.list(4);
    const manifest = readManifest(metadata);
    expect(description).to.deep.equal({
      height: 2,
      format: 1,
      chunks: manifest.chunks.length,
      hash: sha256(metadata),
    });
    expect(manifest).to.include({ format: 1, height: 2, rows: 1, chunkBytes: 500 });
    expect(manifest.time).to.deep.equal(timeOf(2));
    expect(manifest.chunks.length).to.be.greaterThan(3);
    for (const [chunk, hash] of manifest.chunks.entries()) {
      const bytes = await snapshots.load(2, 1, chunk);
      expect(sha256(bytes!).toString('hex')).to.equal(hash);
    }
    expect(await snapshots.load(2, 1, manifest.chunks.length)).to.equal(undefined);
    expect(await snapshots.load(2, 1, -1)).to.equal(undefined);
    expect(await snapshots.load(2, 2, 0)).to.equal(undefined);
    expect(await snapshots.load(3, 1, 0)).to.equal(undefined);
    await snapshots.close();
  });

  it('of equal states are equal, byte for byte', async () => {
    const chunksOf = async (): Promise<Buffer[]> => {
      const snapshots = open();
      await commit(2);
      snapshots.afterCommit(2, timeOf(2));
      await snapshots.settled();
      const files = namesOf().map(name => join(snapshotsDir(), name));
      const [{ chunks } = { chunks: 0 }] = snapshots.list(4);
      const all = [];
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        all.push(Buffer.from((await snapshots.load(2, 1, chunk))!));
      }
      await snapshots.close();
      rmSync(files[0]!, { recursive: true });
      return all;
    };
    expect(await chunksOf()).to.deep.equal(await chunksOf());
  });

  it('are of the commit after which they were begun, though the chain goes on at once', async () => {
    const snapshots = open({ keep: 1 });
    await commit(2);
    snapshots.afterCommit(2, timeOf(2));
    // One that is due before the last is written is left out.
    for (const height of [3, 4]) {
      await commit(height);
      snapshots.afterCommit(height, timeOf(height));
    }
    await snapshots.settled();
    const again = open();
    await commit(2);
    again.afterCommit(2, timeOf(2));
    await again.settled();
    const [first] = snapshots.list(10);
    const [second] = again.list(10);
    expect(Buffer.from(first!.hash)).to.deep.equal(Buffer.from(second!.hash));
    expect(events).to.deep.include({ type: 'snapshot-left-out', height: 4, unfinished: 2 });
    await snapshots.close();
    await again.close();
  });

  it('are found again by the next process, without what the last one left', async () => {
    const one = open();
    await commit(2);
    one.afterCommit(2, timeOf(2));
    await one.settled();
    const [description] = one.list(4);
    await one.close();
    for (const name of ['4.partial', '1.deleted']) {
      mkdirSync(join(snapshotsDir(), name));
      writeFileSync(join(snapshotsDir(), name, '0.chunk'), 'x');
    }
    const two = open({ committedHeight: 5 });
    expect(namesOf()).to.deep.equal(['2']);
    expect(two.list(5)).to.deep.equal([description]);
    await two.close();
  });

  it('above the committed height are deleted, because those blocks may come again', async () => {
    const one = open();
    for (const height of [2, 4]) {
      await commit(height);
      one.afterCommit(height, timeOf(height));
      await one.settled();
    }
    await one.close();
    const two = open({ committedHeight: 3 });
    expect(namesOf()).to.deep.equal(['2']);
    await two.close();
  });

  it('that are damaged are not served, and deleted', async () => {
    const snapshots = open({ keep: 5 });
    for (const height of [2, 4, 6]) {
      await commit(height);
      snapshots.afterCommit(height, timeOf(height));
      await snapshots.settled();
    }
    events.length = 0;
    writeFileSync(join(snapshotsDir(), '2', '1.chunk'), 'other bytes');
    rmSync(join(snapshotsDir(), '4', '0.chunk'));
    expect(await snapshots.load(2, 1, 0)).to.be.instanceOf(Uint8Array);
    expect(await snapshots.load(2, 1, 1)).to.equal(undefined);
    expect(await snapshots.load(4, 1, 0)).to.equal(undefined);
    expect(snapshots.list(8).map(({ height }) => height)).to.deep.equal([6]);
    await snapshots.close();
    writeFileSync(join(snapshotsDir(), '6', 'manifest.json'), '{"format":1}');
    mkdirSync(join(snapshotsDir(), '8'));
    const again = open({ committedHeight: 8 });
    expect(again.list(8)).to.deep.equal([]);
    expect(namesOf()).to.deep.equal([]);
    expect(typesOf()).to.deep.equal([2, 4, 6, 8].map(height => `snapshot-failed ${height}`));
    for (const event of events) {
      if (event.type !== 'snapshot-failed') throw Error(event.type);
      expect(event.error)
        .to.be.instanceOf(SnapshotDamagedError)
        .with.property('code', 'SNAPSHOT_DAMAGED');
    }
    await again.close();
  });

  it('may be deleted while they are read: a chunk is whole, or not there', async () => {
    const snapshots = open({ keep: 1 });
    await commit(2);
    snapshots.afterCommit(2, timeOf(2));
    await snapshots.settled();
    const [{ chunks, metadata } = { chunks: 0, metadata: new Uint8Array() }] = snapshots.list(4);
    const hashes = readManifest(metadata).chunks;
    const readAll = () =>
      Promise.all(hashes.map(async (_hash, chunk) => snapshots.load(2, 1, chunk)));
    const early = readAll();
    for (const height of [4, 6]) {
      await commit(height);
      snapshots.afterCommit(height, timeOf(height));
      await snapshots.settled();
    }
    const late = readAll();
    expect(existsSync(join(snapshotsDir(), '2'))).to.equal(false);
    for (const [chunk, bytes] of [...(await early).entries(), ...(await late).entries()]) {
      if (bytes) expect(sha256(bytes).toString('hex')).to.equal(hashes[chunk]);
    }
    expect(await late).to.deep.equal(Array.from({ length: chunks }, () => undefined));
    expect(typesOf().filter(text => text.startsWith('snapshot-failed'))).to.deep.equal([]);
    await snapshots.close();
  });

  it('that fail are reported, and leave the chain and other snapshots alone', async () => {
    const snapshots = open();
    await commit(2);
    snapshots.afterCommit(2, timeOf(2));
    await snapshots.settled();
    // A vat's span without its items can't be exported.
    store.kernelStorage.transcriptStore.initTranscript('v77');
    store.kernelStorage.transcriptStore.addItem('v77', 'item');
    await commit(4);
    const Database = (await import('better-sqlite3')).default;
    await store.hostStorage.close();
    const db = new Database(join(home, 'swingset', 'swingstore.sqlite'));
    db.exec(`DELETE FROM transcriptItems WHERE vatID = 'v77'`);
    db.close();
    store = openSwingStore(join(home, 'swingset'));
    snapshots.afterCommit(4, timeOf(4));
    await snapshots.settled();
    const failure = events.at(-1);
    if (failure?.type !== 'snapshot-failed') throw Error(failure?.type);
    expect(failure.error).to.have.property('code', 'STORE_MISSING');
    expect(namesOf()).to.deep.equal(['2']);
    rmSync(join(home, 'snapshots'), { recursive: true });
    await commit(6);
    snapshots.afterCommit(6, timeOf(6));
    await snapshots.settled();
    expect(events.at(-1)).to.have.property('type', 'snapshot-failed');
    await commit(8);
    await snapshots.close();
  });

  it('are given up when the node closes', async () => {
    const snapshots = open();
    await commit(2);
    snapshots.afterCommit(2, timeOf(2));
    await snapshots.close();
    expect(namesOf()).to.deep.equal([]);
    expect(typesOf().at(-1)).not.to.match(/failed|done/);
    snapshots.afterCommit(4, timeOf(4));
    expect(typesOf()).not.to.include('snapshot-begun 4');
  });

  it('are none with interval 0', async () => {
    const snapshots = open({ interval: 0 });
    await commit(2);
    snapshots.afterCommit(2, timeOf(2));
    await snapshots.settled();
    expect(events).to.deep.equal([]);
    expect(namesOf()).to.deep.equal([]);
    await snapshots.close();
  });

  it('have options that are checked', () => {
    for (const [field, options] of [
      ['snapshotInterval', { interval: -1 }],
      ['snapshotInterval', { interval: 1.5 }],
      ['snapshotKeep', { keep: 0 }],
    ] as const) {
      expect(() => open(options))
        .to.throw(BadOptionError)
        .with.property('field', field);
    }
  });
});
