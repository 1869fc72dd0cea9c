/**
 * Kernel objects and device nodes: `koNN.owner`, `koNN.refCount` (`reachable,recognizable`).
 *
 * Invariants: 0 <= reachable <= recognizable. An object without an owner is orphaned: its vat
 * abandoned it or is gone, and it lives on until nobody refers to it.
 */
import { KernelStateError } from '../errors.js';
import {
  makeDeviceKRef,
  makeObjectKRef,
  type DeviceID,
  type DeviceKRef,
  type ObjectKRef,
  type VatID,
} from '../types/ids.js';
import { takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import { globalKeys, objectKeys } from './schema.js';
import type { KernelStats } from './stats.js';

export interface ObjectRefCount {
  readonly reachable: number;
  readonly recognizable: number;
}

export class ObjectTable {
  readonly #kv: CrankBuffer;

  readonly #stats: KernelStats;

  constructor(kv: CrankBuffer, stats: KernelStats) {
    this.#kv = kv;
    this.#stats = stats;
  }

  create(owner: VatID): ObjectKRef {
    const kref = makeObjectKRef(takeNumber(this.#kv, globalKeys.nextObjectID));
    this.#kv.set(objectKeys.owner(kref), owner);
    this.setRefCount(kref, { reachable: 0, recognizable: 0 });
    this.#stats.up('kernelObjects');
    return kref;
  }

  createDeviceNode(owner: DeviceID): DeviceKRef {
    const kref = makeDeviceKRef(takeNumber(this.#kv, globalKeys.nextDeviceNodeID));
    this.#kv.set(objectKeys.owner(kref), owner);
    this.#stats.up('kernelDevices');
    return kref;
  }

  exists(kref: ObjectKRef): boolean {
    return this.#kv.has(objectKeys.refCount(kref));
  }

  /** Undefined for an orphan and for an object that is gone. */
  getOwner(kref: ObjectKRef): VatID | undefined {
    return this.#kv.get(objectKeys.owner(kref)) as VatID | undefined;
  }

  deviceNodeExists(kref: DeviceKRef): boolean {
    return this.#kv.has(objectKeys.owner(kref));
  }

  getDeviceOwner(kref: DeviceKRef): DeviceID {
    return this.#kv.getRequired(objectKeys.owner(kref)) as DeviceID;
  }

  orphan(kref: ObjectKRef, owner: VatID): void {
    if (this.getOwner(kref) !== owner) {
      throw new KernelStateError(`${kref} is not owned by ${owner}`);
    }
    this.#kv.delete(objectKeys.owner(kref));
  }

  /** A reclaimed name: an object that a vat had abandoned is its own again. */
  adopt(kref: ObjectKRef, owner: VatID): void {
    this.#kv.set(objectKeys.owner(kref), owner);
  }

  /** Zero for an object that is gone: a reference to it can no longer matter. */
  getRefCount(kref: ObjectKRef): ObjectRefCount {
    const text = this.#kv.get(objectKeys.refCount(kref));
    if (text === undefined) return { reachable: 0, recognizable: 0 };
    const [reachable, recognizable] = text.split(',').map(Number);
    if (
      reachable === undefined ||
      recognizable === undefined ||
      !(reachable >= 0 && reachable <= recognizable)
    ) {
      throw new KernelStateError(`${objectKeys.refCount(kref)} is malformed: ${text}`);
    }
    return { reachable, recognizable };
  }

  setRefCount(kref: ObjectKRef, { reachable, recognizable }: ObjectRefCount): void {
    if (!(reachable >= 0 && reachable <= recognizable)) {
      throw new KernelStateError(`refCount of ${kref} would be ${reachable},${recognizable}`);
    }
    this.#kv.set(objectKeys.refCount(kref), `${reachable},${recognizable}`);
  }

  delete(kref: ObjectKRef): void {
    this.#kv.delete(objectKeys.owner(kref));
    this.#kv.delete(objectKeys.refCount(kref));
    this.#stats.down('kernelObjects');
  }

  /** Every object, in the order of the keys. For dumps and checks. */
  *all(): Generator<ObjectKRef, void> {
    for (const key of this.#kv.keysWithPrefix('ko')) {
      const found = /^(ko[0-9]+)\.refCount$/.exec(key);
      if (found) yield found[1] as ObjectKRef;
    }
  }
}
