/**
 * From what a lost snapshot can be made again: a replay of its incarnation's transcript, from the
 * start or from an earlier snapshot that is still there.
 */
import { spanArtifactName } from './export-names.js';
import type { SpanRecord } from './export-names.js';
import { makeInventory } from './inventory.js';
import type { HeldSnapshot, Inventory } from './inventory.js';
import type { StoreReader } from './reader.js';
import { makeSpanReader } from './span-reader.js';

export type SnapshotSource =
  | {
      readonly kind: 'replay';
      readonly vatID: string;
      readonly snapPos: number;
      readonly hash: string;
      /** Earlier snapshots of the incarnation that have bytes, the latest first. */
      readonly earlier: readonly HeldSnapshot[];
      /** The incarnation's spans up to the snapshot, in order; all of them have their items. */
      readonly spans: readonly SpanRecord[];
    }
  | { readonly kind: 'none'; readonly reason: string };

export interface SourcePowers {
  readonly inventory: Inventory;
  /** Whether a span has all of its items, and they have its hash. */
  readonly isIntact: (span: SpanRecord) => boolean;
}

export const makeSourcePowers = (reader: StoreReader): SourcePowers => {
  const spanReader = makeSpanReader(reader);
  return {
    inventory: makeInventory(reader),
    isIntact: span => spanReader.check(span).kind === 'whole',
  };
};

/**
 * Looks for the source of the snapshot at `snapPos`, which is the position of the entry that
 * recorded it: the last of its span.
 */
export const findSnapshotSource = (
  { inventory, isIntact }: SourcePowers,
  vatID: string,
  snapPos: number,
): SnapshotSource => {
  const held = [...inventory.snapshotsOf(vatID)];
  const hash = held.find(snapshot => snapshot.snapPos === snapPos)?.hash;
  const all = [...inventory.spansOf(vatID)];
  const last = all.find(span => span.endPos === snapPos + 1);
  if (hash === undefined || last === undefined) {
    return { kind: 'none', reason: `there is no record of a span that ends at ${snapPos}` };
  }
  const spans = all.filter(
    span => span.incarnation === last.incarnation && span.endPos <= last.endPos,
  );
  const starts = new Set(spans.map(span => span.startPos));
  const earlier = held
    .filter(snapshot => snapshot.populated && starts.has(snapshot.snapPos + 1))
    .sort((a, b) => b.snapPos - a.snapPos);
  // A replay begins behind the latest span that is not there, and needs a snapshot for it.
  const lost = spans.findLast(span => !isIntact(span));
  const usable = lost === undefined ? spans : spans.slice(spans.indexOf(lost) + 1);
  const candidates = earlier.filter(({ snapPos: position }) =>
    usable.some(span => span.startPos === position + 1),
  );
  if (lost !== undefined && candidates.length === 0) {
    return {
      kind: 'none',
      reason: `${spanArtifactName(lost)}, which a replay would need, was pruned or is damaged`,
    };
  }
  return { kind: 'replay', vatID, snapPos, hash, earlier: candidates, spans: usable };
};
