/**
 * Reads the items of a span page by page. Memory stays bounded, and the connection is free for
 * other work between two items.
 */
import { spanArtifactName } from './export-names.js';
import type { SpanRecord } from './export-names.js';
import type { StoreReader } from './reader.js';
import { insistRecord } from './record-shapes.js';
import { EMPTY_SPAN_HASH, extendSpanHash } from './transcript-hash.js';

/** The columns of a `SpanRow`, for SELECT and INSERT. */
export const SPAN_COLUMNS = 'vatID, startPos, endPos, hash, isCurrent, incarnation';

export interface SpanRow {
  readonly vatID: string;
  readonly startPos: number;
  readonly endPos: number;
  readonly hash: string;
  readonly isCurrent: 1 | null;
  readonly incarnation: number;
}

/** @throws StoreDamagedError */
export const toSpanRecord = (row: SpanRow): SpanRecord => {
  insistRecord(`transcript.${row.vatID}.${row.startPos}`, row);
  return { ...row, isCurrent: row.isCurrent === null ? 0 : 1 };
};

export type SpanCheck =
  | { readonly kind: 'whole' }
  /** Its items were deleted; its hash remains. */
  | { readonly kind: 'pruned' }
  | { readonly kind: 'damaged'; readonly detail: string };

export interface SpanReader {
  /** Counts and hashes the items. */
  check(span: SpanRecord): SpanCheck;
  /** Combines `check` and `readItems`, and reads all but very long spans only once. */
  checkAndRead(span: SpanRecord): {
    readonly check: SpanCheck;
    readonly items: IterableIterator<string>;
  };
  readItems(span: SpanRecord): IterableIterator<string>;
  /** The bytes of the span's artifact: each item as UTF-8, followed by a newline. */
  readBytes(span: SpanRecord): IterableIterator<Uint8Array>;
}

interface ItemRow {
  readonly position: number;
  readonly item: string;
}

const PAGE = 64;

/** Items with at most this many characters in total are kept between their check and their use. */
const MAX_KEPT_CHARACTERS = 4_000_000;

export const makeSpanReader = (db: StoreReader): SpanReader => {
  const sqlPage = db.prepare<ItemRow>(
    `SELECT position, item FROM transcriptItems WHERE vatID = ? AND position >= ? AND position < ? ORDER BY position LIMIT ${PAGE}`,
  );

  function* readRows(span: SpanRecord): IterableIterator<ItemRow> {
    const { vatID, startPos, endPos } = span;
    let next = startPos;
    while (next < endPos) {
      const rows = sqlPage.all(vatID, next, endPos);
      const last = rows.at(-1);
      if (last === undefined) {
        return;
      }
      for (const row of rows) {
        yield insistRecord(spanArtifactName(span), row);
      }
      next = last.position + 1;
    }
  }

  function* readItems(span: SpanRecord): IterableIterator<string> {
    for (const { item } of readRows(span)) {
      yield item;
    }
  }

  function* readBytes(span: SpanRecord): IterableIterator<Uint8Array> {
    for (const item of readItems(span)) {
      yield Buffer.from(`${item}\n`);
    }
  }

  const checkItems = (span: SpanRecord, see: (item: string) => void): SpanCheck => {
    let count = 0;
    let hash = EMPTY_SPAN_HASH;
    for (const { item } of readRows(span)) {
      count += 1;
      hash = extendSpanHash(hash, item);
      see(item);
    }
    const expected = span.endPos - span.startPos;
    if (count === 0 && expected > 0) {
      return { kind: 'pruned' };
    }
    if (count !== expected) {
      return { kind: 'damaged', detail: `it has ${count} of its ${expected} items` };
    }
    return hash === span.hash
      ? { kind: 'whole' }
      : { kind: 'damaged', detail: `its items have hash ${hash}, the record says ${span.hash}` };
  };

  return {
    check: span => checkItems(span, () => undefined),
    checkAndRead: span => {
      const kept: string[] = [];
      let room = MAX_KEPT_CHARACTERS;
      const check = checkItems(span, item => {
        room -= item.length;
        if (room >= 0) kept.push(item);
        else kept.length = 0;
      });
      return { check, items: room >= 0 ? kept.values() : readItems(span) };
    },
    readItems,
    readBytes,
  };
};
