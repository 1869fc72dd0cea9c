/** Deletes contents that a running kernel never needs, of a store that nobody has open. */
import { BadOptionError } from '../errors.js';
import type { StoreDatabase } from './database.js';
import { withExclusiveStore } from './exclusive.js';
import { makeInventory } from './inventory.js';

export interface PrunePolicy {
  /**
   * Spans whose items stay: only `current` ones; all of each vat's current `incarnation`; `all`
   * (default). Records and hashes of the others stay.
   */
  readonly keepSpans?: 'current' | 'incarnation' | 'all';
  /** Snapshots whose bytes stay: those `in-use`, or `all` (default). */
  readonly keepSnapshots?: 'in-use' | 'all';
  /** At most so many spans and snapshots in this call; default all. */
  readonly budget?: number;
  /** Told now and then how many spans and snapshots were deleted so far. */
  readonly onProgress?: (count: number) => void;
}

export interface PruneResult {
  /** False when the budget ended first. */
  readonly done: boolean;
  readonly spans: number;
  readonly snapshots: number;
}

/** Spans per commit, so that the journal stays small. */
const BATCH = 100;

/**
 * Prunes the store in `dirPath`; what it did so far is kept when it is stopped. The space is free
 * for later use by the store; `compactStore` gives it back to the file system. Neither hashes nor
 * export data change.
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
