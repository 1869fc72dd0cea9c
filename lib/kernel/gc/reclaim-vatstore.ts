/**
 * Collects a vat's stored garbage between two incarnations, while nothing of the vat is in RAM. It
 * deletes every virtual (non-durable) row, and every durable object and collection that neither
 * other data nor the kernel refers to. Like liveslots, it releases what a dead object referred to,
 * removes the object from weak collections, and lists the exports that the kernel must retire.
 *
 * Boundary: reads and writes one vatstore. `liveslots-vatstore.ts` knows the layout.
 *
 * Invariants
 * 1. Reference counts of surviving objects stay exact, so no later deletion underflows one.
 * 2. An object survives, whatever its count, if the vat's export status or the kernel's c-list says
 *    that the kernel reaches it.
 * 3. Surviving rows of durable data are not read. Their keys are read at most once, in key order.
 */
import type { Vatstore } from '../../state/vatstore.js';
import type { VRef } from '../../types/ids.js';
import {
  baseRefOf,
  collectionOfKey,
  COLLECTIONS_PREFIX,
  durableCollectionOf,
  durableStoreKinds,
  ephemeralRecords,
  facetsOf,
  objectPrefix,
  parseCollectionKey,
  parseRecognizer,
  slotsOfEntry,
  slotsOfState,
  vatstoreKeys,
  VIRTUAL_KINDS_PREFIX,
} from './liveslots-vatstore.js';

const isCounted = (vref: string): boolean => vref.startsWith('o-') || vref.startsWith('o+d');

export class VatstoreReclaim {
  readonly #rows: Vatstore;

  readonly #kernelReaches: (vref: VRef) => boolean;

  readonly #storeKinds: readonly number[];

  /** Changed reference counts. Rows hold the others. */
  readonly #counts = new Map<string, number>();

  /** Durable objects that may have lost their last reference. */
  readonly #suspects: string[] = [];

  #rowsDeleted = 0;

  readonly #goneExports: VRef[] = [];

  /** @param kernelReaches - does the kernel's c-list mark this export as reachable? */
  constructor(rows: Vatstore, kernelReaches: (vref: VRef) => boolean) {
    this.#rows = rows;
    this.#kernelReaches = kernelReaches;
    this.#storeKinds = durableStoreKinds(rows.get(vatstoreKeys.storeKinds) ?? '');
  }

  get rowsDeleted(): number {
    return this.#rowsDeleted;
  }

  /** Deleted durable exports. The kernel may still recognize them and must retire them. */
  get goneExports(): readonly VRef[] {
    return this.#goneExports;
  }

  /** Does virtual or durable data refer to this vref? */
  isReferenced(vref: string): boolean {
    return this.#count(baseRefOf(vref)) > 0;
  }

  /** Is this vref a key of a weak collection? */
  isRecognized(vref: string): boolean {
    const prefix = vatstoreKeys.recognizers(vref);
    return this.#rows.getNextKey(prefix)?.startsWith(prefix) ?? false;
  }

  run(): void {
    for (const key of this.#rows.keys(objectPrefix.virtual)) this.#deleteObjectRow(key);
    for (const collection of this.#collections()) {
      if (!this.#isLiveDurable(collection)) this.#deleteUnreachable(collection);
    }
    for (const key of this.#rows.keys(objectPrefix.durable)) {
      this.#settleSuspects();
      this.#suspect(key.slice('vom.'.length));
    }
    this.#settleSuspects();
    for (const { prefix, durable, virtual } of ephemeralRecords) {
      // Keys of Remotables (`o+12`) sort before all durable ones, keys of virtual objects after.
      for (const key of this.#rows.keys(prefix)) {
        if (key.startsWith(durable)) break;
        this.#delete(key);
      }
      for (const key of this.#rows.keys(virtual)) this.#delete(key);
    }
    for (const key of this.#rows.keys(VIRTUAL_KINDS_PREFIX)) this.#delete(key);
    this.#saveCounts();
  }

  #count(baseRef: string): number {
    const changed = this.#counts.get(baseRef);
    if (changed !== undefined) return changed;
    const stored = Number(this.#rows.get(vatstoreKeys.refCount(baseRef)) ?? 0);
    // A damaged count must not free an object.
    return Number.isSafeInteger(stored) && stored >= 0 ? stored : 1;
  }

  /** Removes one reference, which deleted data held. */
  #release(vref: string): void {
    // Liveslots counts Remotables and promises in RAM and devices nowhere. Virtual objects all go.
    if (!isCounted(vref)) return;
    const baseRef = baseRefOf(vref);
    const count = this.#count(baseRef);
    if (count === 0) return;
    this.#counts.set(baseRef, count - 1);
    if (count === 1 && vref.startsWith('o+d')) this.#suspects.push(baseRef);
  }

  #suspect(baseRef: string): void {
    if (this.#count(baseRef) === 0) this.#suspects.push(baseRef);
  }

  /** Deletes unreachable suspects, until their deletion makes no other object unreachable. */
  #settleSuspects(): void {
    for (let baseRef = this.#suspects.pop(); baseRef; baseRef = this.#suspects.pop()) {
      if (!this.#isReachable(baseRef)) this.#deleteDurable(baseRef);
    }
  }

  #isReachable(baseRef: string): boolean {
    if (this.#count(baseRef) > 0) return true;
    const status = this.#rows.get(vatstoreKeys.exportStatus(baseRef)) ?? '';
    return facetsOf(baseRef, status).some(
      ({ vref, letter }) => letter === 'r' || this.#kernelReaches(vref),
    );
  }

  #deleteDurable(baseRef: string): void {
    const statusKey = vatstoreKeys.exportStatus(baseRef);
    const status = this.#rows.get(statusKey) ?? '';
    this.#goneExports.push(...facetsOf(baseRef, status).map(({ vref }) => vref));
    this.#delete(statusKey);
    this.#counts.set(baseRef, 0);
    const collection = durableCollectionOf(baseRef, this.#storeKinds);
    if (collection !== undefined) this.#deleteCollection(collection);
    else this.#deleteObjectRow(vatstoreKeys.objectState(baseRef));
    this.#forgetKey(vatstoreKeys.recognizers(baseRef));
    this.#forgetKey(vatstoreKeys.recognizersOfFacets(baseRef));
  }

  #deleteObjectRow(key: string): void {
    const state = this.#rows.get(key);
    if (state === undefined) return;
    for (const vref of slotsOfState(state)) this.#release(vref);
    this.#delete(key);
  }

  /** Numbers of all collections, found without visiting their entries. */
  *#collections(): Generator<string, void> {
    let key = this.#rows.getNextKey(COLLECTIONS_PREFIX);
    while (key?.startsWith(COLLECTIONS_PREFIX)) {
      const collection = collectionOfKey(key);
      if (collection !== undefined) yield collection;
      key = this.#rows.getNextKey(
        collection === undefined ? key : vatstoreKeys.afterCollection(collection),
      );
    }
  }

  /** Without a reachable durable vref, the next incarnation can't find a collection of any kind. */
  #isLiveDurable(collection: string): boolean {
    return this.#storeKinds.some(kind => this.#isReachable(`o+d${kind}/${collection}`));
  }

  /** It may be a weak key itself, or recognized by the kernel; nothing but such rows says its kind. */
  #deleteUnreachable(collection: string): void {
    this.#deleteCollection(collection);
    for (const kind of this.#storeKinds) this.#deleteDurable(`o+d${kind}/${collection}`);
  }

  #deleteCollection(collection: string): void {
    const prefix = vatstoreKeys.collection(collection);
    for (const key of this.#rows.keys(prefix)) {
      const row = parseCollectionKey(key.slice(prefix.length));
      switch (row.kind) {
        case 'ordinal':
          this.#deleteKeyOf(collection, row.vref);
          break;
        case 'entry':
        case 'schemata':
          for (const vref of slotsOfEntry(this.#rows.get(key) ?? '')) this.#release(vref);
          break;
        case 'metadata':
          break;
        default:
          row satisfies never;
      }
      this.#delete(key);
    }
  }

  /** A weak collection has a recognizer row for each key; a strong one counts as a reference. */
  #deleteKeyOf(collection: string, vref: string): void {
    const recognizer = vatstoreKeys.recognizer(vref, collection);
    if (this.#rows.get(recognizer) !== undefined) this.#delete(recognizer);
    else this.#release(vref);
  }

  /** Removes a deleted object from the weak collections that have it as a key. */
  #forgetKey(recognizers: string): void {
    for (const key of this.#rows.keys(recognizers)) {
      const record = parseRecognizer(key);
      if (record) this.#deleteWeakEntry(record.collection, record.vref);
      this.#delete(key);
    }
  }

  #deleteWeakEntry(collection: string, vref: string): void {
    const ordinalKey = vatstoreKeys.ordinal(collection, vref);
    const ordinal = this.#rows.get(ordinalKey);
    if (ordinal === undefined) return;
    this.#delete(ordinalKey);
    const entryKey = vatstoreKeys.objectEntry(collection, ordinal, vref);
    const entry = this.#rows.get(entryKey);
    if (entry === undefined) return;
    for (const slot of slotsOfEntry(entry)) this.#release(slot);
    this.#delete(entryKey);
  }

  #delete(key: string): void {
    if (this.#rows.get(key) === undefined) return;
    this.#rows.delete(key);
    this.#rowsDeleted += 1;
  }

  #saveCounts(): void {
    for (const [baseRef, count] of this.#counts) {
      const key = vatstoreKeys.refCount(baseRef);
      if (count > 0) this.#rows.set(key, `${count}`);
      else this.#delete(key);
    }
  }
}
