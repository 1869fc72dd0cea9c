/** Reads the current span of a vat in the form that a worker needs: its start, then a replay. */
import type { SnapStore, TranscriptStore } from '../store/types.js';
import type { VatID } from '../types/ids.js';
import { TranscriptDamagedError } from './errors.js';
import type { PositionedDelivery } from './replay.js';
import {
  decodeEntry,
  isDeliveryEntry,
  isInitializeWorker,
  isLoadSnapshot,
  type WorkerStart,
} from './transcript.js';

export type SpanStart =
  /** The incarnation has no entries yet. */
  | { readonly from: 'nothing' }
  | { readonly from: 'initialize-worker'; readonly start: WorkerStart }
  | { readonly from: 'load-snapshot'; readonly snapshotID: string; readonly snapPos: number };

export interface CurrentSpan {
  readonly start: SpanStart;
  /** Number of deliveries to replay. */
  readonly length: number;
  /** Decoded one by one during the replay. Can be iterated once. */
  readonly deliveries: Iterable<PositionedDelivery>;
}

interface SpanStores {
  readonly transcriptStore: TranscriptStore;
  readonly snapStore: SnapStore;
}

const readStart = (
  text: string,
  vatID: VatID,
  position: number,
  snapStore: SnapStore,
): SpanStart => {
  const entry = decodeEntry(text, vatID, position);
  const snapshot = snapStore.getSnapshotInfo(vatID);
  if (isInitializeWorker(entry)) {
    return { from: 'initialize-worker', start: entry.d[1] };
  }
  if (!isLoadSnapshot(entry)) {
    throw new TranscriptDamagedError(vatID, position, `a span begins with ${entry.d[0]}`);
  }
  const { snapshotID } = entry.d[1];
  if (snapshot?.hash !== snapshotID) {
    throw new TranscriptDamagedError(
      vatID,
      position,
      `it needs snapshot ${snapshotID}, but the snapStore has ${snapshot?.hash ?? 'none'}`,
    );
  }
  return { from: 'load-snapshot', snapshotID, snapPos: snapshot.snapPos };
};

function* decodeDeliveries(
  items: readonly string[],
  vatID: VatID,
  firstPosition: number,
): Generator<PositionedDelivery, void, undefined> {
  for (const [index, item] of items.entries()) {
    const position = firstPosition + index;
    const entry = decodeEntry(item, vatID, position);
    if (!isDeliveryEntry(entry)) {
      throw new TranscriptDamagedError(vatID, position, `${entry.d[0]} within a current span`);
    }
    yield { position, entry };
  }
}

/** @throws TranscriptDamagedError if no worker can start from the span's first entry. */
export const readCurrentSpan = (
  vatID: VatID,
  { transcriptStore, snapStore }: SpanStores,
): CurrentSpan => {
  const { startPos, endPos } = transcriptStore.getCurrentSpanBounds(vatID);
  if (endPos === startPos) return { start: { from: 'nothing' }, length: 0, deliveries: [] };
  // Read at once, because a query that stays open during the replay would block the store's writes.
  const [first, ...items] = transcriptStore.readSpan(vatID);
  if (first === undefined) {
    throw new TranscriptDamagedError(vatID, startPos, 'the span has no items');
  }
  return {
    start: readStart(first, vatID, startPos, snapStore),
    length: items.length,
    deliveries: decodeDeliveries(items, vatID, startPos + 1),
  };
};
