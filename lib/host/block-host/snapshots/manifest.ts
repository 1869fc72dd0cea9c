/**
 * What a snapshot says of itself: the metadata of an offer, and the file `manifest.json`. It comes
 * from peers, who may say anything.
 */
import { quoteValue } from '../../../errors.js';
import { sha256 } from '../tree/hashes.js';
import type { BlockTime, SnapshotDescription } from '../types.js';
import { BadSnapshotError } from './errors.js';

/** Changes whenever software of before could not restore a snapshot. */
export const FORMAT = 1;

/**
 * Uncompressed. CometBFT passes on chunks of up to 16 MB; compressed, nearly all have a fraction.
 */
export const MAX_CHUNK_BYTES = 10_000_000;

/** Makes the hashes about 1 MB, of the 4 MB that CometBFT passes on. */
const MAX_CHUNKS = 2 ** 14;

export interface SnapshotManifest {
  readonly format: typeof FORMAT;
  readonly height: number;
  /** Of the block at this height. Unlike all else, no hash that a validator signs vouches for it. */
  readonly time: BlockTime;
  /** Of all chunks, uncompressed. */
  readonly bytes: number;
  /** Of each chunk but the last, uncompressed. */
  readonly chunkBytes: number;
  /** Entries of export data. */
  readonly entries: number;
  /** Rows of the chain. */
  readonly rows: number;
  readonly artifacts: number;
  /** SHA-256 of each chunk, in hexadecimal. */
  readonly chunks: readonly string[];
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

type Check = readonly [expected: string, test: (value: never) => boolean];

const isTime = ({ seconds, nanos }: { readonly seconds: unknown; readonly nanos: unknown }) =>
  typeof seconds === 'string' && /^-?\d{1,18}$/.test(seconds) && isCount(nanos) && nanos < 1e9;

const FIELDS: Readonly<Record<keyof SnapshotManifest, Check>> = {
  format: [`${FORMAT}`, value => value === FORMAT],
  height: ['a height', value => isCount(value) && value > 0],
  time: ['seconds as text, and nanos', isTime],
  bytes: ['a positive integer', value => isCount(value) && value > 0],
  chunkBytes: [
    `from 1 to ${MAX_CHUNK_BYTES}`,
    value => isCount(value) && value > 0 && value <= MAX_CHUNK_BYTES,
  ],
  entries: ['a number', isCount],
  rows: ['a number', isCount],
  artifacts: ['a number', isCount],
  chunks: [
    `up to ${MAX_CHUNKS} hashes`,
    (value: unknown) =>
      Array.isArray(value) &&
      value.length <= MAX_CHUNKS &&
      value.every(hash => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)),
  ],
};

const parse = (metadata: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(metadata).toString());
  } catch (error) {
    throw new BadSnapshotError('its manifest is not JSON', { cause: error });
  }
};

/** @throws BadSnapshotError naming the first field that is wrong */
export const readManifest = (metadata: Uint8Array): SnapshotManifest => {
  const value = parse(metadata);
  if (typeof value !== 'object' || value === null) {
    throw new BadSnapshotError(`its manifest is ${quoteValue(value)}, not a record`);
  }
  const record = value as Record<string, unknown>;
  for (const [field, [expected, test]] of Object.entries<Check>(FIELDS)) {
    let isRight = false;
    try {
      isRight = test(record[field] as never);
    } catch {
      // The error below quotes the value.
    }
    if (!isRight) {
      throw new BadSnapshotError(
        `its manifest has ${field} ${quoteValue(record[field])}, not ${expected}`,
      );
    }
  }
  const manifest = value as SnapshotManifest;
  const { bytes, chunkBytes, chunks } = manifest;
  if (chunks.length !== Math.ceil(bytes / chunkBytes)) {
    throw new BadSnapshotError(`its manifest has ${chunks.length} chunks for ${bytes} bytes`);
  }
  const { seconds, nanos } = manifest.time;
  return { ...manifest, time: { seconds: BigInt(seconds), nanos } };
};

export const writeManifest = ({ time, ...manifest }: SnapshotManifest): Buffer => {
  const { format, height, bytes, chunkBytes, entries, rows, artifacts, chunks } = manifest;
  const plain = { seconds: `${time.seconds}`, nanos: time.nanos };
  return Buffer.from(
    JSON.stringify({
      ...{ format, height, time: plain, bytes, chunkBytes },
      ...{ entries, rows, artifacts, chunks },
    }),
  );
};

export const describeSnapshot = (metadata: Uint8Array): SnapshotDescription => {
  const { height, format, chunks } = readManifest(metadata);
  return { height, format, chunks: chunks.length, hash: sha256(metadata), metadata };
};
