/**
 * Makes a lost snapshot again: replays the transcript of its incarnation, from the start or from an
 * earlier snapshot, on the platform that the transcript names, and takes each snapshot on the way
 * as it was taken then.
 *
 * Every snapshot on the way must have the recorded hash, and every syscall be the recorded one, so
 * that what comes out is what was lost or nothing.
 */
import { SwingsetError } from '../errors.js';
import { makePlatformImages } from '../platform/platform-image.js';
import type { Platform } from '../platform/types.js';
import { makeWorkerProcesses } from '../platform/worker-processes.js';
import type { WorkerPowers } from '../platform/xsnap-process.js';
import { KernelState } from '../state/kernel-state.js';
import { snapshotName } from '../store/export-names.js';
import type { SpanRecord } from '../store/export-names.js';
import { sha256Hex } from '../store/hash.js';
import type { HeldSnapshot } from '../store/inventory.js';
import type { RepairSources, ReplaySource } from '../store/repair-one.js';
import { makeSpanReader } from '../store/span-reader.js';
import { unpackSnapshot } from '../store/snapshot-codec.js';
import type { StoreParts } from '../store/swing-store.js';
import { parseVatID, type VatID } from '../types/ids.js';
import { TranscriptDamagedError } from '../workers/errors.js';
import { replayDeliveries, type PositionedDelivery } from '../workers/replay.js';
import { makeSpareWorkers } from '../workers/spare-workers.js';
import {
  decodeEntry,
  isDeliveryEntry,
  isInitializeWorker,
  type SaveSnapshotEntry,
  type TranscriptEntry,
} from '../workers/transcript.js';
import type { VatRecord, Worker, WorkerOutput } from '../workers/types.js';
import { makeWorkerStarter, type WorkerStarter } from '../workers/worker-starter.js';

/** A replay that can't be made, or that came to something else than what was recorded. */
export class SnapshotReplayError extends SwingsetError {
  readonly code = 'SNAPSHOT_REPLAY';
  constructor(
    readonly snapshot: string,
    detail: string,
  ) {
    super(`the replay for ${snapshot}: ${detail}`);
  }
}

export interface ReplayPowers {
  readonly platform: Platform;
  readonly workers: WorkerPowers;
  /** Told of each span before it is replayed. */
  readonly onProgress?: (text: string) => void;
}

const silent: WorkerOutput = { console: () => undefined, testLog: () => undefined };

async function* streamOf(chunks: readonly Uint8Array[]): AsyncIterableIterator<Uint8Array> {
  yield* chunks;
}

const collect = async (stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};

const isSaveSnapshot = (entry: TranscriptEntry): entry is SaveSnapshotEntry =>
  entry.d[0] === 'save-snapshot';

/** One span, decoded while it is replayed. */
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
    /** Known when the deliveries were read. */
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

const makeStarter = ({ kernelStorage }: StoreParts, { platform, ...powers }: ReplayPowers) => {
  const { spawn } = makeWorkerProcesses(powers.workers.spawn, kernelStorage.processes);
  const workers = { ...powers.workers, spawn };
  const state = new KernelState(kernelStorage);
  const starter = makeWorkerStarter({
    bundleStore: kernelStorage.bundleStore,
    platform,
    images: makePlatformImages(kernelStorage.imageStore, workers),
    spares: makeSpareWorkers(0, workers),
    powers: workers,
    relaxDurabilityRules: state.settings.relaxDurabilityRules,
  });
  const recordOf = (vatID: VatID): VatRecord => {
    const options = state.vats.getOptions(vatID);
    const limits = state.vats.limitsOf(vatID);
    return { vatID, name: options.name, options, source: state.vats.getSource(vatID), limits };
  };
  return { starter, recordOf };
};

/** The latest earlier snapshot that is good, with its bytes. */
const findStart = async (
  { db }: StoreParts,
  { earlier }: ReplaySource,
): Promise<{ snapshot: HeldSnapshot; chunks: Uint8Array[] } | undefined> => {
  const sqlRow = db.prepare<{ compressed: Buffer | null; uncompressedSize: number | null }>(
    `SELECT compressedSnapshot AS compressed, uncompressedSize FROM snapshots
       WHERE vatID = ? AND snapPos = ?`,
  );
  for (const snapshot of earlier) {
    const { vatID, snapPos, hash } = snapshot;
    const { compressed, uncompressedSize = null } = sqlRow.get(vatID, snapPos) ?? {};
    try {
      const name = snapshotName(vatID, snapPos);
      if (!compressed) continue;
      const bytes = unpackSnapshot(name, { compressed, hash, uncompressedSize });
      return { snapshot, chunks: await collect(bytes) };
    } catch {
      // Damaged as well: an earlier one will do.
    }
  }
  return undefined;
};

/** The worker at the beginning of a span that begins an incarnation. */
const startIncarnation = (
  first: TranscriptEntry,
  record: VatRecord,
  starter: WorkerStarter,
  { platform }: ReplayPowers,
  fail: (detail: string) => SnapshotReplayError,
): Promise<Worker> => {
  if (!isInitializeWorker(first)) throw fail('no earlier snapshot to begin from is good');
  const start = first.d[1];
  const engine = start.workerOptions.type === 'xsnap' ? start.workerOptions.engine : undefined;
  const running = platform.fingerprint.engine;
  if (engine !== undefined && engine !== running) {
    throw fail(`it was recorded on ${engine}, and ${running} is what runs here`);
  }
  return starter.startFresh(record, start, silent);
};

/** For `repairStore`. */
export const makeSnapshotReplay =
  (powers: ReplayPowers): NonNullable<RepairSources['replay']> =>
  async (store, source) => {
    const vatID = parseVatID(source.vatID);
    const fail = (detail: string): SnapshotReplayError =>
      new SnapshotReplayError(snapshotName(vatID, source.snapPos), detail);
    const { starter, recordOf } = makeStarter(store, powers);
    const record = recordOf(vatID);
    const spanReader = makeSpanReader(store.db);
    const begin = await findStart(store, source);
    const firstPos = begin ? begin.snapshot.snapPos + 1 : 0;
    let heap = begin?.chunks;
    for (const span of source.spans.filter(({ startPos }) => startPos >= firstPos)) {
      const { first, deliveries, savedHash } = readSpan(vatID, span, spanReader.readItems(span));
      powers.onProgress?.(`replaying ${vatID} from position ${span.startPos} of ${source.snapPos}`);
      const worker = heap
        ? await starter.startFromSnapshot(record, streamOf(heap), span.startPos - 1, silent)
        : await startIncarnation(first, record, starter, powers, fail);
      try {
        await replayDeliveries(vatID, worker, deliveries());
        if (!worker.makeSnapshotStream) throw fail('workers of its kind have no snapshots');
        heap = await collect(worker.makeSnapshotStream());
      } finally {
        await worker.shutdown();
      }
      const hash = sha256Hex(...heap);
      if (hash !== savedHash()) {
        throw fail(`at position ${span.endPos - 1} it came to hash ${hash}, not ${savedHash()}`);
      }
    }
    if (heap === undefined) throw fail('there is nothing to replay');
    return streamOf(heap);
  };
