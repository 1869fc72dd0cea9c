/** Deletes contents that a running kernel never needs. The store must not be open for writing. */
import { BadOptionError } from '../errors.js';
import type { StoreDatabase } from './database.js';
import { withExclusiveStore } from './exclusive.js';
import { makeInventory } from './inventory.js';

export interface PrunePolicy {
  /**
   * Spans whose items are kept: `current` ones only; those of each vat's current `incarnation`; or
   * `all` (default). Records and hashes are always kept.
   */
  readonly keepSpans?: 'current' | 'incarnation' | 'all';
  /** Snapshots whose bytes are kept: those `in-use`, or `all` (default). */
  readonly keepSnapshots?: 'in-use' | 'all';
  /** Limit on spans and snapshots deleted in this call (default: none). */
  readonly budget?: number;
  /** Receives the number of spans and snapshots deleted so far, once per batch. */
  readonly onProgress?: (count: number) => void;
}

export interface PruneResult {
  /** False if the budget ran out first. */
  readonly done: boolean;
  readonly spans: number;
  readonly snapshots: number;
}

/** Deletions per commit. Small batches keep the journal small. */
const BATCH = 100;

/**
 * Prunes the store in `dirPath`. Batches that were finished before an interruption stay deleted.
 * The store reuses the freed space; `compactStore` returns it to the file system. Hashes and export
 * data do not change.
 * @throws BadOptionError, StoreLockedError, NotASwingStoreError, StoreIOError
 */
export const pruneStore = (
  dirPath: string,
  {
    keepSpans = 'all',
    keepSnapshots = 'all',
    budget = Infinity,
    onProgress = () => undefined,
  }: PrunePolicy,
): PruneResult => {
  if (!['current', 'incarnation', 'all'].includes(keepSpans)) {
    throw new BadOptionError('keepSpans', keepSpans, '"current", "incarnation" or "all"');
  }
  if (!['in-use', 'all'].includes(keepSnapshots)) {
    throw new BadOptionError('keepSnapshots', keepSnapshots, '"in-use" or "all"');
  }
  if (!(budget >= 1)) {
    throw new BadOptionError('budget', budget, 'a positive number');
  }
  return withExclusiveStore(dirPath, db =>
    prune(db, { keepSpans, keepSnapshots, budget, onProgress }),
  );
};

const prune = (
  db: StoreDatabase,
  { keepSpans, keepSnapshots, budget, onProgress }: Required<PrunePolicy>,
): PruneResult => {
  const inventory = makeInventory(db);
  const incarnations = inventory.currentIncarnations();
  const sqlDeleteItems = db.prepare(
    'DELETE FROM transcriptItems WHERE vatID = ? AND position >= ? AND position < ?',
  );
  const sqlEmptySnapshot = db.prepare(
    'UPDATE snapshots SET compressedSnapshot = NULL WHERE vatID = ? AND snapPos = ?',
  );
  let spans = 0;
  let snapshots = 0;
  const spent = (): boolean => {
    if ((spans + snapshots) % BATCH === 0) {
      db.commit();
      onProgress(spans + snapshots);
    }
    return spans + snapshots >= budget;
  };
  const finish = (done: boolean): PruneResult => {
    db.commit();
    return { done, spans, snapshots };
  };

  if (keepSnapshots === 'in-use') {
    for (const { vatID, snapPos, inUse, populated } of inventory.snapshots()) {
      if (inUse === 0 && populated) {
        if (spent()) {
          return finish(false);
        }
        sqlEmptySnapshot.run(vatID, snapPos);
        snapshots += 1;
      }
    }
  }
  if (keepSpans !== 'all') {
    for (const span of inventory.spans()) {
      const { vatID, startPos, endPos, isCurrent, incarnation } = span;
      const kept =
        isCurrent === 1 || (keepSpans === 'incarnation' && incarnations.get(vatID) === incarnation);
      if (!kept && inventory.isPopulated(span)) {
        if (spent()) {
          return finish(false);
        }
        sqlDeleteItems.run(vatID, startPos, endPos);
        spans += 1;
      }
    }
  }
  return finish(true);
};
