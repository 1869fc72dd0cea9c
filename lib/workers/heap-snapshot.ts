/**
 * Saves a vat's heap snapshot and continues from it.
 *
 * A heap that was saved and loaded differs from the original in garbage and weak references. So the
 * worker restarts from the bytes just saved, which is where any replay will start. The new process
 * gets the bytes from memory while the store hashes them. The store compresses them while cranks go
 * on (`stageSnapshot`).
 *
 * If the incarnation has a heap rule, the heap is trimmed before it is hashed.
 */
import { HeapFormatError } from '../platform/errors.js';
import { trimHeap } from '../platform/heap-resizing.js';
import { streamOf } from '../store/stream-of.js';
import type { SnapStore, StagedResult } from '../store/types.js';
import type { VatID } from '../types/ids.js';
import type { HeapRule, VatOptions } from '../types/vat-options.js';
import { HeapNotWrittenError } from './errors.js';
import type { Worker } from './types.js';
import { isStreamFailure } from './worker-faults.js';

/** The rule that an incarnation has recorded for the sizes of its heaps. */
export const heapRuleOf = ({ workerOptions }: VatOptions): HeapRule | undefined =>
  workerOptions.type === 'xsnap' ? workerOptions.heapRule : undefined;

/**
 * Collects the heap that a worker writes, as it is hashed and stored.
 *
 * @throws HeapFormatError if there is a heap rule and the bytes are no snapshot, or end early
 */
export const collectHeap = async (
  stream: AsyncIterable<Uint8Array>,
  heapRule: HeapRule | undefined,
): Promise<readonly Uint8Array[]> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return heapRule === undefined ? chunks : trimHeap(chunks);
};

export interface SavedHeap {
  readonly saved: StagedResult;
  /** Started from the snapshot. The old worker has ended. */
  readonly worker: Worker;
}

export interface HeapToSave {
  readonly vatID: VatID;
  readonly worker: Worker;
  readonly makeSnapshotStream: () => AsyncIterable<Uint8Array>;
  readonly snapPos: number;
  readonly heapRule: HeapRule | undefined;
}

/**
 * Saves the heap of `worker`, ends it, and starts its successor. Leaves no process behind on
 * failure.
 *
 * @throws HeapNotWrittenError if the engine can't write the heap, or writes one that can't be trimmed
 */
export const saveHeap = async (
  { vatID, worker, makeSnapshotStream, snapPos, heapRule }: HeapToSave,
  snapStore: SnapStore,
  startFromSnapshot: (stream: AsyncIterable<Uint8Array>) => Promise<Worker>,
): Promise<SavedHeap> => {
  let chunks;
  try {
    chunks = await collectHeap(makeSnapshotStream(), heapRule);
  } catch (error) {
    await worker.shutdown();
    throw isStreamFailure(error) || error instanceof HeapFormatError
      ? new HeapNotWrittenError(vatID, snapPos, { cause: error })
      : error;
  }
  const [saved, next] = await Promise.allSettled([
    snapStore.stageSnapshot(vatID, snapPos, chunks),
    startFromSnapshot(streamOf(chunks)),
    worker.shutdown(),
  ]);
  if (next.status === 'rejected') throw next.reason;
  if (saved.status === 'rejected') {
    await next.value.shutdown();
    throw saved.reason;
  }
  return { saved: saved.value, worker: next.value };
};
