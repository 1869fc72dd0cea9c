/**
 * Snapshots in the database are brotli or gzip streams; hashes are of the bytes inside. Which of the
 * two it is, a stream says itself. `docs/swingstore.md` has the figures that chose them.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createGunzip,
  createGzip,
} from 'node:zlib';
import { bytesArgument, checkArgument } from './arguments.js';
import { quoteValue } from '../errors.js';
import { StoreDamagedError } from './errors.js';

/** `gzip` is what swing-store reads in its own file. */
export type SnapshotCodec = 'brotli' | 'gzip';

export interface SnapshotPacking {
  readonly codec: SnapshotCodec;
  /** 1 (fast) to 9: gzip's level, or brotli's quality. */
  readonly level: number;
}

const DEFAULT_LEVELS: Readonly<Record<SnapshotCodec, number>> = { brotli: 2, gzip: 3 };

/** Packing by these options of a store, which are checked already. */
export const packingOf = ({
  archiveSnapshot,
  snapshotCodec = archiveSnapshot ? 'gzip' : 'brotli',
  snapshotCompressionLevel = DEFAULT_LEVELS[snapshotCodec],
}: {
  readonly archiveSnapshot?: unknown;
  readonly snapshotCodec?: SnapshotCodec | undefined;
  readonly snapshotCompressionLevel?: number | undefined;
} = {}): SnapshotPacking => ({ codec: snapshotCodec, level: snapshotCompressionLevel });

/** The window reaches over 4 MB. A stream of the widest one could start as gzip's do. */
const BROTLI_WINDOW_BITS = 22;
const CHUNK_SIZE = 256 * 1024;

const makePacker = ({ codec, level }: SnapshotPacking) =>
  codec === 'gzip'
    ? createGzip({ level, chunkSize: CHUNK_SIZE })
    : createBrotliCompress({
        chunkSize: CHUNK_SIZE,
        params: {
          [constants.BROTLI_PARAM_QUALITY]: level,
          [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
        },
      });

/** A gzip stream starts with 1f 8b, and no brotli stream of our window with 1f. */
const isGzip = (packed: Uint8Array): boolean => packed[0] === 0x1f && packed[1] === 0x8b;

const makeUnpacker = (packed: Uint8Array) =>
  isGzip(packed)
    ? createGunzip({ chunkSize: CHUNK_SIZE })
    : createBrotliDecompress({ chunkSize: CHUNK_SIZE });

/** XS ends at a heap of 2 GiB, and a snapshot is hardly longer than its heap. */
export const MAX_SNAPSHOT_BYTES = 2 ** 32;

export interface PackedSnapshot {
  readonly hash: string;
  readonly uncompressedSize: number;
  readonly compressed: Buffer;
}

/** Compresses and hashes a stream; zlib works in its own thread. */
export const packSnapshot = async (
  source: AsyncIterable<Uint8Array>,
  packing: SnapshotPacking,
): Promise<PackedSnapshot> => {
  const hash = createHash('sha256');
  let uncompressedSize = 0;
  const chunks: Buffer[] = [];
  async function* measured(): AsyncIterableIterator<Uint8Array> {
    for await (const chunk of source) {
      checkArgument('saveSnapshot', bytesArgument, chunk);
      hash.update(chunk);
      uncompressedSize += chunk.byteLength;
      yield chunk;
    }
  }
  await pipeline(
    Readable.from(measured(), { objectMode: false }),
    makePacker(packing),
    async (packed: AsyncIterable<Buffer>) => {
      for await (const chunk of packed) {
        chunks.push(chunk);
      }
    },
  );
  return { hash: hash.digest('hex'), uncompressedSize, compressed: Buffer.concat(chunks) };
};

export interface StoredSnapshot {
  readonly compressed: Uint8Array;
  /** Of the uncompressed bytes. */
  readonly hash: string;
  /** As recorded; without it, only XS's own limit ends the stream. */
  readonly uncompressedSize: number | null;
}

/**
 * The bytes of a snapshot as a stream, which ends with an error where it exceeds the recorded size: a
 * few kilobytes may hold gigabytes. A wrong byte shows at the end at the latest: by then a consumer
 * has seen it, and must throw away what it made of the stream.
 * @throws StoreDamagedError when it does not decompress, is too long or has another hash.
 */
export async function* unpackSnapshot(
  name: string,
  { compressed, hash: expectedHash, uncompressedSize }: StoredSnapshot,
): AsyncIterableIterator<Uint8Array> {
  if (!((compressed as unknown) instanceof Uint8Array)) {
    throw new StoreDamagedError(name, `its bytes are none but ${quoteValue(compressed)}`);
  }
  const hash = createHash('sha256');
  const limit = Math.min(uncompressedSize ?? MAX_SNAPSHOT_BYTES, MAX_SNAPSHOT_BYTES);
  let size = 0;
  const unpacker = makeUnpacker(compressed);
  unpacker.end(compressed);
  try {
    for await (const chunk of unpacker as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > limit) {
        throw new StoreDamagedError(name, `it unpacks to more than its ${limit} bytes`);
      }
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof StoreDamagedError) {
      throw error;
    }
    throw new StoreDamagedError(name, 'its bytes do not decompress', { cause: error });
  }
  const actual = hash.digest('hex');
  if (actual !== expectedHash) {
    throw new StoreDamagedError(name, `its bytes have hash ${actual}, not ${expectedHash}`);
  }
}
