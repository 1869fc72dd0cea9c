/**
 * Collects the garbage of a vat's virtual data between two incarnations, when nothing of the vat
 * is in RAM: every merely-virtual row, and every durable object and collection that neither other
 * data nor the kernel refers to. It does what liveslots does when such things die one by one:
 * gives back what they referred to, forgets them as weak keys, and notes what the kernel must retire.
 *
 * Boundary: reads and writes one vatstore; knows the layout through `liveslots-vatstore.ts`.
 *
 * Invariants
 * 1. Reference counts of what stays are exact: data that is dropped later underflows nothing.
 * 2. What the kernel still reaches, by its own record or by the vat's, stays whatever the counts say.
 * 3. Rows of durable data that stay are not read, their keys at most once, in key order.
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

  /** Counts that have changed; a row says the rest. */
  readonly #counts = new Map<string, number>();

  /** Durable things that may have lost their last reference. */
  readonly #suspects: string[] = [];

  #rowsDeleted = 0;

  readonly #goneExports: VRef[] = [];

  /** `kernelReaches`: does the kernel hold the vat to this export? */
  constructor(rows: Vatstore, kernelReaches: (vref: VRef) => boolean) {
    this.#rows = rows;
    this.#kernelReaches = kernelReaches;
    this.#storeKinds = durableStoreKinds(rows.get(vatstoreKeys.storeKinds) ?? '');
  }

  get rowsDeleted(): number {
    return this.#rowsDeleted;
  }

  /** Durable exports that are gone, and that the kernel may still recognize. */
  get goneExports(): readonly VRef[] {
    return this.#goneExports;
  }

  /** Does virtual or durable data refer to it? */
  isReferenced(vref: string): boolean {
    return this.#count(baseRefOf(vref)) > 0;
  }

  /** Is it a key of a weak collection? */
  isRecognized(vref: string): boolean {
    const prefix = vatstoreKeys.recognizers(vref);
    return this.#rows.getNextKey(prefix)?.startsWith(prefix) ?? false;
  }

  run(): void {
    for (const key of this.#rows.keys(objectPrefix.virtual)) this.#deleteObjectRow(key);
    for (const collection of this.#collections()) {
      if (!this.#isLiveDurable(collection)) this.#deleteCollection(collection);
    }
    for (const key of this.#rows.keys(objectPrefix.durable)) {
      this.#settleSuspects();
      this.#suspect(key.slice('vom.'.length));
    }
    this.#settleSuspects();
    for (const { prefix, durable, virtual } of ephemeralRecords) {
      // In key order: Remotables (`o+12`) come before all durable things, virtual ones after.
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
    // A row that is no number is no reason to let go of anything.
    return Number.isSafeInteger(stored) && stored >= 0 ? stored : 1;
  }

  /** One reference fewer, from data that is gone. */
  #release(vref: string): void {
    // Remotables and promises are counted in RAM, devices nowhere, and virtual things all go.
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

  /** Ends when nothing more dies of what died. */
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

  /** Numbers of all collections, without a walk through their entries. */
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

  /** A collection that nothing durable names can't be found again, of whichever kind it is. */
  #isLiveDurable(collection: string): boolean {
    return this.#storeKinds.some(kind => this.#isReachable(`o+d${kind}/${collection}`));
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

  /** A weak collection knows its keys through a record of recognition, a strong one counts them. */
  #deleteKeyOf(collection: string, vref: string): void {
    const recognizer = vatstoreKeys.recognizer(vref, collection);
    if (this.#rows.get(recognizer) !== undefined) this.#delete(recognizer);
    else this.#release(vref);
  }

  /** Takes something that is gone out of the weak collections that have it as a key. */
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
