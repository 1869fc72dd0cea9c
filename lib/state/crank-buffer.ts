/**
 * A write buffer and read cache between the kernel's tables and the kvStore.
 *
 * Boundary: the only holder of the raw kvStore within the kernel. Tables call get, set, delete
 * and scans; the crank loop calls begin, flush and discard.
 *
 * Invariants
 * 1. Inside a crank writes stay here until `flush`, which hands them down once per key, in key
 *    order: what is hashed depends on the crank's net effect only.
 * 2. Outside a crank every write goes through at once, so that a host may commit at any time.
 * 3. The cache never decides what is written: dropping it changes speed only.
 * 4. After `discard` no trace of the crank's writes is left here; the store's savepoint undoes
 *    those that an early flush (see `getNextKey`) handed down.
 */
import { compareUtf8 } from '../store/hash.js';
import type { KVStore } from '../store/types.js';
import { KernelStateError } from '../errors.js';

const MAX_CACHED_KEYS = 100_000;
/** Of values: vats may keep large ones. */
const MAX_CACHED_CHARS = 64_000_000;
/** Beyond this many dirty keys a scan flushes first rather than walk them all at each step. */
const MAX_DIRTY_FOR_SCAN = 256;

export class CrankBuffer {
  readonly #store: KVStore;

  readonly #cache = new Map<string, string | undefined>();

  #cachedChars = 0;

  /** Undefined marks a deletion. */
  readonly #dirty = new Map<string, string | undefined>();

  /** Keys handed down by early flushes of the present crank. */
  readonly #flushed = new Set<string>();

  #inCrank = false;

  constructor(store: KVStore) {
    this.#store = store;
  }

  get inCrank(): boolean {
    return this.#inCrank;
  }

  begin(): void {
    if (this.#inCrank) throw new KernelStateError('a crank is already under way');
    this.#inCrank = true;
  }

  get(key: string): string | undefined {
    if (this.#dirty.has(key)) return this.#dirty.get(key);
    if (this.#cache.has(key)) return this.#cache.get(key);
    const value = this.#store.get(key);
    this.#remember(key, value);
    return value;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, value: string): void {
    if (this.#inCrank) {
      this.#dirty.set(key, value);
    } else {
      this.#store.set(key, value);
      this.#remember(key, value);
    }
  }

  delete(key: string): void {
    if (this.#inCrank) {
      this.#dirty.set(key, undefined);
    } else {
      if (this.#store.has(key)) this.#store.delete(key);
      this.#remember(key, undefined);
    }
  }

  getNextKey(priorKey: string): string | undefined {
    if (this.#dirty.size > MAX_DIRTY_FOR_SCAN) this.#handDown();
    let stored = this.#store.getNextKey(priorKey);
    while (stored !== undefined && this.#isDeleted(stored)) stored = this.#store.getNextKey(stored);
    let best = stored;
    for (const [key, value] of this.#dirty) {
      if (
        value !== undefined &&
        compareUtf8(key, priorKey) > 0 &&
        (best === undefined || compareUtf8(key, best) < 0)
      ) {
        best = key;
      }
    }
    return best;
  }

  /** Keys that start with `prefix`, in order. Deleting the key just given is allowed. */
  *keysWithPrefix(prefix: string): Generator<string, void> {
    if (this.has(prefix)) yield prefix;
    for (let key = this.getNextKey(prefix); key?.startsWith(prefix); key = this.getNextKey(key)) {
      yield key;
    }
  }

  /** Hands all writes down and ends the crank. */
  flush(): void {
    this.#handDown();
    this.#flushed.clear();
    this.#inCrank = false;
  }

  /** Forgets the crank's writes; the caller has rolled the store back, or will. */
  discard(): void {
    for (const key of this.#flushed) this.#forget(key);
    this.#flushed.clear();
    this.#dirty.clear();
  }

  #isDeleted(key: string): boolean {
    return this.#dirty.has(key) && this.#dirty.get(key) === undefined;
  }

  #remember(key: string, value: string | undefined): void {
    this.#forget(key);
    const chars = value?.length ?? 0;
    if (this.#cache.size >= MAX_CACHED_KEYS || this.#cachedChars + chars > MAX_CACHED_CHARS) {
      this.#cache.clear();
      this.#cachedChars = 0;
    }
    this.#cache.set(key, value);
    this.#cachedChars += chars;
  }

  #forget(key: string): void {
    this.#cachedChars -= this.#cache.get(key)?.length ?? 0;
    this.#cache.delete(key);
  }

  #handDown(): void {
    for (const key of [...this.#dirty.keys()].sort(compareUtf8)) {
      const value = this.#dirty.get(key);
      if (value !== undefined) {
        this.#store.set(key, value);
      } else if (this.#store.has(key)) {
        this.#store.delete(key);
      }
      this.#remember(key, value);
      this.#flushed.add(key);
    }
    this.#dirty.clear();
  }
}
