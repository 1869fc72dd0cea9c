/**
 * Reads what a person wants to see of a store beside its writer: rows, transcripts and snapshots, as
 * of the last commit. It never writes, and holds no view of a commit between two answers.
 */
import type { Database } from 'better-sqlite3';
import type { VatID } from '../types/ids.js';
import {
  makeCommittedReader,
  openToRead,
  type CommittedReader,
  type TypedRead,
} from './committed-reader.js';

/** An item of a transcript. A long one has only its beginning here. */
export interface StoredItem {
  readonly position: number;
  readonly incarnation: number;
  /** JSON, cut after `length` characters as asked. */
  readonly text: string;
  /** Characters of the whole item: those of `text` exactly if it was not cut. */
  readonly length: number;
}

/** Positions from `startPos` to before `endPos`. */
export interface StoredSpan {
  readonly startPos: number;
  readonly endPos: number;
  readonly incarnation: number;
  readonly isCurrent: boolean;
}

/** A heap snapshot. Sizes are bytes; null once only its hash is left. */
export interface StoredSnapshot {
  readonly snapPos: number;
  readonly hash: string;
  readonly inUse: boolean;
  readonly uncompressedSize: number | null;
  readonly compressedSize: number | null;
}

export interface InspectionReader extends CommittedReader {
  /** Runs reads that all see the same commit. */
  readonly atOneCommit: <T>(read: () => T) => T;
  /** Another number after another connection has committed. */
  readonly dataVersion: () => number;
  /** Newest first, from before a position. Old items may have been deleted. */
  readonly items: (
    vatID: VatID,
    page: { readonly before: number; readonly limit: number; readonly length: number },
  ) => readonly StoredItem[];
  /** Newest first. */
  readonly spans: (vatID: VatID, limit: number) => readonly StoredSpan[];
  /** Newest first. */
  readonly snapshots: (vatID: VatID, limit: number) => readonly StoredSnapshot[];
}

type Flagged<T, Flag extends keyof T> = Omit<T, Flag> & Readonly<Record<Flag, number | null>>;

/** @throws what `openCommittedReader` throws */
export const openInspectionReader = (dirPath: string): InspectionReader =>
  openToRead(dirPath, makeInspectionReader);

const makeInspectionReader = (db: Database, typed: TypedRead): InspectionReader => {
  const sqlVersion = db.prepare<[], number>('PRAGMA data_version').pluck();
  const sqlItems = db.prepare<[number, string, number, number], StoredItem>(
    `SELECT position, incarnation, substr(item, 1, ?) AS text, length(item) AS length
       FROM transcriptItems WHERE vatID = ? AND position < ? ORDER BY position DESC LIMIT ?`,
  );
  const sqlSpans = db.prepare<[string, number], Flagged<StoredSpan, 'isCurrent'>>(
    `SELECT startPos, endPos, incarnation, isCurrent
       FROM transcriptSpans WHERE vatID = ? ORDER BY startPos DESC LIMIT ?`,
  );
  const sqlSnapshots = db.prepare<[string, number], Flagged<StoredSnapshot, 'inUse'>>(
    `SELECT snapPos, hash, inUse, uncompressedSize, compressedSize
       FROM snapshots WHERE vatID = ? ORDER BY snapPos DESC LIMIT ?`,
  );
  return {
    ...makeCommittedReader(db, typed),
    atOneCommit: read => typed(() => db.transaction(read)()),
    dataVersion: () => typed(() => sqlVersion.get()) ?? 0,
    items: (vatID, { before, limit, length }) =>
      typed(() => sqlItems.all(length, vatID, before, limit)).map(item => ({
        ...item,
        // SQLite counts characters that JavaScript counts twice. What was cut off counts once.
        length: item.text.length + Math.max(0, item.length - length),
      })),
    spans: (vatID, limit) =>
      typed(() => sqlSpans.all(vatID, limit)).map(span => ({
        ...span,
        isCurrent: span.isCurrent === 1,
      })),
    snapshots: (vatID, limit) =>
      typed(() => sqlSnapshots.all(vatID, limit)).map(snapshot => ({
        ...snapshot,
        inUse: snapshot.inUse === 1,
      })),
  };
};
