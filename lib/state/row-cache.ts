/**
 * What the store holds, as far as it was read or written lately. In two generations: when the
 * younger one is full, it becomes the older one, and what nobody asked for in the meantime goes.
 * That is cheaper than one map with an order: most keys of a crank are written, deleted and never
 * seen again.
 */
import type { KVStore } from '../store/types.js';

/** Of one generation. */
export interface CacheLimits {
  readonly keys: number;
  /** Of the values, because vats may store large ones. */
  readonly chars: number;
}

const LIMITS: CacheLimits = { keys: 50_000, chars: 32_000_000 };

/** Undefined marks a key that the store does not have. */
type Generation = Map<string, string | undefined>;

export class RowCache {
  readonly #store: Pick<KVStore, 'get' | 'has'>;

  readonly #limits: CacheLimits;

  #young: Generation = new Map();

  #old: Generation = new Map();

  #youngChars = 0;

  constructor(store: Pick<KVStore, 'get' | 'has'>, limits: CacheLimits = LIMITS) {
    this.#store = store;
    this.#limits = limits;
  }

  /** Reads a value from here, or else from the store. */
  get(key: string): string | undefined {
    const value = this.#young.get(key);
    if (value !== undefined || this.#young.has(key)) return value;
    const older = this.#old.get(key);
    const found = older !== undefined || this.#old.has(key) ? older : this.#store.get(key);
    this.note(key, found);
    return found;
  }

  /** Whether the store has a key. Reads no value. */
  has(key: string): boolean {
    const generation = [this.#young, this.#old].find(each => each.has(key));
    return generation ? generation.get(key) !== undefined : this.#store.has(key);
  }

  /** Notes what the store holds from now on. */
  note(key: string, value: string | undefined): void {
    const young = this.#young;
    const chars = value?.length ?? 0;
    if (young.size >= this.#limits.keys || this.#youngChars + chars > this.#limits.chars) {
      this.#old = young;
      this.#young = new Map([[key, value]]);
      this.#youngChars = chars;
      return;
    }
    const before = young.get(key)?.length ?? 0;
    young.set(key, value);
    this.#youngChars += chars - before;
  }

  /** Forgets everything. */
  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngChars = 0;
  }

  /** Forgets what the store holds for a key. */
  forget(key: string): void {
    this.#youngChars -= this.#young.get(key)?.length ?? 0;
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
