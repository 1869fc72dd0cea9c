/**
 * Archives: files beside the store that take every snapshot and every closed span, for people who
 * study old runs. Nothing reads them back.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { CrankLayer } from './crank.js';

/** What a host passes as `archiveSnapshot` and `archiveTranscript`: keeps the bytes under the name. */
export type Archive = (name: string, bytes: AsyncIterable<Uint8Array>) => Promise<void>;

/** Queues a closed span for its archive; the bytes are read at once, before they can be pruned. */
export type TranscriptArchiver = (name: string, read: () => Iterable<Uint8Array>) => void;

export interface ArchiveQueue extends CrankLayer {
  readonly add: TranscriptArchiver;
  /** Archives what is queued; the host's commit awaits it. */
  flush(): Promise<void>;
  isEmpty(): boolean;
}

interface QueuedSpan {
  readonly name: string;
  readonly chunks: Uint8Array[];
}

export const makeArchiveQueue = (archive: Archive): ArchiveQueue => {
  let layers: QueuedSpan[][] = [[]];
  async function* stream(chunks: Uint8Array[]): AsyncIterableIterator<Uint8Array> {
    yield* chunks;
  }
  return {
    add: (name, read) => {
      layers.at(-1)!.push({ name, chunks: [...read()] });
    },
    mark: () => {
      layers.push([]);
    },
    rollback: depth => {
      layers.length = depth + 1;
    },
    merge: () => {
      layers = [layers.flat()];
    },
    isEmpty: () => layers.every(layer => layer.length === 0),
    flush: async () => {
      const [queue] = layers;
      for (let span = queue!.shift(); span !== undefined; span = queue!.shift()) {
        await archive(span.name, stream(span.chunks));
      }
    },
  };
};

const writeArchive = async (
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  compress: boolean,
): Promise<void> => {
  const partial = `${file}.partial`;
  try {
    const source = Readable.from(bytes, { objectMode: false });
    const sink = createWriteStream(partial, { flush: true });
    await (compress ? pipeline(source, createGzip(), sink) : pipeline(source, sink));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
};

/** An `archiveSnapshot` that writes `<name>.gz` in `dirPath`; it is given gzipped bytes. */
export const makeArchiveSnapshot =
  (dirPath: string): Archive =>
  async (name, bytes) => {
    await mkdir(dirPath, { recursive: true });
    await writeArchive(join(dirPath, `${name}.gz`), bytes, false);
  };

/** An `archiveTranscript` that gzips into `<name>.gz` in `dirPath`. */
export const makeArchiveTranscript =
  (dirPath: string): Archive =>
  async (name, bytes) => {
    await mkdir(dirPath, { recursive: true });
    await writeArchive(join(dirPath, `${name}.gz`), bytes, true);
  };
