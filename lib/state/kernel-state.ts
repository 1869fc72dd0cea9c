/**
 * All tables of the kernel over one crank buffer.
 *
 * Boundary: `lib/kernel` reads and writes state only through this. It begins, ends and aborts
 * cranks but can't commit the store, which only the host does.
 *
 * Invariants:
 * 1. Between `beginCrank` and `endCrank`, `abortCrank` undoes everything: the state is as
 *    `beginCrank` found it, and the crank is still open.
 * 2. `endCrank` passes all writes on, computes the hashes and increments the crank number.
 */
import { BadOptionError } from '../errors.js';
import type { CrankHashes, KernelStorage } from '../store/types.js';
import {
  isObjectKRef,
  isPromiseKRef,
  type BundleID,
  type ClistOwner,
  type DeviceID,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
  type VatID,
} from '../types/ids.js';
import { Clist, type ClistWatcher } from './clists.js';
import { CrankBuffer } from './crank-buffer.js';
import { DeviceTable } from './devices.js';
import type { RunQueueEvent } from './events.js';
import { GCQueues } from './gc-queues.js';
import { KernelSettings, type KernelSettingsOverride } from './kernel-settings.js';
import { MeterTable } from './meters.js';
import { ObjectTable } from './objects.js';
import { PlatformEpochTable } from './platform-epochs.js';
import { countPromiseReferences } from './promise-references.js';
import { PromiseTable } from './promises.js';
import { EventQueue } from './queues.js';
import { RefCounts } from './refcounts.js';
import { bundleRows, globalRows, vatRows } from './rows.js';
import { CURRENT_SCHEMA_VERSION, FIRST_IDS, globalKeys } from './schema.js';
import { KernelStats } from './stats.js';
import { VatServiceTable } from './vat-service.js';
import { WaitQueues } from './wait-queues.js';
import { VatTable } from './vats.js';
import { Vatstore } from './vatstore.js';

const SAVEPOINT = 'crank';

export class KernelState {
  readonly settings: KernelSettings;

  readonly stats: KernelStats;

  readonly objects: ObjectTable;

  readonly promises: PromiseTable;

  readonly refs: RefCounts;

  readonly vats: VatTable;

  readonly devices: DeviceTable;

  readonly meters: MeterTable;

  readonly gc: GCQueues;

  readonly services: VatServiceTable;

  readonly waiting: WaitQueues;

  readonly platformEpochs: PlatformEpochTable;

  readonly runQueue: EventQueue;

  readonly acceptanceQueue: EventQueue;

  readonly #kv: CrankBuffer;

  readonly #storage: KernelStorage;

  readonly #clists = new Map<ClistOwner, Clist>();

  #clistWatcher: ClistWatcher | undefined;

  constructor(storage: KernelStorage, override: KernelSettingsOverride = {}) {
    this.#storage = storage;
    this.#kv = new CrankBuffer(storage.kvStore);
    this.settings = new KernelSettings(this.#kv, override);
    this.stats = new KernelStats(this.#kv);
    this.objects = new ObjectTable(this.#kv, this.stats);
    this.promises = new PromiseTable(this.#kv, this.stats);
    this.refs = new RefCounts(this.objects, this.promises);
    this.vats = new VatTable(this.#kv, this.refs, this.stats, this.settings.limitTables);
    this.devices = new DeviceTable(this.#kv);
    this.meters = new MeterTable(this.#kv);
    this.gc = new GCQueues(this.#kv);
    this.services = new VatServiceTable(this.#kv, this.gc);
    this.waiting = new WaitQueues(this.#kv, this.refs, this.stats);
    this.platformEpochs = new PlatformEpochTable(this.#kv);
    const queue = (name: string, gauge: 'runQueueLength' | 'acceptanceQueueLength') =>
      new EventQueue(this.#kv, this.refs, this.stats, { name, gauge });
    this.runQueue = queue(globalKeys.runQueue, 'runQueueLength');
    this.acceptanceQueue = queue(globalKeys.acceptanceQueue, 'acceptanceQueueLength');
  }

  get inCrank(): boolean {
    return this.#kv.inCrank;
  }

  beginCrank(): void {
    this.#kv.begin();
    this.#storage.startCrank();
    this.#storage.establishCrankSavepoint(SAVEPOINT);
    this.#takeFreedBetweenCranks();
  }

  abortCrank(): void {
    this.#kv.discard();
    this.#storage.restartCrank();
    this.refs.discard();
    this.stats.reload();
    // The restart released the savepoint. A new one lets a second abort undo the rest of the crank.
    this.#storage.establishCrankSavepoint(SAVEPOINT);
    this.#takeFreedBetweenCranks();
  }

  /** Saves statistics and freed krefs after a host call, so that the next crank finds them. */
  saveBetweenCranks(): void {
    this.stats.save();
    const freed = this.refs.peekMaybeFree();
    if (freed.length > 0) globalRows.maybeFree.write(this.#kv, freed);
  }

  #takeFreedBetweenCranks(): void {
    const freed = globalRows.maybeFree.read(this.#kv);
    if (!freed) return;
    for (const kref of freed) this.refs.addMaybeFree(kref);
    globalRows.maybeFree.delete(this.#kv);
  }

  endCrank(): CrankHashes {
    globalRows.crankNumber.write(this.#kv, this.crankNumber + 1);
    this.stats.save();
    this.#kv.flush();
    const hashes = this.#storage.emitCrankHashes();
    this.#storage.endCrank();
    return hashes;
  }

  get crankNumber(): number {
    return globalRows.crankNumber.require(this.#kv);
  }

  getActivityhash(): string {
    return this.#storage.getActivityhash();
  }

  /** Whether the object, promise or device node exists. */
  exists(kref: KRef): boolean {
    if (isPromiseKRef(kref)) return this.promises.exists(kref);
    return isObjectKRef(kref) ? this.objects.exists(kref) : this.objects.deviceNodeExists(kref);
  }

  /** Runs a change between cranks. All of it takes effect, or none if it throws. */
  atomically<T>(change: () => T): T {
    this.#kv.begin();
    try {
      const result = change();
      this.saveBetweenCranks();
      this.#kv.flush();
      return result;
    } catch (error) {
      this.#kv.discard();
      this.#kv.flush();
      this.refs.discard();
      const freed = globalRows.maybeFree.read(this.#kv) ?? [];
      for (const kref of freed) this.refs.addMaybeFree(kref);
      this.stats.reload();
      throw error;
    }
  }

  clist(owner: ClistOwner): Clist {
    let clist = this.#clists.get(owner);
    if (!clist) {
      clist = new Clist(owner, this.#kv, this.refs, this.stats, (...change) =>
        this.#clistWatcher?.(...change),
      );
      this.#clists.set(owner, clist);
    }
    return clist;
  }

  /** Sets the one watcher that receives every change to a c-list. */
  watchClists(watcher: ClistWatcher): void {
    this.#clistWatcher = watcher;
  }

  vatstore(owner: VatID | DeviceID): Vatstore {
    return new Vatstore(this.#kv, owner);
  }

  /** Deletes up to `budget` rows of a terminated vat, whose c-list is empty by then. */
  deleteVatRows(vatID: VatID, budget: number): number {
    let deleted = 0;
    for (const key of this.#kv.keysWithPrefix(`${vatID}.`)) {
      if (deleted >= budget) break;
      this.#kv.delete(key);
      deleted += 1;
    }
    return deleted;
  }

  pinnedObjects(): readonly ObjectKRef[] {
    return globalRows.pinnedObjects.read(this.#kv) ?? [];
  }

  /** Keeps an object alive for the host. Pinning again has no effect. */
  pinObject(kref: ObjectKRef): void {
    const pinned = this.pinnedObjects();
    if (pinned.includes(kref)) return;
    this.refs.increment(kref);
    globalRows.pinnedObjects.write(this.#kv, [...pinned, kref].sort());
  }

  /** Keeps a promise alive until the host has read its resolution. */
  registerInterest(kpid: PromiseKRef): void {
    this.refs.increment(kpid);
    this.promises.setHostInterest(kpid, this.promises.getHostInterest(kpid) + 1);
  }

  /**
   * Number of references that the host holds to a promise. SwingSet does not record it, so in its
   * stores it is the part of the count that nothing else accounts for.
   */
  countInterest(kpid: PromiseKRef): number {
    const recorded = this.promises.getHostInterest(kpid);
    if (recorded > 0) return recorded;
    return Math.max(0, this.promises.getRefCount(kpid) - countPromiseReferences(this, kpid));
  }

  /** The host has read the resolution. @returns false if it did not hold the promise */
  releaseInterest(kpid: PromiseKRef): boolean {
    if (this.countInterest(kpid) === 0) return false;
    const recorded = this.promises.getHostInterest(kpid);
    if (recorded > 0) this.promises.setHostInterest(kpid, recorded - 1);
    this.refs.decrement(kpid);
    return true;
  }

  /**
   * The host has read a reference that it may use later. It releases a promise by reading its
   * resolution; it never releases an object.
   */
  holdForHost(kref: KRef): void {
    if (isPromiseKRef(kref)) this.registerInterest(kref);
    else this.refs.increment(kref);
  }

  getVatAdminRoot(): ObjectKRef | undefined {
    return globalRows.vatAdminRoot.read(this.#kv);
  }

  /** The vat that owns this root: vat-admin, without which dynamic vats can't be managed. */
  getVatAdminID(): VatID | undefined {
    const root = this.getVatAdminRoot();
    return root && this.objects.getOwner(root);
  }

  setVatAdminRoot(kref: ObjectKRef): void {
    globalRows.vatAdminRoot.write(this.#kv, kref);
  }

  findNamedBundle(name: string): BundleID | undefined {
    return bundleRows.byName.read(this.#kv, name);
  }

  setNamedBundle(name: string, bundleID: BundleID): void {
    bundleRows.byName.write(this.#kv, bundleID, name);
  }

  /** The bundles that the configuration named, by name. */
  *namedBundles(): Generator<readonly [name: string, bundleID: BundleID], void> {
    const prefix = bundleRows.byName.keyOf('');
    for (const key of this.#kv.keysWithPrefix(prefix)) {
      const name = key.slice(prefix.length);
      yield [name, bundleRows.byName.require(this.#kv, name)];
    }
  }

  /** Writes the first keys of an empty store. */
  initialize(): void {
    if (globalRows.version.exists(this.#kv)) {
      throw new BadOptionError('kernelStorage', 'an initialized swingstore', 'an empty one');
    }
    globalRows.version.write(this.#kv, CURRENT_SCHEMA_VERSION);
    globalRows.crankNumber.write(this.#kv, 0);
    for (const [counter, first] of [
      [globalRows.nextObjectID, FIRST_IDS.object],
      [globalRows.nextPromiseID, FIRST_IDS.promise],
      [globalRows.nextDeviceNodeID, FIRST_IDS.deviceNode],
      [globalRows.nextVatID, FIRST_IDS.vat],
      [globalRows.nextDeviceID, FIRST_IDS.device],
      [globalRows.nextMeterID, FIRST_IDS.meter],
      [globalRows.nextUpgradeID, FIRST_IDS.upgrade],
    ] as const) {
      counter.write(this.#kv, first);
    }
    for (const list of [
      globalRows.vatNames,
      globalRows.dynamicVatIDs,
      globalRows.deviceNames,
      globalRows.gcActions,
      globalRows.reapQueue,
      globalRows.terminatedVats,
    ]) {
      list.write(this.#kv, []);
    }
    this.runQueue.initialize();
    this.acceptanceQueue.initialize();
  }

  /** Takes the events that `upgradeSwingset` set aside for the host to inject. */
  takeUpgradeEvents(): readonly RunQueueEvent[] {
    const events = globalRows.upgradeEvents.read(this.#kv) ?? [];
    if (events.length > 0) globalRows.upgradeEvents.delete(this.#kv);
    return events;
  }

  /** Krefs in the retained parameters of a vat. */
  parameterSlots(vatID: VatID): readonly KRef[] {
    return vatRows.parameters.read(this.#kv, vatID)?.slots ?? [];
  }
}
