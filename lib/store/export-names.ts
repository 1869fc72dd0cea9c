/**
 * Names in exports: keys of the export data, names of artifacts, and the records that they name.
 * Source: swing-store docs `data-export.md`, `transcriptstore.md` and `snapstore.md`, and the
 * output of swing-store 0.10 (a closed span's key is `transcript.v1.0`, without its end).
 */
import { quoteValue } from '../errors.js';
import { StoreUsageError } from './errors.js';

export interface SpanRecord {
  readonly vatID: string;
  /** Inclusive. */
  readonly startPos: number;
  /** Exclusive. */
  readonly endPos: number;
  /** Cumulative hash of the items. */
  readonly hash: string;
  readonly isCurrent: 0 | 1;
  readonly incarnation: number;
}

export interface SnapshotRecord {
  readonly vatID: string;
  readonly snapPos: number;
  /** SHA-256 of the uncompressed bytes, hex. */
  readonly hash: string;
  readonly inUse: 0 | 1;
}

export const kvExportKey = (key: string): string => `kv.${key}`;
export const bundleName = (bundleID: string): string => `bundle.${bundleID}`;
/** Names a platform image in errors and reports. Images are never exported. */
export const imageName = (imageID: string): string => `platformImage.${imageID}`;
export const snapshotName = (vatID: string, snapPos: number): string =>
  `snapshot.${vatID}.${snapPos}`;
export const currentSnapshotKey = (vatID: string): string => `snapshot.${vatID}.current`;
export const currentSpanKey = (vatID: string): string => `transcript.${vatID}.current`;
const historicalSpanKey = (vatID: string, startPos: number): string =>
  `transcript.${vatID}.${startPos}`;

/** The export-data key of a span, current or not. */
export const spanKey = ({ vatID, startPos, isCurrent }: SpanRecord): string =>
  isCurrent ? currentSpanKey(vatID) : historicalSpanKey(vatID, startPos);

/** The export-data value of a span: fields in this order. */
export const encodeSpan = (span: SpanRecord): string => {
  const { vatID, startPos, endPos, hash, isCurrent, incarnation } = span;
  return JSON.stringify({ vatID, startPos, endPos, hash, isCurrent, incarnation });
};

/** The export-data value of a snapshot: fields in this order. */
export const encodeSnapshot = ({ vatID, snapPos, hash, inUse }: SnapshotRecord): string =>
  JSON.stringify({ vatID, snapPos, hash, inUse });

export const spanArtifactName = (span: Pick<SpanRecord, 'vatID' | 'startPos' | 'endPos'>): string =>
  `transcript.${span.vatID}.${span.startPos}.${span.endPos}`;

export type ArtifactRef =
  | { readonly kind: 'bundle'; readonly bundleID: string }
  | { readonly kind: 'snapshot'; readonly vatID: string; readonly snapPos: number }
  | {
      readonly kind: 'transcript';
      readonly vatID: string;
      readonly startPos: number;
      readonly endPos: number;
    };

/** @throws StoreUsageError if `name` is not an artifact name. */
export const parseArtifactName = (name: string): ArtifactRef => {
  if (typeof name !== 'string') {
    throw new StoreUsageError(`an artifact name must be a string, not ${quoteValue(name)}`);
  }
  if (name.startsWith('bundle.')) {
    return { kind: 'bundle', bundleID: name.slice('bundle.'.length) };
  }
  // Each artifact has exactly one name: no leading zeros, no number that rounds to another.
  const snapshot = /^snapshot\.([^.]+)\.(\d+)$/.exec(name);
  if (snapshot) {
    const [vatID, snapPos] = [snapshot[1]!, Number(snapshot[2])];
    if (snapshotName(vatID, snapPos) === name) {
      return { kind: 'snapshot', vatID, snapPos };
    }
  }
  const span = /^transcript\.([^.]+)\.(\d+)\.(\d+)$/.exec(name);
  if (span) {
    const ref = { vatID: span[1]!, startPos: Number(span[2]), endPos: Number(span[3]) };
    if (spanArtifactName(ref) === name) {
      return { kind: 'transcript', ...ref };
    }
  }
  throw new StoreUsageError(
    `${JSON.stringify(name)} is not an artifact name: expected bundle.<bundleID>, snapshot.<vatID>.<snapPos> or transcript.<vatID>.<startPos>.<endPos>`,
  );
};

/** The bundleID in an artifact's name. @throws StoreUsageError for the name of anything else. */
export const bundleIDFromName = (name: string): string => {
  const artifact = parseArtifactName(name);
  if (artifact.kind === 'bundle' && !artifact.bundleID.includes('.')) return artifact.bundleID;
  throw new StoreUsageError(
    `expected a name of the form "bundle.<bundleID>", got ${quoteValue(name)}`,
  );
};
