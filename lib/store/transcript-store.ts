/**
 * Transcripts: for each vat a list of items (deliveries with their syscalls), divided into spans.
 *
 * Invariants:
 * 1. A vat in use has exactly one current span; an ended vat has none.
 * 2. Spans are contiguous: each starts where the previous one ends. Deletion starts at the newest.
 * 3. A span's hash is the cumulative hash of its items, even after they were pruned.
 * 4. The end and hash of a current span may be ahead of the table until a commit, because each
 *    delivery changes them.
 */
import type { TranscriptArchiver } from './archiver.js';
import {
  checkArguments,
  optional,
  positionArgument,
  stringArgument,
  vatIDArgument,
} from './arguments.js';
import type { StoreDatabase } from './database.js';
import { StoreDamagedError, StoreMissingError, StoreUsageError } from './errors.js';
import type { CrankLayer } from './crank-layer.js';
import type { ExportLog } from './export-log.js';
import { currentSpanKey, encodeSpan, spanArtifactName, spanKey } from './export-names.js';
import type { SpanRecord } from './export-names.js';
import { readBudget } from './budget.js';
import { storableText } from './hash.js';
import { LayeredMap } from './layered-map.js';
import { SPAN_COLUMNS, makeSpanReader, toSpanRecord } from './span-reader.js';
import type { SpanRow } from './span-reader.js';
import { EMPTY_SPAN_HASH, extendSpanHash } from './transcript-hash.js';
import type { TranscriptStore } from './types.js';

export interface TranscriptStorePowers {
  readonly db: StoreDatabase;
  readonly exportLog: ExportLog;
  /** Keep the items of closed spans (default true). */
  readonly keepTranscripts: boolean;
  /** Receives every span that closes. The next commit awaits it. */
  readonly archive: TranscriptArchiver | undefined;
}

export const makeTranscriptStore = ({
  db,
  exportLog,
  keepTranscripts,
  archive,
}: TranscriptStorePowers): {
  readonly transcriptStore: TranscriptStore;
  readonly layer: CrankLayer;
} => {
  const own = { keepsWrites: true };
  const sqlCurrent = db.prepare<SpanRow>(
    `SELECT ${SPAN_COLUMNS} FROM transcriptSpans WHERE vatID = ? AND isCurrent = 1`,
    own,
  );
  const sqlSpanAt = db.prepare<SpanRow>(
    `SELECT ${SPAN_COLUMNS} FROM transcriptSpans WHERE vatID = ? AND startPos = ?`,
  );
  const sqlLatest = db.prepare<SpanRow>(
    `SELECT ${SPAN_COLUMNS} FROM transcriptSpans WHERE vatID = ? ORDER BY startPos DESC LIMIT ?`,
  );
  const sqlAddSpan = db.prepare(
    `INSERT INTO transcriptSpans (${SPAN_COLUMNS}) VALUES (?, ?, ?, ?, 1, ?)`,
  );
  const sqlExtendSpan = db.prepare(
    'UPDATE transcriptSpans SET endPos = ?, hash = ? WHERE vatID = ? AND isCurrent = 1',
    own,
  );
  const sqlCloseSpan = db.prepare(
    'UPDATE transcriptSpans SET isCurrent = NULL WHERE vatID = ? AND isCurrent = 1',
  );
  const sqlDeleteSpan = db.prepare('DELETE FROM transcriptSpans WHERE vatID = ? AND startPos = ?');
  const sqlAddItem = db.prepare(
    'INSERT INTO transcriptItems (vatID, position, item, incarnation) VALUES (?, ?, ?, ?)',
  );
  const sqlDeleteItems = db.prepare(
    'DELETE FROM transcriptItems WHERE vatID = ? AND position >= ? AND position < ?',
  );
  const spanReader = makeSpanReader(db);

  /** Current spans by vatID, as far as they are ahead of the table. */
  const extended = new LayeredMap<string, SpanRecord>();
  db.keepBack({
    table: 'transcriptSpans',
    flush: () => {
      for (const vatID of [...extended.keys()]) {
        const { endPos, hash } = extended.get(vatID)!;
        sqlExtendSpan.run(endPos, hash, vatID);
        extended.delete(vatID);
      }
    },
  });

  const note = (span: SpanRecord): void => exportLog.note(spanKey(span), encodeSpan(span));

  const currentSpan = (vatID: string): SpanRecord => {
    db.insistUsable();
    const known = extended.get(vatID);
    if (known) return known;
    const row = sqlCurrent.get(vatID);
    if (row === undefined) {
      throw new StoreUsageError(`no current transcript for ${JSON.stringify(vatID)}`);
    }
    return toSpanRecord(row);
  };

  const startSpan = (vatID: string, startPos: number, incarnation: number): void => {
    sqlAddSpan.run(vatID, startPos, startPos, EMPTY_SPAN_HASH, incarnation);
    note({
      vatID,
      startPos,
      endPos: startPos,
      hash: EMPTY_SPAN_HASH,
      isCurrent: 1,
      incarnation,
    });
  };

  const closeSpan = (span: SpanRecord): void => {
    archive?.(spanArtifactName(span), () => spanReader.readBytes(span));
    sqlCloseSpan.run(span.vatID);
    exportLog.note(currentSpanKey(span.vatID), null);
    note({ ...span, isCurrent: 0 });
    if (!keepTranscripts) {
      sqlDeleteItems.run(span.vatID, span.startPos, span.endPos);
    }
  };

  const rollover = (vatID: string, incarnationStep: 0 | 1): number => {
    const span = currentSpan(vatID);
    if (span.endPos === span.startPos) {
      // A span is named by its start, so the new span would have the same name.
      throw new StoreUsageError(`the current span of ${vatID} is empty and can't be closed`);
    }
    closeSpan(span);
    const incarnation = span.incarnation + incarnationStep;
    startSpan(vatID, span.endPos, incarnation);
    return incarnation;
  };

  const transcriptStore: TranscriptStore = {
    initTranscript: vatID => {
      if (sqlLatest.get(vatID, 1) !== undefined) {
        throw new StoreUsageError(`${vatID} has a transcript already`);
      }
      startSpan(vatID, 0, 0);
    },
    addItem: (vatID, given) => {
      const item = storableText(given);
      const span = currentSpan(vatID);
      const hash = extendSpanHash(span.hash, item);
      sqlAddItem.run(vatID, span.endPos, item, span.incarnation);
      const endPos = span.endPos + 1;
      const longer = { ...span, endPos, hash };
      extended.set(vatID, longer);
      note(longer);
    },
    rolloverSpan: vatID => rollover(vatID, 0),
    rolloverIncarnation: vatID => rollover(vatID, 1),
    getCurrentSpanBounds: vatID => {
      const { startPos, endPos, hash, incarnation } = currentSpan(vatID);
      return { startPos, endPos, hash, incarnation };
    },
    readSpan: (vatID, startPos) => {
      const row = startPos === undefined ? undefined : sqlSpanAt.get(vatID, startPos);
      if (startPos !== undefined && row === undefined) {
        throw new StoreMissingError(`transcript.${vatID}.${startPos}`, 'no span starts there');
      }
      const span = row ? toSpanRecord(row) : currentSpan(vatID);
      const name = spanArtifactName(span);
      const { check, items } = spanReader.checkAndRead(span);
      if (check.kind === 'pruned') {
        throw new StoreMissingError(name, 'its items were pruned');
      }
      if (check.kind === 'damaged') {
        throw new StoreDamagedError(name, check.detail);
      }
      return items;
    },
    stopUsingTranscript: vatID => {
      if (extended.has(vatID) || sqlCurrent.get(vatID) !== undefined) {
        closeSpan(currentSpan(vatID));
      }
    },
    deleteVatTranscripts: (vatID, budget) => {
      const limit = readBudget(budget);
      const spans = sqlLatest.all(vatID, limit).map(toSpanRecord);
      for (const span of spans) {
        sqlDeleteItems.run(vatID, span.startPos, span.endPos);
        sqlDeleteSpan.run(vatID, span.startPos);
        exportLog.note(spanKey(span), null);
      }
      // Counts spans, not items: a pruned store has fewer items, and the count steers the kernel.
      return { done: sqlLatest.get(vatID, 1) === undefined, cleanups: spans.length };
    },
  };
  const checked = checkArguments('transcriptStore', transcriptStore, {
    initTranscript: [vatIDArgument],
    addItem: [vatIDArgument, stringArgument('item')],
    rolloverSpan: [vatIDArgument],
    rolloverIncarnation: [vatIDArgument],
    getCurrentSpanBounds: [vatIDArgument],
    readSpan: [vatIDArgument, optional(positionArgument('startPos'))],
    stopUsingTranscript: [vatIDArgument],
    deleteVatTranscripts: [vatIDArgument],
  });
  return { transcriptStore: checked, layer: extended };
};
