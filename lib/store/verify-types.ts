/** The input and output of checks of a store. */
import type { SnapshotRecord, SpanRecord } from './export-names.js';
import type { Inventory } from './inventory.js';
import type { KVStore } from './types.js';

export type ProblemKind =
  'file' | 'transcript' | 'snapshot' | 'bundle' | 'image' | 'pending' | 'kernel' | 'rows';

export interface StoreProblem {
  readonly kind: ProblemKind;
  /** The damaged thing: an artifact name, a vatID, a key, or `swingstore.sqlite`. */
  readonly thing: string;
  readonly detail: string;
  /** What it can be rebuilt from. Undefined if only a copy of the whole store helps. */
  readonly remedy?: string;
  /**
   * Set if this is no damage. `leak`: a row that nothing refers to. `held`: a count above what the
   * tables explain, because hosts may pin. `local`: a statistic of this machine, on which replicas
   * need not agree.
   */
  readonly note?: 'leak' | 'held' | 'local';
  /** The correct record, if it follows from a transcript. */
  readonly record?: SnapshotRecord;
  /** A key and its correct value (null: none), if it follows from other keys. */
  readonly correction?: { readonly key: string; readonly value: string | null };
}

/** The view that further checks get: the kvStore and the records, as of the last commit. */
export interface VerifyView extends Pick<KVStore, 'has' | 'get' | 'getNextKey'> {
  /** All keys with the prefix and their values, in key order. */
  entries(prefix: string): IterableIterator<{ readonly key: string; readonly value: string }>;
  /** The items of a span that the store still has. */
  readItems(span: SpanRecord): IterableIterator<string>;
  readonly inventory: Inventory;
}

/** A check by a caller who knows what keys mean. Yields its findings. */
export type StoreCheck = (view: VerifyView) => Iterable<StoreProblem>;
