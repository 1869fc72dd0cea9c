/** The pipes through which a worker loads a heap when it starts, and writes its own. */
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { WorkerProtocolError } from './errors.js';

/** File descriptors in the worker. */
export const HEAP_OUT = 7;
export const HEAP_IN = 8;

/** A heap is collected faster than a worker writes it, if nobody waits for single chunks. */
const BUFFER_BYTES = 1024 * 1024;

/** Settles when the stream takes more, or nothing any more. */
const drained = (stream: Writable): Promise<void> =>
  new Promise(resolve => {
    const settle = (): void => {
      stream.off('drain', settle);
      stream.off('close', settle);
      resolve();
    };
    stream.once('drain', settle);
    stream.once('close', settle);
  });

/**
 * Writes a heap to a worker, which then sees the end of the stream. If the worker ends before it has
 * read all, its exit says why.
 *
 * @param onFailure - called if the source throws; without the rest, the worker would wait forever
 */
export const loadHeap = async (
  source: AsyncIterable<Uint8Array>,
  toWorker: Writable,
  onFailure: (error: unknown) => void,
): Promise<void> => {
  try {
    for await (const chunk of source) {
      if (toWorker.destroyed) return;
      if (!toWorker.write(chunk) && !toWorker.destroyed) await drained(toWorker);
    }
  } catch (error) {
    onFailure(error);
    return;
  }
  toWorker.end();
};

/**
 * Streams the heap that a worker writes.
 *
 * @param write - tells the worker to write it, and returns how many bytes it wrote
 * @param onBytes - called when bytes have come
 * @param patience - milliseconds to wait for the next byte when the worker says that it has written
 *   all; 0 means for ever
 * @throws what `write` rejects with
 * @throws WorkerProtocolError if the worker has written less or more than it says
 */
export async function* saveHeapFrom(
  fromWorker: Readable,
  write: () => Promise<number>,
  onBytes: () => void,
  patience: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const output = new PassThrough({ highWaterMark: BUFFER_BYTES });
  let read = 0;
  let size: number | undefined;
  let wait: NodeJS.Timeout | undefined;
  const otherSize = (): Error => new WorkerProtocolError(`${size} bytes of heap came as ${read}`);
  const giveUp = (): void => void output.destroy(otherSize());
  const endWhenComplete = (): void => {
    if (size === undefined || output.destroyed) return;
    clearTimeout(wait);
    if (read >= size) output.end();
    else if (fromWorker.closed) giveUp();
    else if (patience > 0) wait = setTimeout(giveUp, patience).unref();
  };
  const count = (chunk: Buffer): void => {
    read += chunk.length;
    onBytes();
    endWhenComplete();
  };
  // The bytes flow before the reply, because the worker blocks on a full pipe. The output gets each
  // chunk before it is counted.
  fromWorker.pipe(output, { end: false });
  fromWorker.on('data', count);
  fromWorker.once('close', endWhenComplete);
  const written = write().then(
    bytes => {
      size = bytes;
      endWhenComplete();
    },
    (error: unknown) => void output.destroy(error as Error),
  );
  try {
    yield* output;
    if (read !== size) throw otherSize();
  } finally {
    clearTimeout(wait);
    fromWorker.off('close', endWhenComplete);
    fromWorker.unpipe(output);
    fromWorker.off('data', count);
    // Lets a worker finish whose heap nobody wants any more.
    fromWorker.resume();
    await written;
  }
}
