/**
 * Makes snapshots of a chain at intervals, beside the chain, and serves them to peers.
 *
 * Boundary: reads the store through connections of its own, and never fails the chain: what goes
 * wrong with a snapshot is reported to `onEvent`.
 *
 * Invariants
 * 1. A snapshot is of exactly the commit after which `afterCommit` was called. Its read transaction
 *    begins within that call.
 * 2. At most one snapshot is written at a time. One that is due meanwhile is left out.
 */
import { BadOptionError } from '../../../errors.js';
import { openReader } from '../../../store/reader.js';
import type { OpenReader } from '../../../store/reader.js';
import { sha256 } from '../tree/hashes.js';
import type { BlockTime, SnapshotDescription } from '../types.js';
import { cutPieces, packChunk } from './chunks.js';
import { readContents } from './contents.js';
import { FORMAT, MAX_CHUNK_BYTES, writeManifest } from './manifest.js';
import { openShelf } from './shelf.js';

export type SnapshotEvent =
  | { readonly type: 'snapshot-begun'; readonly height: number }
  | { readonly type: 'snapshot-chunk'; readonly height: number; readonly chunk: number }
  /** `bytes`: of all chunks. */
  | {
      readonly type: 'snapshot-done';
      readonly height: number;
      readonly chunks: number;
      readonly bytes: number;
    }
  | { readonly type: 'snapshot-failed'; readonly height: number; readonly error: unknown }
  | { readonly type: 'snapshot-left-out'; readonly height: number; readonly unfinished: number }
  | { readonly type: 'snapshot-deleted'; readonly height: number };

export interface SnapshotExporterOptions {
  /** The store's directory. */
  readonly storeDir: string;
  /** Where snapshots are kept. Created if absent. */
  readonly snapshotsDir: string;
  /** Blocks from one snapshot to the next; 0: none. */
  readonly interval: number;
  /** How many snapshots that peers may be offered are kept. */
  readonly keep: number;
  /** The height of the store's last commit; 0 without one. Newer snapshots are deleted. */
  readonly committedHeight: number;
  /** Uncompressed size of a chunk; default and maximum 10 MB. */
  readonly chunkBytes?: number | undefined;
  readonly onEvent?: ((event: SnapshotEvent) => void) | undefined;
}

export interface SnapshotExporter {
  /** Begins a snapshot if one is due. Call it right after each commit, before the next write. */
  afterCommit(height: number, time: BlockTime): void;
  /**
   * Snapshots that a peer can use, the newest first. The header after next must exist, because the
   * light client verifies a snapshot of height H with H+2.
   */
  list(committedHeight: number): readonly SnapshotDescription[];
  /** Undefined if there is no such chunk, or it is damaged. */
  load(height: number, format: number, chunk: number): Promise<Uint8Array | undefined>;
  /** Resolves when no snapshot is being written. */
  settled(): Promise<void>;
  /** The node gives up the chain that they are of: deletes them all, and the one that is written. */
  discard(): Promise<void>;
  /** Gives up the snapshot that is being written. */
  close(): Promise<void>;
}

/** A snapshot that is to be written. */
interface SnapshotOrder {
  readonly height: number;
  readonly time: BlockTime;
  /** Its abort gives the snapshot up. */
  readonly signal: AbortSignal;
}

/** One that is being written. */
interface Writing {
  readonly height: number;
  readonly done: Promise<void>;
  readonly end: AbortController;
}

const HEADERS_AHEAD = 2;

const insistCount = (field: string, value: unknown, minimum: number): void => {
  if (!Number.isSafeInteger(value) || (value as number) < minimum) {
    throw new BadOptionError(field, value, `an integer of at least ${minimum}`);
  }
};

/** @throws BadOptionError; errors of the file system, if `snapshotsDir` can't be used */
export const makeSnapshotExporter = ({
  storeDir,
  snapshotsDir,
  interval,
  keep,
  committedHeight,
  chunkBytes = MAX_CHUNK_BYTES,
  onEvent = () => undefined,
}: SnapshotExporterOptions): SnapshotExporter => {
  insistCount('snapshotInterval', interval, 0);
  insistCount('snapshotKeep', keep, 1);
  const failed = (height: number, error: unknown): void =>
    onEvent({ type: 'snapshot-failed', height, error });
  const shelf = openShelf(snapshotsDir, failed);
  let isClosed = false;
  let current: Writing | undefined;

  const remove = ({ height }: SnapshotDescription): void => {
    try {
      shelf.delete(height);
      onEvent({ type: 'snapshot-deleted', height });
    } catch (error) {
      failed(height, error);
    }
  };
  const list = (committed: number): SnapshotDescription[] =>
    shelf.list().filter(({ height }) => height <= committed - HEADERS_AHEAD);

  shelf
    .list()
    .filter(({ height }) => height > committedHeight)
    .forEach(remove);

  const write = async (
    reader: OpenReader,
    { height, time, signal }: SnapshotOrder,
  ): Promise<void> => {
    const { frames, counts } = readContents(reader);
    const draft = shelf.begin(height);
    try {
      const chunks: string[] = [];
      let bytes = 0;
      let packed = 0;
      for await (const piece of cutPieces(frames, chunkBytes)) {
        const chunk = await packChunk(piece);
        signal.throwIfAborted();
        await draft.add(chunk);
        bytes += piece.length;
        packed += chunk.length;
        onEvent({ type: 'snapshot-chunk', height, chunk: chunks.length });
        chunks.push(sha256(chunk).toString('hex'));
      }
      signal.throwIfAborted();
      const sizes = { bytes, chunkBytes, ...counts };
      const manifest = writeManifest({ format: FORMAT, height, time, ...sizes, chunks });
      await draft.finish(manifest);
      onEvent({ type: 'snapshot-done', height, chunks: chunks.length, bytes: packed });
    } catch (error) {
      draft.abandon();
      throw error;
    }
  };

  const begin = (height: number, time: BlockTime): void => {
    if (current) {
      onEvent({ type: 'snapshot-left-out', height, unfinished: current.height });
      return;
    }
    let reader: OpenReader;
    try {
      reader = openReader(storeDir);
    } catch (error) {
      failed(height, error);
      return;
    }
    onEvent({ type: 'snapshot-begun', height });
    const end = new AbortController();
    const { signal } = end;
    const done = write(reader, { height, time, signal })
      .catch((error: unknown) => {
        if (!signal.aborted) failed(height, error);
      })
      .finally(() => {
        reader.close();
        current = undefined;
      });
    current = { height, done, end };
  };

  const giveUp = async (): Promise<void> => {
    current?.end.abort();
    await current?.done;
  };

  return {
    afterCommit: (height, time) => {
      list(height).slice(keep).forEach(remove);
      const isDue = interval > 0 && height > 0 && height % interval === 0;
      const isThere = shelf.list().some(each => each.height === height);
      if (isDue && !isThere && !isClosed) begin(height, time);
    },
    list,
    load: async (height, format, chunk) => {
      if (format !== FORMAT) return undefined;
      try {
        return await shelf.load(height, chunk);
      } catch (error) {
        failed(height, error);
        return undefined;
      }
    },
    settled: async () => current?.done,
    discard: async () => {
      await giveUp();
      shelf.list().forEach(remove);
    },
    close: () => {
      isClosed = true;
      return giveUp();
    },
  };
};
