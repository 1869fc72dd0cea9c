/** Chunks: pieces of a snapshot's contents of equal length, each compressed by itself. */
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { BadSnapshotError } from './errors.js';

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** As for heap snapshots in the store: see `docs/swingstore.md`, "Compression of snapshots". */
const params = {
  [constants.BROTLI_PARAM_QUALITY]: 2,
  [constants.BROTLI_PARAM_LGWIN]: 22,
};

/** Cuts a stream into pieces of `size` bytes, the last one shorter. */
export async function* cutPieces(
  source: AsyncIterable<Buffer>,
  size: number,
): AsyncIterableIterator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (let part of source) {
    while (length + part.length >= size) {
      const cut = size - length;
      yield Buffer.concat([...held, part.subarray(0, cut)]);
      part = part.subarray(cut);
      held = [];
      length = 0;
    }
    held.push(part);
    length += part.length;
  }
  if (length > 0) yield Buffer.concat(held);
}

export const packChunk = (piece: Uint8Array): Promise<Buffer> => compress(piece, { params });

/** @throws BadSnapshotError if it is no chunk, or holds more or fewer bytes than it should */
export const unpackChunk = async (chunk: Uint8Array, length: number): Promise<Buffer> => {
  let piece: Buffer;
  try {
    piece = await decompress(chunk, { maxOutputLength: length });
  } catch (error) {
    throw new BadSnapshotError(`a chunk does not decompress to ${length} bytes`, { cause: error });
  }
  if (piece.length !== length) {
    throw new BadSnapshotError(`a chunk has ${piece.length} bytes, not ${length}`);
  }
  return piece;
};
