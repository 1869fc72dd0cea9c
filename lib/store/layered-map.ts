/**
 * A map that follows the savepoints of a crank: a rollback restores what it held at the savepoint.
 * Changes outside of savepoints are final.
 */
import type { CrankLayer } from './crank-layer.js';

interface Change<K, V> {
  readonly key: K;
  /** What the map held before, if it had the key. */
  readonly before: { readonly value: V } | undefined;
}

export class LayeredMap<K, V> implements CrankLayer {
  readonly #map = new Map<K, V>();

  /** Since the first savepoint. */
  readonly #changes: Change<K, V>[] = [];

  /** For each savepoint, how many changes came before it. */
  #marks: number[] = [];

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  keys(): IterableIterator<K> {
    return this.#map.keys();
  }

  values(): V[] {
    return [...this.#map.values()];
  }

  set(key: K, value: V): void {
    this.#note(key);
    this.#map.set(key, value);
  }

  delete(key: K): void {
    if (!this.#map.has(key)) return;
    this.#note(key);
    this.#map.delete(key);
  }

  mark(): void {
    this.#marks.push(this.#changes.length);
  }

  rollback(depth: number): void {
    const kept = this.#marks[depth] ?? this.#changes.length;
    for (const { key, before } of this.#changes.splice(kept).reverse()) {
      if (before) this.#map.set(key, before.value);
      else this.#map.delete(key);
    }
    this.#marks = this.#marks.slice(0, depth);
  }

  merge(): void {
    this.#changes.length = 0;
    this.#marks = [];
  }

  #note(key: K): void {
    if (this.#marks.length === 0) return;
    const before = this.#map.has(key) ? { value: this.#map.get(key) as V } : undefined;
    this.#changes.push({ key, before });
  }
}
