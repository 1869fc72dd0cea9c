import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { BadOptionError } from '../../../../lib/errors.js';
import { NoRestoreError } from '../../../../lib/host/block-host/snapshots/errors.js';
import { packChunk, unpackChunk } from '../../../../lib/host/block-host/snapshots/chunks.js';
import {
  describeSnapshot,
  readManifest,
  writeManifest,
  type SnapshotManifest,
} from '../../../../lib/host/block-host/snapshots/manifest.js';
import { encodeFrame } from '../../../../lib/host/block-host/snapshots/frames.js';
import { sha256 } from '../../../../lib/host/block-host/tree/hashes.js';
import { verifyStore } from '../../../../lib/store/verify.js';
import { isSwingStore } from '../../../../lib/store/directory.js';
import { failureOf } from '../../../support/failure.js';
import { makeTempDir } from '../../../support/swingset.js';
import { useTempDirs } from '../../../store/support/dirs.js';
import { exportDataOf, rowsOf } from './support/chain.js';
import {
  CHUNK_BYTES,
  openJoiner,
  openSource,
  type Joiner,
  type Passed,
  type Source,
} from './support/peer.js';

const accepted = { result: 'accept', refetchChunks: [], rejectSenders: [] };

/** The contents of a snapshot, uncompressed. */
const contentsOf = async ({ description, chunks }: Passed): Promise<Buffer> => {
  const { bytes } = readManifest(description.metadata);
  const pieces = chunks.map((chunk, index) =>
    unpackChunk(chunk, Math.min(CHUNK_BYTES, bytes - index * CHUNK_BYTES)),
  );
  return Buffer.concat(await Promise.all(pieces));
};

/** What a malicious peer offers: other contents, and a manifest with the right hashes for them. */
const forge = async (
  original: Passed,
  contents: Buffer,
  changes: Partial<SnapshotManifest> = {},
): Promise<Passed> => {
  const chunks: Buffer[] = [];
  for (let at = 0; at < contents.length; at += CHUNK_BYTES) {
    chunks.push(await packChunk(contents.subarray(at, at + CHUNK_BYTES)));
  }
  const metadata = writeManifest({
    ...readManifest(original.description.metadata),
    bytes: contents.length,
    chunks: chunks.map(chunk => sha256(chunk).toString('hex')),
    ...changes,
  });
  return { ...original, description: describeSnapshot(metadata), chunks };
};

interface FrameAt {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly payload: Buffer;
}

const framesOf = (contents: Buffer): FrameAt[] => {
  const frames: FrameAt[] = [];
  for (let start = 0; start < contents.length;) {
    const end = start + 5 + contents.readUInt32BE(start + 1);
    const payload = contents.subarray(start + 5, end);
    frames.push({ kind: contents.toString('latin1', start, start + 1), start, end, payload });
    start = end;
  }
  return frames;
};

describe('a restore from a snapshot', () => {
  const tempDir = useTempDirs();
  let source: Source;
  let snapshot: Passed;
  let other: Passed;
  let exported: string[];
  let chainRows: string[];

  before(async () => {
    const home = tempDir('source');
    source = await openSource({ home, worker: 'local', interval: 2 });
    await source.runTo(2);
    // One that is due before the last is written would be left out.
    await source.passed(2);
    await source.runTo(4);
    exported = await exportDataOf(join(home, 'swingset'));
    chainRows = rowsOf(source.chain.store, 'host.chain.');
    // The chain goes on at once, while the snapshot is written.
    await source.runTo(5);
    snapshot = await source.passed(4);
    await source.runTo(6);
    other = await source.passed(6);
  });
  after(() => source.close());

  let joiner: Joiner;
  beforeEach(async () => {
    joiner = await openJoiner(makeTempDir(), 'local');
  });
  afterEach(() => joiner.close());

  /** Gives the node a state of its own. */
  const setHeight = async (height: number): Promise<void> => {
    const { hostStorage, kernelStorage } = joiner.chain().store;
    hostStorage.kvStore.set('host.height', `${height}`);
    kernelStorage.kvStore.set('earlier', 'state');
    await hostStorage.commit();
  };

  const expectNoState = (): void => {
    expect(joiner.chain().height()).to.equal(0);
    expect(joiner.chain().activityhash()).to.equal('');
    expect(existsSync(join(joiner.storeDir, 'swingstore.partial'))).to.equal(false);
  };

  /** After a refusal, the next peer's snapshot is taken. */
  const expectStillWilling = async (): Promise<void> => {
    expectNoState();
    expect(await joiner.take(snapshot)).to.deep.equal({ offer: 'accept', last: accepted });
    expect(joiner.chain().height()).to.equal(4);
  };

  it('has the state of exactly that height, and carries on as the source did', async () => {
    expect(snapshot.chunks.length).to.be.greaterThan(5);
    expect(await joiner.take(snapshot)).to.deep.equal({ offer: 'accept', last: accepted });
    const chain = joiner.chain();
    expect(chain.height()).to.equal(4);
    expect(chain.appHash()).to.deep.equal(source.appHashes.get(4));
    expect(await exportDataOf(joiner.storeDir)).to.deep.equal(exported);
    expect(rowsOf(chain.store, 'host.chain.')).to.deep.equal(chainRows);
    expect((await verifyStore(joiner.storeDir)).problems).to.deep.equal([]);
    for (const height of [5, 6]) {
      await chain.runTo(height);
      expect(chain.appHash()).to.deep.equal(source.appHashes.get(height));
    }
    expect(chain.activityhash()).to.equal(source.chain.activityhash());
    const trees = [chain, source.chain].map(({ store }) => rowsOf(store, 'host.tree.'));
    expect(trees[0]).to.deep.equal(trees[1]);
    expect(joiner.events.map(({ type }) => type).slice(-3)).to.deep.equal([
      'restore-chunk',
      'restore-stored',
      'restore-done',
    ]);
  });

  it('discards the state that the node had', async () => {
    await setHeight(2);
    await joiner.restore.offer(snapshot.description, snapshot.appHash);
    expect(joiner.chain().height()).to.equal(0);
    expect(joiner.chain().store.kernelStorage.kvStore.has('earlier')).to.equal(false);
    expect(await joiner.take(snapshot)).to.deep.equal({ offer: 'accept', last: accepted });
    expect(joiner.chain().appHash()).to.deep.equal(source.appHashes.get(4));
  });

  it('begins anew with each offer', async () => {
    await joiner.restore.offer(snapshot.description, snapshot.appHash);
    await joiner.restore.apply(0, snapshot.chunks[0]!, 'peer');
    await joiner.restore.apply(1, snapshot.chunks[1]!, 'peer');
    expect(await joiner.take(snapshot)).to.deep.equal({ offer: 'accept', last: accepted });
    expect(joiner.chain().appHash()).to.deep.equal(source.appHashes.get(4));
  });

  describe('refuses a chunk and names its sender when it', () => {
    const wrong: Record<string, (snapshot: Passed) => Promise<Uint8Array> | Uint8Array> = {
      'has a flipped bit': ({ chunks }) => {
        const bytes = Uint8Array.from(chunks[2]!);
        bytes[bytes.length >> 1]! ^= 4;
        return bytes;
      },
      'is truncated': ({ chunks }) => chunks[2]!.subarray(0, -1),
      'is empty': () => new Uint8Array(),
      'is longer': ({ chunks }) => Buffer.concat([chunks[2]!, Buffer.from('x')]),
      'is of another place': ({ chunks }) => chunks[3]!,
      'is of another snapshot': () => other.chunks[2]!,
    };
    for (const [title, chunkOf] of Object.entries(wrong)) {
      it(title, async () => {
        const { chunks, description, appHash } = snapshot;
        await joiner.restore.offer(description, appHash);
        for (const chunk of [0, 1]) await joiner.restore.apply(chunk, chunks[chunk]!, 'good');
        expect(await joiner.restore.apply(2, await chunkOf(snapshot), 'bad')).to.deep.equal({
          result: 'retry',
          refetchChunks: [2],
          rejectSenders: ['bad'],
        });
        expect(joiner.events.at(-1)).to.deep.equal({
          type: 'restore-refused',
          reason: 'chunk 2 does not have its hash',
          senders: ['bad'],
        });
        // Another peer sends the right one.
        for (const chunk of chunks.keys()) {
          if (chunk < 2) continue;
          expect(await joiner.restore.apply(chunk, chunks[chunk]!, 'good')).to.deep.equal(accepted);
        }
        expect(joiner.chain().appHash()).to.deep.equal(source.appHashes.get(4));
      });
    }
  });

  it('asks for the chunk that is next, and ignores one that it has', async () => {
    const { chunks, description, appHash } = snapshot;
    await joiner.restore.offer(description, appHash);
    await joiner.restore.apply(0, chunks[0]!, 'peer');
    expect(await joiner.restore.apply(2, chunks[2]!, 'peer')).to.deep.equal({
      result: 'retry',
      refetchChunks: [1],
      rejectSenders: [],
    });
    expect(await joiner.restore.apply(0, chunks[0]!, 'peer')).to.deep.equal(accepted);
    for (const chunk of chunks.keys()) {
      if (chunk > 0) await joiner.restore.apply(chunk, chunks[chunk]!, 'peer');
    }
    expect(joiner.chain().height()).to.equal(4);
  });

  describe('rejects the snapshot, with all who sent chunks, when its contents', () => {
    const replaceIn = (contents: Buffer, from: string, to: string): Buffer => {
      const at = contents.indexOf(from);
      if (at < 0 || from.length !== to.length) throw Error(`no ${from}`);
      const changed = Buffer.from(contents);
      changed.write(to, at);
      return changed;
    };
    const without = (contents: Buffer, { start, end }: FrameAt): Buffer =>
      Buffer.concat([contents.subarray(0, start), contents.subarray(end)]);
    const find = (contents: Buffer, kind: string, last = false): FrameAt => {
      const found = framesOf(contents).filter(frame => frame.kind === kind);
      return found.at(last ? -1 : 0)!;
    };
    const entriesIn = ({ payload }: FrameAt) => JSON.parse(payload.toString()) as string[][];
    const splice = (contents: Buffer, { start, end }: FrameAt, frame: Buffer): Buffer =>
      Buffer.concat([contents.subarray(0, start), frame, contents.subarray(end)]);

    interface Case {
      readonly contents: (contents: Buffer) => Buffer;
      readonly changes?: (manifest: SnapshotManifest) => Partial<SnapshotManifest>;
      readonly reason: RegExp;
      /** Default: both, who took turns. */
      readonly senders?: readonly string[];
    }
    const cases: Record<string, Case> = {
      'have a changed entry': {
        contents: contents => replaceIn(contents, '"kv.crankNumber","', '"kv.crankNumbex","'),
        reason: /^its state has app hash [0-9a-f]{64}, but the one to trust is [0-9a-f]{64}$/,
      },
      'have a changed row of the chain': {
        contents: contents => replaceIn(contents, '\\"height\\":4', '\\"height\\":5'),
        reason: /^its state has app hash/,
      },
      'lack rows of the chain': {
        contents: contents => without(contents, find(contents, 'c')),
        changes: () => ({ rows: 0 }),
        reason: /^its state has app hash/,
      },
      'have a changed artifact': {
        contents: contents => {
          const { start } = find(contents, 'd');
          const changed = Buffer.from(contents);
          changed[start + 5 + 40]! ^= 1;
          return changed;
        },
        reason: /^artifact transcript\.v1\.0\.\d+: /,
      },
      'lack an artifact': {
        contents: contents => {
          const frames = framesOf(contents);
          const last = frames.findLastIndex(({ kind }) => kind === 'a');
          return Buffer.concat([
            contents.subarray(0, frames[last]!.start),
            contents.subarray(frames.at(-1)!.start),
          ]);
        },
        changes: ({ artifacts }) => ({ artifacts: artifacts - 1 }),
        reason: /^artifact bundle\..*: an import in mode operational needs it/,
      },
      'have an artifact twice': {
        contents: contents => {
          const frames = framesOf(contents);
          const [first, second] = frames.filter(({ kind }) => kind === 'a');
          const one = contents.subarray(first!.start, second!.start);
          return splice(contents, { ...second!, end: second!.start }, one);
        },
        changes: ({ artifacts }) => ({ artifacts: artifacts + 1 }),
        reason: /^artifact .*: the exporter offers it twice$/,
      },
      'have an artifact of no record': {
        contents: contents => {
          const frame = Buffer.concat([encodeFrame('a', 'snapshot.v77.4'), encodeFrame('d', 'x')]);
          return splice(
            contents,
            { ...find(contents, 'z'), end: find(contents, 'z').start },
            frame,
          );
        },
        reason: /^artifact snapshot\.v77\.4: the export data has no record of it$/,
      },
      'name no artifact': {
        contents: contents => splice(contents, find(contents, 'a'), encodeFrame('a', '../../etc')),
        reason: /is not an artifact name/,
      },
      "have a row that is the node's own": {
        contents: contents => {
          const rows = [...entriesIn(find(contents, 'c')), ['host.local.height', '1000']];
          return splice(contents, find(contents, 'c'), encodeFrame('c', JSON.stringify(rows)));
        },
        changes: ({ rows }) => ({ rows: rows + 1 }),
        reason: /^it has a row host\.local\.height, which is not one of the chain$/,
      },
      'have a key of the host among the export data': {
        contents: contents => {
          const entries = [...entriesIn(find(contents, 'x', true)), ['kv.host.height', '1000']];
          const frame = encodeFrame('x', JSON.stringify(entries));
          return splice(contents, find(contents, 'x', true), frame);
        },
        changes: ({ entries }) => ({ entries: entries + 1 }),
        reason: /host\. and local\. keys are never exported$/,
      },
      // Few bytes when compressed, and many times their length in memory.
      'have more in a frame than any exporter puts there': {
        contents: contents =>
          splice(contents, find(contents, 'x'), encodeFrame('x', `[${'[],'.repeat(180_000)}[]]`)),
        reason: /^its entries are more than a frame holds$/,
      },
      'have an activityhash that is none': {
        contents: contents => {
          const entries = [...entriesIn(find(contents, 'x', true)), ['kv.activityhash', 'x']];
          const frame = encodeFrame('x', JSON.stringify(entries));
          return splice(contents, find(contents, 'x', true), frame);
        },
        changes: ({ entries }) => ({ entries: entries + 1 }),
        reason: /^activityhash: expected 64 hexadecimal digits/,
      },
      'have fewer entries than the manifest says': {
        contents: contents => contents,
        changes: ({ entries }) => ({ entries: entries + 1 }),
        reason: /^it has \d+ entries of export data, but its manifest says \d+$/,
      },
      'have fewer artifacts than the manifest says': {
        contents: contents => contents,
        changes: ({ artifacts }) => ({ artifacts: artifacts + 1 }),
        reason: /^it has \d+ artifacts, but its manifest says \d+$/,
      },
      'have entries that are not pairs': {
        contents: contents =>
          splice(contents, find(contents, 'x'), encodeFrame('x', '[["kv.a",null]]')),
        reason: /^its entries are not pairs of keys and values$/,
        senders: ['peer 0'],
      },
      'have entries that are not JSON': {
        contents: contents => splice(contents, find(contents, 'c'), encodeFrame('c', '[["')),
        reason: /^its entries are not JSON$/,
      },
      'are out of order': {
        contents: contents => {
          const rows = find(contents, 'c');
          const late = contents.subarray(rows.start, rows.end);
          const rest = without(contents, rows);
          return splice(rest, { ...find(rest, 'z'), end: find(rest, 'z').start }, late);
        },
        changes: () => ({ rows: 0 }),
        reason: /^its state has app hash/,
      },
      'have an unknown frame': {
        contents: contents => splice(contents, find(contents, 'z'), Buffer.from('q\0\0\0\0')),
        reason: /^its contents have a frame "q" of 0 bytes$/,
      },
      'have a frame that is too long': {
        contents: contents => {
          const changed = Buffer.from(contents);
          changed.writeUInt32BE(2 ** 28 + 1, 1);
          return changed;
        },
        reason: /^its contents have a frame "x" of 268435457 bytes$/,
        senders: ['peer 0'],
      },
      'are cut off': {
        contents: contents => without(contents, find(contents, 'z')),
        reason: /^its contents are cut off$/,
      },
      'go on after their end': {
        contents: contents => Buffer.concat([contents, encodeFrame('z')]),
        reason: /^its contents go on after their end$/,
      },
      'go on for chunks after their end': {
        contents: contents => Buffer.concat([contents, Buffer.alloc(3 * CHUNK_BYTES, 'z')]),
        reason: /^its contents go on after their end$/,
      },
    };
    for (const [title, each] of Object.entries(cases)) {
      const { contents, changes, reason, senders = ['peer 0', 'peer 1'] } = each;
      it(title, async () => {
        const forged = await forge(
          snapshot,
          contents(await contentsOf(snapshot)),
          changes?.(readManifest(snapshot.description.metadata)),
        );
        const { offer, last } = await joiner.take(forged, chunk => `peer ${chunk % 2}`);
        expect(offer).to.equal('accept');
        expect(last).to.deep.equal({
          result: 'reject-snapshot',
          refetchChunks: [],
          rejectSenders: senders,
        });
        const refused = joiner.events.at(-1);
        if (refused?.type !== 'restore-refused') throw Error(`the last event is ${refused?.type}`);
        expect(refused.reason).to.match(reason);
        expect(refused.senders).to.deep.equal(senders);
        expectNoState();
      });
    }

    it('are chunks that hold more than they should', async () => {
      const chunks = [await packChunk(Buffer.alloc(50 * CHUNK_BYTES)), ...snapshot.chunks.slice(1)];
      const { metadata } = snapshot.description;
      const forged = writeManifest({
        ...readManifest(metadata),
        chunks: chunks.map(chunk => sha256(chunk).toString('hex')),
      });
      const description = describeSnapshot(forged);
      const { last } = await joiner.take({ ...snapshot, chunks, description }, () => 'bomber');
      expect(last).to.deep.equal({
        result: 'reject-snapshot',
        refetchChunks: [],
        rejectSenders: ['bomber'],
      });
      await expectStillWilling();
    });

    it('are right, but another app hash is trusted', async () => {
      const appHash = source.appHashes.get(5)!;
      const { last } = await joiner.take({ ...snapshot, appHash }, () => 'peer');
      expect(last?.result).to.equal('reject-snapshot');
      // It takes no artifacts before.
      expect(joiner.events.map(({ type }) => type)).not.to.include('restore-artifact');
      await expectStillWilling();
    });
  });

  describe('refuses an offer', () => {
    const offerOf = async (changes: Partial<Passed['description']>) =>
      joiner.restore.offer({ ...snapshot.description, ...changes }, snapshot.appHash);
    const withManifest = (change: (plain: Record<string, unknown>) => unknown) => {
      const plain = JSON.parse(Buffer.from(snapshot.description.metadata).toString()) as Record<
        string,
        unknown
      >;
      const metadata = Buffer.from(JSON.stringify(change(plain)));
      return { metadata, hash: sha256(metadata) };
    };

    it('of another format, with nothing to blame', async () => {
      expect(await offerOf({ format: 2 })).to.equal('reject-format');
    });

    it('whose metadata are false, with its senders', async () => {
      const cases: [Partial<Passed['description']>, RegExp][] = [
        [{ hash: Buffer.alloc(32) }, /its manifest does not have its hash/],
        [{ height: 5 }, /its height is 5, but its manifest's 4/],
        [{ chunks: 1 }, /its chunks is 1, but its manifest's \d+/],
        [withManifest(() => 'x'), /its manifest is "x", not a record/],
        [withManifest(() => null), /its manifest is null, not a record/],
        [withManifest(plain => ({ ...plain, height: '4' })), /height "4", not a height/],
        [withManifest(plain => ({ ...plain, format: 2 })), /format 2, not 1/],
        [withManifest(plain => ({ ...plain, time: 5 })), /time 5, not seconds as text/],
        [withManifest(plain => ({ ...plain, time: { seconds: '1', nanos: 1e9 } })), /time/],
        [withManifest(plain => ({ ...plain, chunkBytes: 10_000_001 })), /chunkBytes 10000001/],
        [withManifest(plain => ({ ...plain, bytes: 1e15 })), /chunks for 1000000000000000 bytes/],
        [withManifest(plain => ({ ...plain, chunks: ['x'] })), /chunks \["x"\], not up to/],
        [withManifest(({ entries: _, ...plain }) => plain), /entries undefined, not a number/],
      ];
      const bad = Buffer.from('{');
      cases.push([{ metadata: bad, hash: sha256(bad) }, /its manifest is not JSON/]);
      await setHeight(1);
      for (const [changes, reason] of cases) {
        expect(await offerOf(changes)).to.equal('reject-sender');
        const refused = joiner.events.at(-1);
        if (refused?.type !== 'restore-refused') throw Error('not refused');
        expect(refused.reason).to.match(reason);
      }
      // A refused offer leaves the state alone.
      expect(joiner.chain().height()).to.equal(1);
    });

    it('without an app hash to trust', async () => {
      const offer = joiner.restore.offer(snapshot.description, new Uint8Array(31));
      expect(await failureOf(offer)).to.be.instanceOf(BadOptionError);
    });
  });

  it('needs an offer before chunks', async () => {
    const apply = () => joiner.restore.apply(0, snapshot.chunks[0]!, 'peer');
    expect(await failureOf(apply())).to.be.instanceOf(NoRestoreError);
    await joiner.take(snapshot);
    expect(await failureOf(apply())).to.be.instanceOf(NoRestoreError);
  });

  it("fails with this node's own errors, blames nobody, and starts clean", async () => {
    let isFull = true;
    const other = await openJoiner(makeTempDir(), 'local', ({ type }) => {
      if (isFull && type === 'restore-stored') throw RangeError('the disk is full');
    });
    expect(await failureOf(other.take(snapshot))).to.be.instanceOf(RangeError);
    expect(other.events.map(({ type }) => type)).not.to.include('restore-refused');
    expect(other.chain().height()).to.equal(0);
    isFull = false;
    expect(await other.take(snapshot)).to.deep.equal({ offer: 'accept', last: accepted });
    expect(other.chain().appHash()).to.deep.equal(source.appHashes.get(4));
    await other.close();
  });

  it('may be given up at any chunk', async () => {
    for (const count of [0, 1, snapshot.chunks.length - 1]) {
      const { description, appHash, chunks } = snapshot;
      await joiner.restore.offer(description, appHash);
      for (let chunk = 0; chunk < count; chunk += 1) {
        await joiner.restore.apply(chunk, chunks[chunk]!, 'peer');
      }
      await joiner.restore.close();
      expectNoState();
    }
    expect(isSwingStore(joiner.storeDir)).to.equal(true);
  });
});
