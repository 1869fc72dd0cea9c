/**
 * Restores a chain's state from the snapshot of a peer: the receiving half of state sync. The
 * answers are those of ABCI, which know three kinds of blame: the sender of a chunk, the snapshot,
 * and all snapshots of a peer.
 *
 * Boundary: builds the store in a staging directory. The host closes and opens its own.
 *
 * Invariants
 * 1. From `offer` to the end, the chain has no state: a process killed in between starts clean.
 * 2. The store's place gets a store in one step: once it is complete, checked and on disk.
 * 3. A chunk is used only if it has the hash in the manifest, and the manifest the hash of the
 *    offer. Whatever is wrong with the contents after that, every sender of a chunk has vouched for.
 */
import { BadOptionError } from '../../../errors.js';
import { clearStaging, discardStore, installStaged, stagingOf } from '../../../store/staging.js';
import type { Rows } from '../rows.js';
import { HASH_BYTES, sha256 } from '../tree/hashes.js';
import type { ApplyAnswer, BlockTime, OfferAnswer, SnapshotDescription } from '../types.js';
import { makeChunkFeed, type ChunkFeed } from './chunk-feed.js';
import { unpackChunk } from './chunks.js';
import { BadSnapshotError, NoRestoreError } from './errors.js';
import { FORMAT, readManifest, type SnapshotManifest } from './manifest.js';
import { receiveStore, type ReceiveEvent } from './receive.js';

export type RestoreEvent =
  | ReceiveEvent
  | { readonly type: 'restore-begun'; readonly height: number; readonly chunks: number }
  | { readonly type: 'restore-chunk'; readonly chunk: number }
  | { readonly type: 'restore-done'; readonly height: number }
  /** `senders` are to blame. Empty where the engine knows who made the offer. */
  | {
      readonly type: 'restore-refused';
      readonly reason: string;
      readonly senders: readonly string[];
    };

/** The state that a restore ends with. */
export interface RestoredState {
  readonly height: number;
  /** As the snapshot's peer gave it: no signed hash covers it, so no state may depend on it. */
  readonly time: BlockTime;
  readonly appHash: Uint8Array;
}

export interface RestoreOptions {
  /** The store's directory. The host may have it open. */
  readonly storeDir: string;
  /** Closes the host's store, lets `change` work on its directory, and opens what is there then. */
  readonly replaceStore: (change: () => Promise<void>) => Promise<void>;
  /** Writes the node's own rows (`host.local.`), in the commit that makes the store. */
  readonly writeOwnRows: (rows: Rows, state: RestoredState) => void;
  readonly onEvent?: ((event: RestoreEvent) => void) | undefined;
}

export interface Restore {
  /**
   * Begins a restore, and discards the chain's present state. Gives up a restore in progress.
   * @throws StoreLockedError, StoreIOError
   */
  offer(snapshot: SnapshotDescription, appHash: Uint8Array): Promise<OfferAnswer>;
  /**
   * Takes the next chunk. After the last one, the host's store is the restored one.
   * @throws NoRestoreError; StoreIOError when this node fails, for example with a full disk
   */
  apply(chunk: number, bytes: Uint8Array, sender: string): Promise<ApplyAnswer>;
  /** Gives up a restore in progress. */
  close(): Promise<void>;
}

interface RestoreInProgress {
  readonly manifest: SnapshotManifest;
  readonly feed: ChunkFeed;
  /** Rejects as soon as the contents are found to be bad. */
  readonly work: Promise<void>;
  /** Number of chunks that the feed has taken. */
  applied: number;
  readonly senders: Set<string>;
}

const answer = (
  result: ApplyAnswer['result'],
  refetchChunks: readonly number[] = [],
  rejectSenders: readonly string[] = [],
): ApplyAnswer => ({ result, refetchChunks, rejectSenders });

/** @throws BadSnapshotError */
const checkOffer = (snapshot: SnapshotDescription): SnapshotManifest => {
  if (!sha256(snapshot.metadata).equals(snapshot.hash)) {
    throw new BadSnapshotError('its manifest does not have its hash');
  }
  const manifest = readManifest(snapshot.metadata);
  for (const [field, said] of [
    ['height', manifest.height],
    ['format', manifest.format],
    ['chunks', manifest.chunks.length],
  ] as const) {
    if (snapshot[field] !== said) {
      throw new BadSnapshotError(`its ${field} is ${snapshot[field]}, but its manifest's ${said}`);
    }
  }
  return manifest;
};

/** Uncompressed bytes of a chunk. */
const lengthOf = ({ bytes, chunkBytes }: SnapshotManifest, chunk: number): number =>
  Math.min(chunkBytes, bytes - chunk * chunkBytes);

export const makeRestore = ({
  storeDir,
  replaceStore,
  writeOwnRows,
  onEvent = () => undefined,
}: RestoreOptions): Restore => {
  // Of a process that was killed.
  clearStaging(storeDir);
  let current: RestoreInProgress | undefined;

  const abandon = async ({ feed, work }: RestoreInProgress): Promise<void> => {
    feed.fail(new BadSnapshotError('the restore was given up'));
    await work.catch(() => undefined);
    clearStaging(storeDir);
  };

  const giveUp = async (): Promise<void> => {
    const abandoned = current;
    current = undefined;
    if (abandoned) await abandon(abandoned);
  };

  const refuse = (error: BadSnapshotError, senders: readonly string[] = []): void =>
    onEvent({ type: 'restore-refused', reason: error.message, senders });

  /** What is wrong with the contents is wrong with the snapshot. */
  const rejectSnapshot = async (
    restore: RestoreInProgress,
    error: unknown,
  ): Promise<ApplyAnswer> => {
    const senders = [...restore.senders];
    current = undefined;
    await abandon(restore);
    if (!(error instanceof BadSnapshotError)) throw error;
    refuse(error, senders);
    return answer('reject-snapshot', [], senders);
  };

  const begin = (manifest: SnapshotManifest, appHash: Uint8Array): void => {
    const { height, time } = manifest;
    const feed = makeChunkFeed();
    const work = receiveStore(feed, {
      staging: stagingOf(storeDir),
      manifest,
      appHash,
      writeOwnRows: rows => writeOwnRows(rows, { height, time, appHash }),
      onEvent,
    });
    // The next call tells.
    work.catch(() => undefined);
    current = { manifest, feed, work, applied: 0, senders: new Set() };
    onEvent({ type: 'restore-begun', height, chunks: manifest.chunks.length });
  };

  const finish = async ({ manifest, feed, work }: RestoreInProgress): Promise<void> => {
    // From here on it can't be given up: a node that closes meanwhile waits for its end.
    current = undefined;
    feed.end();
    await work;
    await replaceStore(async () => installStaged(storeDir));
    onEvent({ type: 'restore-done', height: manifest.height });
  };

  return {
    offer: async (snapshot, appHash) => {
      if (appHash.byteLength !== HASH_BYTES) {
        throw new BadOptionError('appHash', appHash, `${HASH_BYTES} bytes`);
      }
      await giveUp();
      if (snapshot.format !== FORMAT) return 'reject-format';
      let manifest: SnapshotManifest;
      try {
        manifest = checkOffer(snapshot);
      } catch (error) {
        if (!(error instanceof BadSnapshotError)) throw error;
        refuse(error);
        return 'reject-sender';
      }
      await replaceStore(async () => {
        clearStaging(storeDir);
        discardStore(storeDir);
      });
      begin(manifest, appHash);
      return 'accept';
    },

    apply: async (chunk, bytes, sender) => {
      if (!current) throw new NoRestoreError(chunk);
      const restore = current;
      const { manifest, feed, work, applied, senders } = restore;
      // Engines apply chunks in order; after a retry, they may repeat some.
      if (chunk < applied) return answer('accept');
      if (chunk > applied) return answer('retry', [applied]);
      if (sha256(bytes).toString('hex') !== manifest.chunks[chunk]) {
        refuse(new BadSnapshotError(`chunk ${chunk} does not have its hash`), [sender]);
        return answer('retry', [chunk], [sender]);
      }
      senders.add(sender);
      try {
        const piece = await unpackChunk(bytes, lengthOf(manifest, chunk));
        await Promise.race([feed.push(piece), work]);
        restore.applied += 1;
        onEvent({ type: 'restore-chunk', chunk });
        if (restore.applied === manifest.chunks.length) await finish(restore);
      } catch (error) {
        return rejectSnapshot(restore, error);
      }
      return answer('accept');
    },

    close: giveUp,
  };
};
