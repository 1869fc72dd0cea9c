/** The current span of a vat, as a worker needs it: how to start, then what to replay. */
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
  /** Nothing is recorded of this incarnation yet. */
  | { readonly from: 'nothing' }
  | { readonly from: 'initialize-worker'; readonly start: WorkerStart }
  | { readonly from: 'load-snapshot'; readonly snapshotID: string; readonly snapPos: number };

export interface CurrentSpan {
  readonly start: SpanStart;
  /** How many deliveries there are to replay. */
  readonly length: number;
  /** Decoded one at a time, while the replay goes on. To be read once. */
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
      `it needs snapshot ${snapshotID}, and the snapStore has ${snapshot?.hash ?? 'none'}`,
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

/** @throws TranscriptDamagedError when the span's first entry is not one to start from. */
export const readCurrentSpan = (
  vatID: VatID,
  { transcriptStore, snapStore }: SpanStores,
): CurrentSpan => {
  const { startPos, endPos } = transcriptStore.getCurrentSpanBounds(vatID);
  if (endPos === startPos) return { start: { from: 'nothing' }, length: 0, deliveries: [] };
  // All at once: a query that is still open during the replay would block the store's writes.
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
