/** Snapshots in the database are gzip streams, as swing-store's; hashes are of the bytes inside. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { StoreDamagedError } from './errors.js';

export interface PackedSnapshot {
  readonly hash: string;
  readonly uncompressedSize: number;
  readonly compressed: Buffer;
}

/** Compresses and hashes a stream; zlib works in its own thread. `level` is gzip's, 1 to 9. */
export const packSnapshot = async (
  source: AsyncIterable<Uint8Array>,
  level: number,
): Promise<PackedSnapshot> => {
  const hash = createHash('sha256');
  let uncompressedSize = 0;
  const chunks: Buffer[] = [];
  async function* measured(): AsyncIterableIterator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk);
      uncompressedSize += chunk.byteLength;
      yield chunk;
    }
  }
  await pipeline(
    Readable.from(measured(), { objectMode: false }),
    createGzip({ level, chunkSize: 256 * 1024 }),
    async (packed: AsyncIterable<Buffer>) => {
      for await (const chunk of packed) {
        chunks.push(chunk);
      }
    },
  );
  return { hash: hash.digest('hex'), uncompressedSize, compressed: Buffer.concat(chunks) };
};

/**
 * The bytes of a snapshot as a stream. A wrong byte shows at the end at the latest: by then a
 * consumer has seen it, and must throw away what it made of the stream.
 * @throws StoreDamagedError when it does not decompress or has another hash.
 */
export async function* unpackSnapshot(
  name: string,
  compressed: Uint8Array,
  expectedHash: string,
): AsyncIterableIterator<Uint8Array> {
  const hash = createHash('sha256');
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  gunzip.end(compressed);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw new StoreDamagedError(name, 'its bytes do not decompress', { cause: error });
  }
  const actual = hash.digest('hex');
  if (actual !== expectedHash) {
    throw new StoreDamagedError(name, `its bytes have hash ${actual}, not ${expectedHash}`);
  }
}
