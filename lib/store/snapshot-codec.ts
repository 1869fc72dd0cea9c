/**
 * Snapshots are stored as brotli or gzip streams, and the stream itself tells which. Hashes are of
 * the uncompressed bytes. `docs/swingstore.md` has the measurements behind the defaults.
 */
import { createHash, webcrypto } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createGunzip,
  createGzip,
  gunzip,
  gzip,
  gzipSync,
} from 'node:zlib';
import { bytesArgument, checkArgument } from './arguments.js';
import { quoteValue } from '../errors.js';
import { StoreDamagedError } from './errors.js';

/** swing-store can open a file only if its snapshots are `gzip`. */
export type SnapshotCodec = 'brotli' | 'gzip';

export interface SnapshotPacking {
  readonly codec: SnapshotCodec;
  /** 1 (fast) to 9: gzip's level, or brotli's quality. */
  readonly level: number;
}

const DEFAULT_LEVELS: Readonly<Record<SnapshotCodec, number>> = { brotli: 2, gzip: 3 };

/** How a store with these (checked) options packs snapshots. */
export const packingOf = ({
  archiveSnapshot,
  snapshotCodec = archiveSnapshot ? 'gzip' : 'brotli',
  snapshotCompressionLevel = DEFAULT_LEVELS[snapshotCodec],
}: {
  readonly archiveSnapshot?: unknown;
  readonly snapshotCodec?: SnapshotCodec | undefined;
  readonly snapshotCompressionLevel?: number | undefined;
} = {}): SnapshotPacking => ({ codec: snapshotCodec, level: snapshotCompressionLevel });

/** A 4 MB window. Streams with the widest window could begin with gzip's first byte. */
const BROTLI_WINDOW_BITS = 22;
const CHUNK_SIZE = 256 * 1024;

const brotliParams = (level: number) => ({
  [constants.BROTLI_PARAM_QUALITY]: level,
  [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
});

const makePacker = ({ codec, level }: SnapshotPacking) =>
  codec === 'gzip'
    ? createGzip({ level, chunkSize: CHUNK_SIZE })
    : createBrotliCompress({ chunkSize: CHUNK_SIZE, params: brotliParams(level) });

/** A gzip stream begins with 1f 8b; no brotli stream with our window begins with 1f. */
const isGzip = (packed: Uint8Array): boolean => packed[0] === 0x1f && packed[1] === 0x8b;

const makeUnpacker = (packed: Uint8Array) =>
  isGzip(packed)
    ? createGunzip({ chunkSize: CHUNK_SIZE })
    : createBrotliDecompress({ chunkSize: CHUNK_SIZE });

/** Up to this size, snapshots are unpacked whole: a stream takes a third more of the CPU. */
const WHOLE_BYTES = 128 * 1024 * 1024;

/** Unpacks into one buffer, of a byte more than `size` at most. Only zlib's thread works. */
const unpackWhole = (packed: Uint8Array, size: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // A chunk that is never full spares zlib a second one.
    const options = { chunkSize: Math.max(size + 2, 64), maxOutputLength: size + 1 };
    const done = (error: Error | null, bytes: Buffer) => (error ? reject(error) : resolve(bytes));
    if (isGzip(packed)) gunzip(packed, options, done);
    else brotliDecompress(packed, options, done);
  });

/** SHA-256 in hex. A thread of Node's pool hashes, so that other work goes on. */
export const hashOfChunks = async (chunks: readonly Uint8Array[]): Promise<string> => {
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
};

/** XS limits a heap to 2 GiB, and a snapshot is hardly longer than its heap. */
export const MAX_SNAPSHOT_BYTES = 2 ** 32;

export interface PackedSnapshot {
  readonly hash: string;
  readonly uncompressedSize: number;
  readonly compressed: Buffer;
}

/** Compresses and hashes a stream. zlib uses its own thread. */
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

const packWhole = ({ codec, level }: SnapshotPacking) => {
  const brotli = { chunkSize: CHUNK_SIZE, params: brotliParams(level) };
  const zipped = { chunkSize: CHUNK_SIZE, level };
  return {
    later: (bytes: Buffer, done: (error: Error | null, packed: Buffer) => void) =>
      codec === 'gzip' ? gzip(bytes, zipped, done) : brotliCompress(bytes, brotli, done),
    atOnce: (bytes: Buffer) =>
      codec === 'gzip' ? gzipSync(bytes, zipped) : brotliCompressSync(bytes, brotli),
  };
};

/** Compresses bytes that are all there. Only zlib's thread works. */
export const packChunks = (
  chunks: readonly Uint8Array[],
  packing: SnapshotPacking,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    packWhole(packing).later(Buffer.concat(chunks), (error, packed) =>
      error ? reject(error) : resolve(packed),
    );
  });

/** The same while everything waits. */
export const packChunksAtOnce = (chunks: readonly Uint8Array[], packing: SnapshotPacking): Buffer =>
  packWhole(packing).atOnce(Buffer.concat(chunks));

export interface StoredSnapshot {
  readonly compressed: Uint8Array;
  /** SHA-256 of the uncompressed bytes, hex. */
  readonly hash: string;
  /** Recorded size in bytes. If null, only `MAX_SNAPSHOT_BYTES` limits the stream. */
  readonly uncompressedSize: number | null;
}

const insistHash = (name: string, actual: string, expected: string): void => {
  if (actual !== expected) {
    throw new StoreDamagedError(name, `its bytes have hash ${actual}, not ${expected}`);
  }
};

const tooLong = (name: string, limit: number): StoreDamagedError =>
  new StoreDamagedError(name, `it decompresses to more than the expected ${limit} bytes`);

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/**
 * Streams the bytes of a snapshot. The stream fails as soon as it exceeds the recorded size,
 * because a few kilobytes can decompress to gigabytes. A wrong hash may show only at the end: the
 * consumer must then discard what it built from the stream.
 * @throws StoreDamagedError if the bytes do not decompress, are too many or have the wrong hash.
 */
export async function* unpackSnapshot(
  name: string,
  { compressed, hash: expectedHash, uncompressedSize }: StoredSnapshot,
): AsyncIterableIterator<Uint8Array> {
  if (!((compressed as unknown) instanceof Uint8Array)) {
    throw new StoreDamagedError(name, `it holds ${quoteValue(compressed)} instead of bytes`);
  }
  const limit = Math.min(uncompressedSize ?? MAX_SNAPSHOT_BYTES, MAX_SNAPSHOT_BYTES);
  try {
    if (limit <= WHOLE_BYTES) {
      const bytes = await unpackWhole(compressed, limit);
      if (bytes.byteLength > limit) throw tooLong(name, limit);
      const hashed = hashOfChunks([bytes]);
      yield bytes;
      insistHash(name, await hashed, expectedHash);
      return;
    }
    const hash = createHash('sha256');
    let size = 0;
    const unpacker = makeUnpacker(compressed);
    unpacker.end(compressed);
    for await (const chunk of unpacker as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > limit) throw tooLong(name, limit);
      hash.update(chunk);
      yield chunk;
    }
    insistHash(name, hash.digest('hex'), expectedHash);
  } catch (error) {
    if (error instanceof StoreDamagedError) throw error;
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLong(name, limit);
    throw new StoreDamagedError(name, 'its bytes do not decompress', { cause: error });
  }
}
