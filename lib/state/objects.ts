/**
 * Kernel objects and device nodes: `koNN.owner`, `koNN.refCount` (`reachable,recognizable`).
 *
 * Invariants:
 * 1. 0 <= reachable <= recognizable.
 * 2. An object without an owner is an orphan: its vat abandoned it or was terminated. It exists
 *    until nobody refers to it.
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
import type { ObjectRefCount } from './row-codecs.js';
import { globalRows, objectRows } from './rows.js';
import type { KernelStats } from './stats.js';

export type { ObjectRefCount } from './row-codecs.js';

export class ObjectTable {
  readonly #kv: CrankBuffer;

  readonly #stats: KernelStats;

  constructor(kv: CrankBuffer, stats: KernelStats) {
    this.#kv = kv;
    this.#stats = stats;
  }

  create(owner: VatID): ObjectKRef {
    const kref = makeObjectKRef(takeNumber(this.#kv, globalRows.nextObjectID, []));
    objectRows.owner.write(this.#kv, owner, kref);
    this.setRefCount(kref, { reachable: 0, recognizable: 0 });
    this.#stats.up('kernelObjects');
    return kref;
  }

  createDeviceNode(owner: DeviceID): DeviceKRef {
    const kref = makeDeviceKRef(takeNumber(this.#kv, globalRows.nextDeviceNodeID, []));
    objectRows.deviceOwner.write(this.#kv, owner, kref);
    this.#stats.up('kernelDevices');
    return kref;
  }

  exists(kref: ObjectKRef): boolean {
    return objectRows.refCount.exists(this.#kv, kref);
  }

  /** Undefined for an orphan and for a deleted object. */
  getOwner(kref: ObjectKRef): VatID | undefined {
    return objectRows.owner.read(this.#kv, kref);
  }

  deviceNodeExists(kref: DeviceKRef): boolean {
    return objectRows.deviceOwner.exists(this.#kv, kref);
  }

  getDeviceOwner(kref: DeviceKRef): DeviceID {
    return objectRows.deviceOwner.require(this.#kv, kref);
  }

  orphan(kref: ObjectKRef, owner: VatID): void {
    if (this.getOwner(kref) !== owner) {
      throw new KernelStateError(`${kref} is not owned by ${owner}`);
    }
    objectRows.owner.delete(this.#kv, kref);
  }

  /** Zero for a deleted object: a reference to it no longer matters. */
  getRefCount(kref: ObjectKRef): ObjectRefCount {
    return objectRows.refCount.read(this.#kv, kref) ?? { reachable: 0, recognizable: 0 };
  }

  setRefCount(kref: ObjectKRef, { reachable, recognizable }: ObjectRefCount): void {
    if (!(reachable >= 0 && reachable <= recognizable)) {
      throw new KernelStateError(`refCount of ${kref} would be ${reachable},${recognizable}`);
    }
    objectRows.refCount.write(this.#kv, { reachable, recognizable }, kref);
  }

  delete(kref: ObjectKRef): void {
    objectRows.owner.delete(this.#kv, kref);
    objectRows.refCount.delete(this.#kv, kref);
    this.#stats.down('kernelObjects');
  }

  /** All device nodes, in key order. For dumps and checks. */
  *allDeviceNodes(): Generator<DeviceKRef, void> {
    for (const key of this.#kv.keysWithPrefix('kd')) {
      const found = /^(kd[0-9]+)\.owner$/.exec(key);
      if (found) yield found[1] as DeviceKRef;
    }
  }

  /** All objects, in key order. For dumps and checks. */
  *all(): Generator<ObjectKRef, void> {
    for (const key of this.#kv.keysWithPrefix('ko')) {
      const found = /^(ko[0-9]+)\.refCount$/.exec(key);
      if (found) yield found[1] as ObjectKRef;
    }
  }
}
