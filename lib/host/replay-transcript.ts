/**
 * Replays the present incarnation of a vat against its transcript, and finds the first difference.
 * The store may be open for reading only, and a kernel may run on it.
 *
 * Boundary: starts one worker at a time, whose syscalls get the recorded answers. Writes nothing.
 */
import { SwingsetError } from '../errors.js';
import { KernelState } from '../state/kernel-state.js';
import type { SpanRecord } from '../store/export-names.js';
import { sha256Hex } from '../store/hash.js';
import { makeInventory } from '../store/inventory.js';
import { streamOf } from '../store/stream-of.js';
import type { VatID } from '../types/ids.js';
import { AnachrophobiaError, TranscriptDamagedError } from '../workers/errors.js';
import { collectHeap, heapRuleOf } from '../workers/heap-snapshot.js';
import {
  replayDeliveries,
  type MeteringDifference,
  type PositionedDelivery,
} from '../workers/replay.js';
import {
  decodeEntry,
  isDeliveryEntry,
  isInitializeWorker,
  isLoadSnapshot,
  type TranscriptEntry,
} from '../workers/transcript.js';
import type { Worker } from '../workers/types.js';
import { findVat } from './find-vat.js';
import type { ReadableStore } from './look-at-store.js';
import {
  makeReplayStarter,
  silentOutput,
  type ReplayPlatform,
  type ReplayStarter,
} from './replay-starter.js';

/** A vat has nothing to replay, or this installation can't replay it. */
export class ReplayImpossibleError extends SwingsetError {
  readonly code = 'REPLAY_IMPOSSIBLE';
  constructor(
    readonly vatID: VatID,
    detail: string,
  ) {
    super(`can't replay ${vatID}: ${detail}`);
  }
}

export interface ReplayDifference {
  /** In the transcript. */
  readonly position: number;
  /** `[type, …]`; `['save-snapshot']` for a heap that differs. */
  readonly delivery: unknown;
  /** `syscall 3`, counted from 0, or `status`, or `snapshot`. */
  readonly what: string;
  /** As recorded; null for a syscall that was not. */
  readonly expected: unknown;
  /** What the replay did; null for a syscall that it did not make. */
  readonly got: unknown;
}

export interface ReplayResult {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly incarnation: number;
  /** The first and, exclusively, the last position. */
  readonly from: number;
  readonly to: number;
  /** How many deliveries were replayed without a difference. */
  readonly deliveries: number;
  /** How many snapshots were written again and have the recorded hash. */
  readonly snapshots: number;
  /** Deliveries that took other computrons than recorded. They do no harm. */
  readonly metering: readonly MeteringDifference[];
  readonly difference: ReplayDifference | null;
}

export interface ReplayOptions extends ReplayPlatform {
  /** From the incarnation's start, and not from its last snapshot. */
  readonly wholeIncarnation?: boolean;
  /** Called before each delivery, with its position and the last one. */
  readonly onProgress?: (position: number, end: number) => void;
  /** Kills the worker. */
  readonly signal?: AbortSignal;
}

/** The spans to replay. @throws ReplayImpossibleError */
const findSpans = (
  { db }: ReadableStore,
  vatID: VatID,
  wholeIncarnation: boolean,
): readonly SpanRecord[] => {
  const inventory = makeInventory(db);
  const all = [...inventory.spansOf(vatID)];
  const current = all.find(({ isCurrent }) => isCurrent === 1);
  if (!current || current.startPos === current.endPos) {
    throw new ReplayImpossibleError(vatID, 'it is between incarnations, or has never run');
  }
  const spans = wholeIncarnation
    ? all.filter(({ incarnation }) => incarnation === current.incarnation)
    : [current];
  const pruned = spans.find(span => !inventory.isWhole(span));
  if (pruned) {
    throw new ReplayImpossibleError(
      vatID,
      `the items of its span from ${pruned.startPos} on were pruned`,
    );
  }
  return spans;
};

class Replay {
  readonly #store: ReadableStore;

  readonly #vatID: VatID;

  readonly #options: ReplayOptions;

  readonly #replay: ReplayStarter;

  readonly #end: number;

  deliveries = 0;

  snapshots = 0;

  readonly metering: MeteringDifference[] = [];

  constructor(store: ReadableStore, vatID: VatID, end: number, options: ReplayOptions) {
    this.#store = store;
    this.#vatID = vatID;
    this.#options = options;
    this.#end = end;
    this.#replay = makeReplayStarter(store.kernelStorage, options);
  }

  /** The worker at the beginning of a span. @param heap - what the span before it ended with */
  async #start(
    first: TranscriptEntry,
    { startPos }: SpanRecord,
    heap: readonly Uint8Array[] | undefined,
  ): Promise<Worker> {
    const { starter, recordOf } = this.#replay;
    const record = recordOf(this.#vatID);
    const to = { output: silentOutput, signal: this.#options.signal };
    if (isInitializeWorker(first)) return starter.startFresh(record, first.d[1], to);
    if (!isLoadSnapshot(first)) {
      throw new TranscriptDamagedError(this.#vatID, startPos, `a span begins with ${first.d[0]}`);
    }
    const { snapStore } = this.#store.kernelStorage;
    const chunks = heap ? streamOf(heap) : snapStore.loadSnapshot(this.#vatID);
    return starter.startFromSnapshot(record, chunks, startPos - 1, to);
  }

  *#deliveriesOf(
    items: Iterator<string>,
    startPos: number,
    close: (hash: string, position: number) => void,
  ): Generator<PositionedDelivery, void> {
    for (let position = startPos + 1; ; position += 1) {
      const item = items.next();
      if (item.done === true) return;
      const entry = decodeEntry(item.value, this.#vatID, position);
      if (isDeliveryEntry(entry)) {
        this.#options.onProgress?.(position, this.#end);
        yield { position, entry };
        this.deliveries += 1;
      } else if (entry.d[0] === 'save-snapshot' && 'snapshotID' in entry.r) {
        close(entry.r.snapshotID, position);
      }
    }
  }

  /** @returns the heap at the span's end, if it ends in a snapshot */
  async span(
    span: SpanRecord,
    heap: readonly Uint8Array[] | undefined,
  ): Promise<readonly Uint8Array[] | undefined> {
    const { vatID, startPos } = span;
    const items = this.#store.kernelStorage.transcriptStore.readSpan(vatID, startPos);
    const first = items.next();
    if (first.done === true) throw new TranscriptDamagedError(this.#vatID, startPos, 'no items');
    const worker = await this.#start(decodeEntry(first.value, this.#vatID, startPos), span, heap);
    let saved: { hash: string; position: number } | undefined;
    try {
      const deliveries = this.#deliveriesOf(items, startPos, (hash, position) => {
        saved = { hash, position };
      });
      const report = await replayDeliveries(this.#vatID, worker, deliveries);
      this.metering.push(...report.meteringDifferences);
      return saved && (await this.#compareHeap(worker, saved));
    } finally {
      await worker.shutdown();
    }
  }

  /** @throws AnachrophobiaError if the heap has another hash than recorded */
  async #compareHeap(
    worker: Worker,
    { hash, position }: { readonly hash: string; readonly position: number },
  ): Promise<readonly Uint8Array[]> {
    if (!worker.makeSnapshotStream) {
      throw new ReplayImpossibleError(this.#vatID, 'its kind of worker has no snapshots');
    }
    const { options } = this.#replay.recordOf(this.#vatID);
    const heap = await collectHeap(worker.makeSnapshotStream(), heapRuleOf(options));
    const actual = sha256Hex(...heap);
    if (actual !== hash) {
      const what = 'snapshot';
      const found = { position, delivery: ['save-snapshot'], what, expected: hash, actual };
      throw new AnachrophobiaError(this.#vatID, found);
    }
    this.snapshots += 1;
    return heap;
  }
}

/** @throws ReplayImpossibleError for a vat that another engine must continue */
const insistEngine = (state: KernelState, vatID: VatID, { platform }: ReplayOptions): void => {
  const { workerOptions } = state.vats.getOptions(vatID);
  const engine = workerOptions.type === 'xsnap' ? workerOptions.engine : undefined;
  const running = platform.fingerprint.engine;
  if (engine === undefined || engine === running) return;
  throw new ReplayImpossibleError(vatID, `it runs on ${engine}, and ${running} is installed`);
};

/**
 * @param vat - vatID or name
 * @throws UnknownVatError, ReplayImpossibleError
 * @throws WorkerDiedError if the worker ends
 */
export const replayTranscript = async (
  store: ReadableStore,
  vat: string,
  options: ReplayOptions,
): Promise<ReplayResult> => {
  const state = new KernelState(store.kernelStorage);
  const vatID = findVat(state, vat);
  const { name, useTranscript } = state.vats.getOptions(vatID);
  if (!useTranscript) throw new ReplayImpossibleError(vatID, 'it has no transcript');
  const spans = findSpans(store, vatID, options.wholeIncarnation ?? false);
  insistEngine(state, vatID, options);
  const [first, last] = [spans[0]!, spans.at(-1)!];
  const replay = new Replay(store, vatID, last.endPos - 1, options);
  let difference: ReplayDifference | null = null;
  let heap: readonly Uint8Array[] | undefined;
  try {
    for (const span of spans) heap = await replay.span(span, heap);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof AnachrophobiaError)) throw error;
    const { position, delivery, what, expected = null, actual: got = null } = error;
    difference = { position, delivery, what, expected, got };
  }
  const { deliveries, snapshots, metering } = replay;
  return {
    ...{ vatID, name, incarnation: last.incarnation, from: first.startPos, to: last.endPos },
    ...{ deliveries, snapshots, metering, difference },
  };
};
