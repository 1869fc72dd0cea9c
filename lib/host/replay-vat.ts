/**
 * Rebuilds a lost heap snapshot. Replays the incarnation's transcript, from its start or from an
 * earlier snapshot, on the recorded platform, and takes a snapshot at the end of each span as the
 * vat's worker did.
 *
 * Invariant
 * 1. Every syscall equals the recorded one, and every snapshot has the recorded hash. So the result
 *    is exactly the lost snapshot, or an error.
 */
import { SwingsetError } from '../errors.js';
import { snapshotName } from '../store/export-names.js';
import type { SpanRecord } from '../store/export-names.js';
import { sha256Hex } from '../store/hash.js';
import type { HeldSnapshot } from '../store/inventory.js';
import type { RepairSources, ReplaySource } from '../store/repair-one.js';
import { makeSpanReader } from '../store/span-reader.js';
import { readSnapshotBytes } from '../store/snapshot-sources.js';
import { streamOf } from '../store/stream-of.js';
import type { StoreParts } from '../store/swing-store.js';
import { parseVatID, type VatID } from '../types/ids.js';
import { TranscriptDamagedError } from '../workers/errors.js';
import { collectHeap, heapRuleOf } from '../workers/heap-snapshot.js';
import { replayDeliveries, type PositionedDelivery } from '../workers/replay.js';
import {
  decodeEntry,
  isDeliveryEntry,
  isInitializeWorker,
  type SaveSnapshotEntry,
  type TranscriptEntry,
} from '../workers/transcript.js';
import type { VatRecord, Worker } from '../workers/types.js';
import type { WorkerStarter } from '../workers/worker-starter.js';
import { makeReplayStarter, silentOutput, type ReplayPlatform } from './replay-starter.js';

/** A snapshot can't be rebuilt, or the replay differs from the record. */
export class SnapshotReplayError extends SwingsetError {
  readonly code = 'SNAPSHOT_REPLAY';
  constructor(
    readonly snapshot: string,
    detail: string,
  ) {
    super(`can't rebuild ${snapshot}: ${detail}`);
  }
}

export interface ReplayPowers extends ReplayPlatform {
  /** Called before each span is replayed. */
  readonly onProgress?: (text: string) => void;
}

const collect = async (stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};

const isSaveSnapshot = (entry: TranscriptEntry): entry is SaveSnapshotEntry =>
  entry.d[0] === 'save-snapshot';

/** One span, decoded during its replay. */
const readSpan = (vatID: VatID, span: SpanRecord, items: Iterator<string>) => {
  let savedHash: string | undefined;
  const first = items.next();
  if (first.done === true) throw new TranscriptDamagedError(vatID, span.startPos, 'no items');
  function* deliveries(): IterableIterator<PositionedDelivery> {
    for (let position = span.startPos + 1; ; position += 1) {
      const item = items.next();
      if (item.done === true) return;
      const entry = decodeEntry(item.value, vatID, position);
      if (isSaveSnapshot(entry)) savedHash = entry.r.snapshotID;
      else if (isDeliveryEntry(entry)) yield { position, entry };
    }
  }
  return {
    first: decodeEntry(first.value, vatID, span.startPos),
    deliveries,
    /** The recorded hash of the span's snapshot. Call it after all deliveries were read. */
    savedHash: (): string => {
      if (savedHash !== undefined) return savedHash;
      throw new TranscriptDamagedError(
        vatID,
        span.endPos - 1,
        'the span does not end in a snapshot',
      );
    },
  };
};

/** The latest earlier snapshot that is intact, with its bytes. */
const findStart = async (
  { db }: StoreParts,
  { earlier }: ReplaySource,
): Promise<{ snapshot: HeldSnapshot; chunks: Uint8Array[] } | undefined> => {
  for (const snapshot of earlier) {
    try {
      const bytes = readSnapshotBytes(db, snapshot);
      if (bytes) return { snapshot, chunks: await collect(bytes) };
    } catch {
      // This one is damaged too, so try an earlier one.
    }
  }
  return undefined;
};

/** Starts the worker for the first span of an incarnation. */
const startIncarnation = (
  first: TranscriptEntry,
  record: VatRecord,
  starter: WorkerStarter,
  { platform }: ReplayPowers,
  fail: (detail: string) => SnapshotReplayError,
): Promise<Worker> => {
  if (!isInitializeWorker(first)) throw fail('no earlier snapshot is intact');
  const start = first.d[1];
  const engine = start.workerOptions.type === 'xsnap' ? start.workerOptions.engine : undefined;
  const running = platform.fingerprint.engine;
  if (engine !== undefined && engine !== running) {
    throw fail(`the vat ran on ${engine}, but this software runs ${running}`);
  }
  return starter.startFresh(record, start, { output: silentOutput });
};

/** The `replay` source of `repairStore`. */
export const makeSnapshotReplay =
  (powers: ReplayPowers): NonNullable<RepairSources['replay']> =>
  async (store, source) => {
    const vatID = parseVatID(source.vatID);
    const fail = (detail: string): SnapshotReplayError =>
      new SnapshotReplayError(snapshotName(vatID, source.snapPos), detail);
    const { starter, recordOf } = makeReplayStarter(store.kernelStorage, powers);
    const record = recordOf(vatID);
    const spanReader = makeSpanReader(store.db);
    const begin = await findStart(store, source);
    const firstPos = begin ? begin.snapshot.snapPos + 1 : 0;
    let heap: readonly Uint8Array[] | undefined = begin?.chunks;
    for (const span of source.spans.filter(({ startPos }) => startPos >= firstPos)) {
      const { first, deliveries, savedHash } = readSpan(vatID, span, spanReader.readItems(span));
      powers.onProgress?.(`replaying ${vatID} from position ${span.startPos} of ${source.snapPos}`);
      const worker = heap
        ? await starter.startFromSnapshot(record, streamOf(heap), span.startPos - 1, {
            output: silentOutput,
          })
        : await startIncarnation(first, record, starter, powers, fail);
      try {
        await replayDeliveries(vatID, worker, deliveries());
        if (!worker.makeSnapshotStream) throw fail('its kind of worker has no snapshots');
        heap = await collectHeap(worker.makeSnapshotStream(), heapRuleOf(record.options));
      } finally {
        await worker.shutdown();
      }
      const hash = sha256Hex(...heap);
      if (hash !== savedHash()) {
        throw fail(`the replay to position ${span.endPos - 1} gave ${hash}, not ${savedHash()}`);
      }
    }
    if (heap === undefined) throw fail('the transcript has nothing to replay');
    return streamOf(heap);
  };
