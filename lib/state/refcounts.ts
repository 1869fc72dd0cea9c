/**
 * Reference counts of objects and promises, and the set of krefs that may be free.
 *
 * Boundary: tables and queues call increment and decrement. `lib/kernel/gc/gc.ts` drains
 * `takeMaybeFree` at the end of each crank. A kref in that set is only a hint, because counts may
 * change until the crank ends.
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

  /** Adds a strong reference: a queued event, a slot of a resolution, a pin, or an import. */
  increment(kref: KRef): void {
    this.#change(kref, 1, 1);
  }

  decrement(kref: KRef): void {
    this.#change(kref, -1, -1);
  }

  /** An import that was only recognizable becomes reachable again. */
  incrementReachable(kref: ObjectKRef): void {
    this.#change(kref, 1, 0);
  }

  /** An import was dropped but is still recognizable. */
  decrementReachable(kref: ObjectKRef): void {
    this.#change(kref, -1, 0);
  }

  /** A dropped import was retired. */
  decrementRecognizable(kref: ObjectKRef): void {
    this.#change(kref, 0, -1);
  }

  addMaybeFree(kref: KRef): void {
    this.#maybeFree.add(kref);
  }

  /** The krefs to examine, sorted. */
  peekMaybeFree(): KRef[] {
    return [...this.#maybeFree].sort();
  }

  /** Like `peekMaybeFree`, and empties the set. */
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
      // The promise may be part of a cycle that has just lost its last outside holder.
      const mayBeFree = count === 0 || (recognizableBy < 0 && this.#promises.holdsPromises(kref));
      if (mayBeFree) this.#maybeFree.add(kref);
    } else if (isObjectKRef(kref)) {
      const before = this.#objects.getRefCount(kref);
      if (!this.#objects.exists(kref)) {
        // Its exporter retired it while a reference was in transit. Nothing is left to count.
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
    // Device nodes are not counted: they live as long as their device.
  }
}
