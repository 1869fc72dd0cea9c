/**
 * The write buffer and read cache between the kernel's tables and the kvStore.
 *
 * Boundary: no other code in the kernel holds the raw kvStore. Tables call `get`, `set`, `delete`
 * and the scans; the crank loop calls `begin`, `flush` and `discard`.
 *
 * Invariants:
 * 1. Inside a crank, writes stay here until `flush` passes them on, once per key and in key order.
 *    The crankhash therefore depends only on the crank's net effect.
 * 2. Outside a crank, each write goes through at once, so that a host may commit at any time.
 * 3. The cache never affects what is written. Dropping it changes only speed.
 * 4. `discard` removes all of the crank's writes from here. The store's savepoint undoes those that
 *    an early flush (see `getNextKey`) passed on.
 */
import { compareUtf8, storableText } from '../store/hash.js';
import type { KVStore } from '../store/types.js';
import { KernelStateError } from '../errors.js';
import { RowCache } from './row-cache.js';
import { StoredKeys } from './stored-keys.js';

/** With more dirty keys than this, a scan flushes first instead of searching them at each step. */
const MAX_DIRTY_FOR_SCAN = 256;

export class CrankBuffer {
  readonly #store: KVStore;

  readonly #cache: RowCache;

  readonly #storedKeys: StoredKeys;

  /** Undefined marks a deletion. */
  readonly #dirty = new Map<string, string | undefined>();

  /** The dirty keys that are not deletions. */
  readonly #dirtySets = new Set<string>();

  /** Did the present crank pass writes on before its end? */
  #handedDown = false;

  #inCrank = false;

  constructor(store: KVStore) {
    this.#store = store;
    this.#cache = new RowCache(store);
    this.#storedKeys = new StoredKeys(store);
  }

  get inCrank(): boolean {
    return this.#inCrank;
  }

  begin(): void {
    if (this.#inCrank) throw new KernelStateError('a crank is already in progress');
    this.#inCrank = true;
  }

  get(key: string): string | undefined {
    const value = this.#dirty.get(key);
    return value !== undefined || this.#dirty.has(key) ? value : this.#cache.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, given: string): void {
    // A replica that has just started reads what the store gives back.
    const value = storableText(given);
    if (this.#inCrank) {
      this.#dirty.set(key, value);
      this.#dirtySets.add(key);
    } else {
      this.#store.set(key, value);
      this.#cache.note(key, value);
      this.#storedKeys.forget();
    }
  }

  delete(key: string): void {
    if (this.#inCrank) {
      this.#dirty.set(key, undefined);
      this.#dirtySets.delete(key);
    } else {
      if (this.#cache.has(key)) this.#store.delete(key);
      this.#cache.note(key, undefined);
      this.#storedKeys.forget();
    }
  }

  getNextKey(priorKey: string): string | undefined {
    if (this.#dirty.size > MAX_DIRTY_FOR_SCAN) this.#handDown();
    let best = this.#storedKeys.next(priorKey);
    while (best !== undefined && this.#isDeleted(best)) best = this.#storedKeys.next(best);
    for (const key of this.#dirtySets) {
      if (compareUtf8(key, priorKey) > 0 && (best === undefined || compareUtf8(key, best) < 0)) {
        best = key;
      }
    }
    return best;
  }

  /** Keys that start with `prefix`, in order. The key just yielded may be deleted. */
  *keysWithPrefix(prefix: string): Generator<string, void> {
    if (this.has(prefix)) yield prefix;
    for (let key = this.getNextKey(prefix); key?.startsWith(prefix); key = this.getNextKey(key)) {
      yield key;
    }
  }

  /** Passes all writes on and ends the crank. */
  flush(): void {
    this.#handDown();
    this.#handedDown = false;
    this.#inCrank = false;
  }

  /** Forgets the crank's writes. The caller rolls the store back. */
  discard(): void {
    if (this.#handedDown) this.#cache.clear();
    this.#handedDown = false;
    this.#dirty.clear();
    this.#dirtySets.clear();
    this.#storedKeys.forget();
  }

  #isDeleted(key: string): boolean {
    return this.#dirty.has(key) && this.#dirty.get(key) === undefined;
  }

  #handDown(): void {
    for (const key of [...this.#dirty.keys()].sort(compareUtf8)) {
      const value = this.#dirty.get(key);
      if (value !== undefined) {
        this.#store.set(key, value);
      } else if (this.#storedKeys.hasSeen(key) || this.#cache.has(key)) {
        this.#store.delete(key);
      }
      // Most keys that a crank deletes are never asked for again.
      if (value === undefined) this.#cache.forget(key);
      else this.#cache.note(key, value);
    }
    this.#handedDown = true;
    this.#dirty.clear();
    this.#dirtySets.clear();
    this.#storedKeys.forget();
  }
}
