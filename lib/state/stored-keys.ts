/**
 * The keys of the store in order, for scans: a scan that goes on reads ever more of them at once.
 *
 * Boundary: knows the store, not what a crank has written since. Its owner calls `forget` whenever
 * the store changes.
 */
import type { KVStore } from '../store/types.js';

const MOST_AT_ONCE = 256;

const MOST_SEEN = 1024;

export class StoredKeys {
  readonly #store: Pick<KVStore, 'getNextKeys'>;

  #page: readonly string[] = [];

  /** Of the key in the page that was returned last. */
  #at = 0;

  #last: string | undefined;

  #atOnce = 1;

  /** Keys that scans returned lately. */
  readonly #seen = new Set<string>();

  constructor(store: Pick<KVStore, 'getNextKeys'>) {
    this.#store = store;
  }

  /** The first key after `priorKey`, or undefined. */
  next(priorKey: string): string | undefined {
    const goesOn = priorKey === this.#last;
    this.#at += 1;
    if (!goesOn || this.#at >= this.#page.length) this.#readPage(priorKey, goesOn);
    this.#last = this.#page[this.#at];
    if (this.#last !== undefined) this.#remember(this.#last);
    return this.#last;
  }

  /** Is this a key that a scan returned lately, and that the store therefore has? */
  hasSeen(key: string): boolean {
    return this.#seen.has(key);
  }

  /** The store has changed. */
  forget(): void {
    this.#page = [];
    this.#seen.clear();
  }

  #remember(key: string): void {
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
    this.#seen.add(key);
  }

  #readPage(priorKey: string, goesOn: boolean): void {
    this.#atOnce = goesOn ? Math.min(2 * this.#atOnce, MOST_AT_ONCE) : 1;
    this.#page = this.#store.getNextKeys(priorKey, this.#atOnce);
    this.#at = 0;
  }
}
