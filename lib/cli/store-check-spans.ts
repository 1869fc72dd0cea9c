/** Checks that each vat has the snapshot that its current span starts from. */
import { snapshotName } from '../store/export-names.js';
import type { SnapshotRecord, SpanRecord } from '../store/export-names.js';
import type { StoreCheck, VerifyView } from '../store/verify-types.js';
import { parseVatID } from '../types/ids.js';
import { decodeEntry, isLoadSnapshot } from '../workers/transcript.js';

/** The snapshot that a span begins with, if it begins with one and can be read. */
const neededSnapshot = (view: VerifyView, span: SpanRecord): SnapshotRecord | undefined => {
  const [first] = view.readItems(span);
  if (first === undefined) return undefined;
  try {
    const entry = decodeEntry(first, parseVatID(span.vatID), span.startPos);
    if (!isLoadSnapshot(entry)) return undefined;
    const hash = entry.d[1].snapshotID;
    return { vatID: span.vatID, snapPos: span.startPos - 1, hash, inUse: 1 };
  } catch {
    // Another check reports a damaged span.
    return undefined;
  }
};

export const checkSpanStarts: StoreCheck = function* checkSpanStarts(view) {
  const { inventory } = view;
  for (const vatID of inventory.currentIncarnations().keys()) {
    const current = [...inventory.spansOf(vatID)].find(span => span.isCurrent === 1);
    const needed = current && neededSnapshot(view, current);
    const held = [...inventory.snapshotsOf(vatID)];
    const used = held.find(snapshot => snapshot.inUse === 1);
    if (used?.hash === needed?.hash && used?.snapPos === needed?.snapPos) continue;
    if (needed !== undefined) {
      const row = held.find(({ snapPos }) => snapPos === needed.snapPos);
      const found = row
        ? `its record has hash ${row.hash}, inUse ${row.inUse}`
        : 'it has no record';
      yield {
        kind: 'snapshot',
        thing: snapshotName(vatID, needed.snapPos),
        detail: `the transcript continues from hash ${needed.hash}, but ${found}`,
        remedy: 'the transcript, for the record; then as for its bytes',
        record: needed,
      };
    }
  }
};
