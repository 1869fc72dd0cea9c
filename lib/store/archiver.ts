/**
 * Archives: files outside the store that keep every snapshot and every closed span, for people who
 * study old runs. Nothing here reads them back.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { CrankLayer } from './crank-layer.js';
import { StoreArchiveError } from './errors.js';
import { checkDirPath } from './options.js';
import type { ArchiveSnapshot, ArchiveTranscript } from './options.js';

/** Queues a closed span. It reads the items at once, before they can be pruned. */
export type TranscriptArchiver = (name: string, read: () => Iterable<Uint8Array>) => void;

export interface ArchiveQueue extends CrankLayer {
  readonly add: TranscriptArchiver;
  /**
   * Archives what is queued. The host's commit awaits it. A span leaves the queue only when its
   * archive is complete, so the first call after a failure begins with the span that failed.
   * @throws StoreArchiveError
   */
  flush(): Promise<void>;
  isEmpty(): boolean;
}

interface QueuedSpan {
  readonly name: string;
  readonly items: readonly Uint8Array[];
}

export const makeArchiveQueue = (archive: ArchiveTranscript): ArchiveQueue => {
  let layers: QueuedSpan[][] = [[]];
  /** The pass in progress. Concurrent commits share it, so that no span is archived twice. */
  let flushing: Promise<void> | undefined;

  const flushBase = async (): Promise<void> => {
    for (let [span] = layers[0]!; span !== undefined; [span] = layers[0]!) {
      try {
        await archive(span.name, span.items);
      } catch (error) {
        throw new StoreArchiveError(span.name, { cause: error });
      }
      // A crank may have begun or ended meanwhile. The layers changed; this span is still first.
      layers[0]!.shift();
    }
  };

  return {
    add: (name, read) => {
      layers.at(-1)!.push({ name, items: [...read()] });
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
      flushing ??= flushBase().finally(() => {
        flushing = undefined;
      });
      await flushing;
    },
  };
};

const syncDirectory = async (dirPath: string): Promise<void> => {
  const directory = await open(dirPath, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

const writeArchive = async (
  file: string,
  chunks: Iterable<Uint8Array>,
  compress: boolean,
): Promise<void> => {
  const partial = `${file}.partial`;
  try {
    const source = Readable.from(chunks, { objectMode: false });
    const sink = createWriteStream(partial, { flush: true });
    await (compress ? pipeline(source, createGzip(), sink) : pipeline(source, sink));
    await rename(partial, file);
    // A rename is durable once its directory is, and the archive may soon be the only copy.
    await syncDirectory(dirname(file));
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
};

/**
 * Returns an `archiveSnapshot` that writes `<name>.gz` into `dirPath`. swing-store's second
 * argument (file system powers) is accepted and ignored.
 */
export const makeArchiveSnapshot = (dirPath: string, _powers?: unknown): ArchiveSnapshot => {
  checkDirPath(dirPath);
  return async (name, gzipped) => {
    await mkdir(dirPath, { recursive: true });
    await writeArchive(join(dirPath, `${name}.gz`), [gzipped], false);
  };
};

/** Returns an `archiveTranscript` that gzips into `<name>.gz` in `dirPath`. Ignores `_powers`. */
export const makeArchiveTranscript = (dirPath: string, _powers?: unknown): ArchiveTranscript => {
  checkDirPath(dirPath);
  return async (name, items) => {
    await mkdir(dirPath, { recursive: true });
    await writeArchive(join(dirPath, `${name}.gz`), items, true);
  };
};
