/** What a check of a store sees, and what it says. */
import type { SnapshotRecord, SpanRecord } from './export-names.js';
import type { Inventory } from './inventory.js';
import type { KVStore } from './types.js';

export type ProblemKind =
  'file' | 'transcript' | 'snapshot' | 'bundle' | 'image' | 'pending' | 'kernel';

export interface StoreProblem {
  readonly kind: ProblemKind;
  /** The damaged thing: an artifact name, a vatID, a key, or `swingstore.sqlite`. */
  readonly thing: string;
  readonly detail: string;
  /** From what it can be made again; undefined when only a copy of the whole store helps. */
  readonly remedy?: string;
  /**
   * Set where it is no contradiction, and the store as good as it was: a `leak` is a row that
   * nothing refers to, `held` a count above what the tables explain, as hosts may ask for, `local`
   * a statistic of this machine that no replica has to agree with.
   */
  readonly note?: 'leak' | 'held' | 'local';
  /** For a record that follows from a transcript: that record. */
  readonly record?: SnapshotRecord;
  /** For a key whose value follows from others: that value, or null when it should not be there. */
  readonly correction?: { readonly key: string; readonly value: string | null };
}

/** The view that further checks get: the kvStore as of the last commit, and the records. */
export interface VerifyView extends Pick<KVStore, 'has' | 'get' | 'getNextKey'> {
  /** Keys and values of all keys with the prefix, in key order. */
  entries(prefix: string): IterableIterator<{ readonly key: string; readonly value: string }>;
  /** The items of a span that are there. */
  readItems(span: SpanRecord): IterableIterator<string>;
  readonly inventory: Inventory;
}

/** A check by someone who knows more; yields what it finds. */
export type StoreCheck = (view: VerifyView) => Iterable<StoreProblem>;
