/**
 * Archives: files outside the store that keep every snapshot and every closed span, for people who
 * study old runs. Nothing here reads them back.
 */
import { makeArchiveWriter } from './archive-files.js';
import type { ArchivePowers } from './archive-files.js';
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

/**
 * Returns an `archiveSnapshot` that writes `<name>.gz` into `dirPath`.
 * @param powers - The file system to use, as in swing-store. Default: that of Node.
 */
export const makeArchiveSnapshot = (
  dirPath: string,
  powers?: ArchivePowers | null,
): ArchiveSnapshot => {
  const write = makeArchiveWriter(checkDirPath(dirPath), powers);
  return (name, gzipped) => write(name, [gzipped], { compress: false });
};

/** Returns an `archiveTranscript` that gzips into `<name>.gz` in `dirPath`, with the same powers. */
export const makeArchiveTranscript = (
  dirPath: string,
  powers?: ArchivePowers | null,
): ArchiveTranscript => {
  const write = makeArchiveWriter(checkDirPath(dirPath), powers);
  return (name, items) => write(name, items, { compress: true });
};
