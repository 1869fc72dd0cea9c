/**
 * C-lists: the two-way tables between krefs and the vrefs of one vat or device.
 *
 * `<owner>.c.<kref>` is `R <vref>` (reachable) or `_ <vref>` (only recognizable), and
 * `<owner>.c.<vref>` is the kref. Devices have no flag. Source: SwingSet docs `c-lists.md`,
 * `garbage-collection.md`.
 *
 * Invariants:
 * 1. Both rows of an entry exist, or neither.
 * 2. An import counts in the object's refCount: as recognizable while the entry exists, as
 *    reachable while its flag is `R`. An export does not count. A promise counts once per c-list.
 * 3. The flag of an export says whether the kernel still keeps the vat from dropping the object.
 *    `dropExports` clears it.
 */
import { KernelStateError } from '../errors.js';
import {
  isDeviceID,
  isObjectKRef,
  makeVRef,
  parseKRef,
  parseVRef,
  type ClistOwner,
  type KRef,
  type ObjectKRef,
  type ParsedVRef,
  type VRef,
} from '../types/ids.js';
import { takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import type { RefCounts } from './refcounts.js';
import type { ClistEntry } from './row-codecs.js';
import { clistRows } from './rows.js';
import { clistKeys, FIRST_IDS } from './schema.js';
import type { KernelStats } from './stats.js';

export type { ClistEntry } from './row-codecs.js';

/** Receives each entry that is added or deleted, for logs. Must not change state. */
export type ClistWatcher = (
  mode: 'import' | 'export' | 'drop',
  owner: ClistOwner,
  kref: KRef,
  vref: VRef,
) => void;

const typeOfKRef = (kref: KRef): ParsedVRef['type'] =>
  isObjectKRef(kref) ? 'object' : kref.startsWith('kp') ? 'promise' : 'device';

/** Writes the counters of a new vat's or device's imports. */
export const startCounters = (kv: CrankBuffer, owner: ClistOwner): void => {
  const first = FIRST_IDS.clist[isDeviceID(owner) ? 'device' : 'vat'];
  for (const letter of ['o', 'p', 'd'] as const) {
    clistRows.nextID.write(kv, first[letter], owner, letter);
  }
};

export class Clist {
  readonly owner: ClistOwner;

  readonly #kv: CrankBuffer;

  readonly #refs: RefCounts;

  readonly #stats: KernelStats;

  readonly #watch: ClistWatcher;

  readonly #byKRef: typeof clistRows.ofVat;

  constructor(
    owner: ClistOwner,
    kv: CrankBuffer,
    refs: RefCounts,
    stats: KernelStats,
    watch: ClistWatcher,
  ) {
    this.owner = owner;
    this.#watch = watch;
    this.#byKRef = isDeviceID(owner) ? clistRows.ofDevice : clistRows.ofVat;
    this.#kv = kv;
    this.#refs = refs;
    this.#stats = stats;
  }

  getEntry(kref: KRef): ClistEntry | undefined {
    return this.#byKRef.read(this.#kv, this.owner, kref);
  }

  /** @throws KernelStateError if the kref is not in this c-list. */
  getRequiredEntry(kref: KRef): ClistEntry {
    const entry = this.getEntry(kref);
    if (!entry) throw new KernelStateError(`${kref} is not in the c-list of ${this.owner}`);
    return entry;
  }

  getKRef(vref: VRef): KRef | undefined {
    return clistRows.byVRef.read(this.#kv, this.owner, vref);
  }

  /** Returns the vref of something that enters the vat. Allocates one if needed; sets `R`. */
  importKRef(kref: KRef): VRef {
    const entry = this.getEntry(kref);
    if (entry) {
      if (!entry.reachable) this.#setReachable(kref, entry, true);
      return entry.vref;
    }
    const type = typeOfKRef(kref);
    const letter = type[0] as 'o' | 'p' | 'd';
    const index = takeNumber(this.#kv, clistRows.nextID, [this.owner, letter]);
    const vref = makeVRef(type, false, index);
    this.add(kref, vref);
    return vref;
  }

  /** Adds an entry. For an export, the caller has created the kernel object. */
  add(kref: KRef, vref: VRef): void {
    const isExport = parseVRef(vref).allocatedByVat;
    this.#byKRef.write(this.#kv, { vref, reachable: true, isExport }, this.owner, kref);
    clistRows.byVRef.write(this.#kv, kref, this.owner, vref);
    if (!isExport || kref.startsWith('kp')) this.#refs.increment(kref);
    if (!isDeviceID(this.owner)) this.#stats.up('clistEntries');
    this.#watch(isExport ? 'export' : 'import', this.owner, kref, vref);
  }

  /** The exporter sends its object again after the kernel had dropped it. */
  reexport(kref: ObjectKRef): void {
    const entry = this.getRequiredEntry(kref);
    if (!entry.reachable) this.#setReachable(kref, entry, true);
  }

  /** Clears the flag. Import: the vat dropped it. Export: the kernel dropped it (invariant 3). */
  clearReachable(kref: KRef): void {
    const entry = this.getRequiredEntry(kref);
    if (entry.reachable) this.#setReachable(kref, entry, false);
  }

  /** Deletes both rows and releases the reference that the entry counted (invariants 1, 2). */
  delete(kref: KRef): void {
    const entry = this.getRequiredEntry(kref);
    this.#byKRef.delete(this.#kv, this.owner, kref);
    clistRows.byVRef.delete(this.#kv, this.owner, entry.vref);
    if (!isDeviceID(this.owner)) this.#stats.down('clistEntries');
    this.#watch('drop', this.owner, kref, entry.vref);
    if (!isObjectKRef(kref)) {
      if (kref.startsWith('kp')) this.#refs.decrement(kref);
    } else if (!entry.isExport) {
      if (entry.reachable) this.#refs.decrement(kref);
      else this.#refs.decrementRecognizable(kref);
    }
  }

  /** Entries whose vref starts with a prefix, for example `o+` or `p-`, in key order. */
  *entriesByVRef(prefix: string): Generator<readonly [VRef, KRef], void> {
    const head = clistKeys.prefix(this.owner);
    for (const key of this.#kv.keysWithPrefix(`${head}${prefix}`)) {
      const { vref } = parseVRef(key.slice(head.length));
      yield [vref, clistRows.byVRef.require(this.#kv, this.owner, vref)];
    }
  }

  /** All entries, in key order of the krefs. */
  *entries(): Generator<readonly [KRef, ClistEntry], void> {
    const head = clistKeys.prefix(this.owner);
    for (const key of this.#kv.keysWithPrefix(`${head}k`)) {
      const kref = parseKRef(key.slice(head.length));
      yield [kref, this.getRequiredEntry(kref)];
    }
  }

  #setReachable(kref: KRef, entry: ClistEntry, reachable: boolean): void {
    if (!isObjectKRef(kref)) throw new KernelStateError(`${kref} has no reachable flag`);
    this.#byKRef.write(this.#kv, { ...entry, reachable }, this.owner, kref);
    if (entry.isExport) {
      // An export may be retired once it is unreachable.
      if (!reachable) this.#refs.addMaybeFree(kref);
    } else if (reachable) {
      this.#refs.incrementReachable(kref);
    } else {
      this.#refs.decrementReachable(kref);
    }
  }
}
