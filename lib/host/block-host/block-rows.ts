/**
 * The rows that a block writes, held back until the block is done.
 *
 * Vats write some of them through devices, inside cranks. The store's savepoints would undo such a
 * write with its crank, and a crank that runs again does not repeat its device calls. What a device
 * did therefore stays, as in cosmic-swingset.
 *
 * Invariants
 * 1. `flush` announces a key only when its value has changed, so a block that restores a row leaves
 *    no trace of it.
 * 2. Keys are ASCII, so that the order of strings is the order of their bytes.
 */
import type { RowReader, Rows } from './rows.js';

/** Index of the first key after `previousKey`. */
const firstAfter = (ordered: readonly string[], previousKey: string): number => {
  let from = 0;
  let to = ordered.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ordered[middle]! <= previousKey) from = middle + 1;
    else to = middle;
  }
  return from;
};

export class BlockRows implements Rows {
  readonly #base: RowReader;

  /** Undefined marks a deletion. */
  readonly #changed = new Map<string, string | undefined>();

  /** The keys of `#changed` in order; undefined after a new one. */
  #ordered: readonly string[] | undefined;

  constructor(base: RowReader) {
    this.#base = base;
  }

  get(key: string): string | undefined {
    return this.#changed.has(key) ? this.#changed.get(key) : this.#base.get(key);
  }

  set(key: string, value: string): void {
    this.#change(key, value);
  }

  delete(key: string): void {
    this.#change(key, undefined);
  }

  getNextKey(previousKey: string): string | undefined {
    let next = this.#base.getNextKey(previousKey);
    while (next !== undefined && this.#isDeleted(next)) next = this.#base.getNextKey(next);
    const ordered = (this.#ordered ??= [...this.#changed.keys()].sort());
    for (let index = firstAfter(ordered, previousKey); index < ordered.length; index += 1) {
      const key = ordered[index]!;
      if (next !== undefined && key >= next) break;
      if (!this.#isDeleted(key)) return key;
    }
    return next;
  }

  /** Hands every change to `write`, in the order of keys, and forgets it. */
  flush(write: (key: string, value: string | undefined) => void): void {
    for (const key of [...this.#changed.keys()].sort()) {
      const value = this.#changed.get(key);
      if (value !== this.#base.get(key)) write(key, value);
    }
    this.#changed.clear();
    this.#ordered = undefined;
  }

  #change(key: string, value: string | undefined): void {
    if (!this.#changed.has(key)) this.#ordered = undefined;
    this.#changed.set(key, value);
  }

  #isDeleted(key: string): boolean {
    return this.#changed.has(key) && this.#changed.get(key) === undefined;
  }
}
