/**
 * Reference counts of everything a kref can name, and the list of those that may now be free.
 *
 * Boundary: tables and queues call increment and decrement; `lib/kernel/gc/gc.ts` drains
 * `takeMaybeFree` at the end of each crank. A kref on that list is a hint and no more: counts are
 * settled only when the crank is.
 */
import { KernelStateError } from '../errors.js';
import { isObjectKRef, isPromiseKRef, type KRef, type ObjectKRef } from '../types/ids.js';
import type { ObjectTable } from './objects.js';
import type { PromiseTable } from './promises.js';

export class RefCounts {
  readonly #objects: ObjectTable;

  readonly #promises: PromiseTable;

  readonly #maybeFree = new Set<KRef>();

  constructor(objects: ObjectTable, promises: PromiseTable) {
    this.#objects = objects;
    this.#promises = promises;
  }

  /** One more strong reference: a queue entry, a resolution's slot, a pin, or an import. */
  increment(kref: KRef): void {
    this.#change(kref, 1, 1);
  }

  decrement(kref: KRef): void {
    this.#change(kref, -1, -1);
  }

  /** An import that was merely recognizable is reachable again. */
  incrementReachable(kref: ObjectKRef): void {
    this.#change(kref, 1, 0);
  }

  /** An import was dropped and is still recognizable. */
  decrementReachable(kref: ObjectKRef): void {
    this.#change(kref, -1, 0);
  }

  /** An import that had been dropped is retired. */
  decrementRecognizable(kref: ObjectKRef): void {
    this.#change(kref, 0, -1);
  }

  addMaybeFree(kref: KRef): void {
    this.#maybeFree.add(kref);
  }

  /** The krefs to look at, sorted. */
  peekMaybeFree(): KRef[] {
    return [...this.#maybeFree].sort();
  }

  /** As `peekMaybeFree`; the list is empty afterwards. */
  takeMaybeFree(): KRef[] {
    const krefs = this.peekMaybeFree();
    this.#maybeFree.clear();
    return krefs;
  }

  discard(): void {
    this.#maybeFree.clear();
  }

  #change(kref: KRef, reachableBy: number, recognizableBy: number): void {
    if (isPromiseKRef(kref)) {
      const count = this.#promises.getRefCount(kref) + recognizableBy;
      this.#promises.setRefCount(kref, count);
      // Promises may hold each other in a ring that has just lost its last holder.
      const mayBeFree = count === 0 || (recognizableBy < 0 && this.#promises.holdsPromises(kref));
      if (mayBeFree) this.#maybeFree.add(kref);
    } else if (isObjectKRef(kref)) {
      const before = this.#objects.getRefCount(kref);
      if (!this.#objects.exists(kref)) {
        // Retired by its exporter while a reference was under way: nothing left to count.
        if (reachableBy + recognizableBy > 0) {
          throw new KernelStateError(`new reference to ${kref}, which does not exist`);
        }
        return;
      }
      const after = {
        reachable: before.reachable + reachableBy,
        recognizable: before.recognizable + recognizableBy,
      };
      this.#objects.setRefCount(kref, after);
      if (after.reachable === 0 || after.recognizable === 0) this.#maybeFree.add(kref);
    }
    // Device nodes live as long as their device: they are not counted.
  }
}
