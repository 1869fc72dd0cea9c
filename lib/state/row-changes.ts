/**
 * Changes of rows that are made all at once, or not at all. (A `CrankBuffer` passes writes on before
 * its end when there are many, because a crank can be rolled back.)
 */
import type { KVStore } from '../store/types.js';
import type { RowWriter } from './rows.js';

export class RowChanges implements RowWriter {
  readonly #kvStore: KVStore;

  readonly #changes = new Map<string, string | undefined>();

  constructor(kvStore: KVStore) {
    this.#kvStore = kvStore;
  }

  get(key: string): string | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#kvStore.get(key);
  }

  set(key: string, value: string): void {
    this.#changes.set(key, value);
  }

  delete(key: string): void {
    this.#changes.set(key, undefined);
  }

  /** The store's keys that begin so, in order: without those that are new here. */
  *keysWith(prefix: string): IterableIterator<string> {
    const kv = this.#kvStore;
    for (let key = kv.getNextKey(prefix); key?.startsWith(prefix); key = kv.getNextKey(key))
      yield key;
  }

  /** Passes the changes to the store. */
  apply(): void {
    for (const [key, value] of this.#changes) {
      if (value === undefined) this.#kvStore.delete(key);
      else this.#kvStore.set(key, value);
    }
    this.#changes.clear();
  }
}
