/**
 * Finds what a lost snapshot can be rebuilt from: a replay of its incarnation's transcript, from
 * the start or from an earlier snapshot that still exists.
 */
import { snapshotName, spanArtifactName } from './export-names.js';
import type { SpanRecord } from './export-names.js';
import { makeInventory } from './inventory.js';
import type { HeldSnapshot, Inventory } from './inventory.js';
import type { StoreReader } from './reader.js';
import { unpackSnapshot } from './snapshot-codec.js';
import { makeSpanReader } from './span-reader.js';

export type SnapshotSource =
  | {
      readonly kind: 'replay';
      readonly vatID: string;
      readonly snapPos: number;
      readonly hash: string;
      /** Earlier snapshots of the incarnation that still have bytes, the latest first. */
      readonly earlier: readonly HeldSnapshot[];
      /** The spans to replay, in order, up to the snapshot. All have their items. */
      readonly spans: readonly SpanRecord[];
    }
  | { readonly kind: 'none'; readonly reason: string };

export interface SourcePowers {
  readonly inventory: Inventory;
  /** Whether a span has all its items and they match its hash. */
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
 * Streams the bytes of a snapshot, decompressed and checked as they are read. Returns undefined if
 * the snapshot has none.
 * @throws StoreDamagedError
 */
export const readSnapshotBytes = (
  reader: StoreReader,
  { vatID, snapPos, hash }: HeldSnapshot,
): AsyncIterableIterator<Uint8Array> | undefined => {
  const { compressed, uncompressedSize = null } =
    reader
      .prepare<{ compressed: Buffer | null; uncompressedSize: number | null }>(
        `SELECT compressedSnapshot AS compressed, uncompressedSize FROM snapshots
           WHERE vatID = ? AND snapPos = ?`,
      )
      .get(vatID, snapPos) ?? {};
  if (!compressed) return undefined;
  return unpackSnapshot(snapshotName(vatID, snapPos), { compressed, hash, uncompressedSize });
};

/**
 * Finds a source for the snapshot at `snapPos`. That is the position of the transcript entry that
 * recorded it, which is the last entry of its span.
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
    return { kind: 'none', reason: `no recorded span ends at ${snapPos}` };
  }
  const spans = all.filter(
    span => span.incarnation === last.incarnation && span.endPos <= last.endPos,
  );
  const starts = new Set(spans.map(span => span.startPos));
  const earlier = held
    .filter(snapshot => snapshot.populated && starts.has(snapshot.snapPos + 1))
    .sort((a, b) => b.snapPos - a.snapPos);
  // A replay must start after the latest span that is lost, so it needs a snapshot from there.
  const lost = spans.findLast(span => !isIntact(span));
  const usable = lost === undefined ? spans : spans.slice(spans.indexOf(lost) + 1);
  const candidates = earlier.filter(({ snapPos: position }) =>
    usable.some(span => span.startPos === position + 1),
  );
  if (lost !== undefined && candidates.length === 0) {
    return {
      kind: 'none',
      reason: `a replay would need ${spanArtifactName(lost)}, which was pruned or is damaged`,
    };
  }
  return { kind: 'replay', vatID, snapPos, hash, earlier: candidates, spans: usable };
};
