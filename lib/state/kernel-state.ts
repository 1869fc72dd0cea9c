/**
 * All tables of the kernel over one crank buffer.
 *
 * Boundary: `lib/kernel` reads and writes state through this and nothing else. It begins, commits
 * and undoes cranks; it can't commit the store, which is the host's.
 *
 * Invariants
 * 1. Between `beginCrank` and `endCrank` everything can be undone by `abortCrank`, which leaves
 *    the state as `beginCrank` found it, and the crank still open.
 * 2. `endCrank` hands all writes down, rotates the hashes and steps the crank number.
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
import { SuspensionTable } from './suspensions.js';
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

  readonly suspensions: SuspensionTable;

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
    this.suspensions = new SuspensionTable(this.#kv, this.refs, this.stats, this.gc);
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
    // Restarting released the savepoint; whatever the crank still does can be undone as well.
    this.#storage.establishCrankSavepoint(SAVEPOINT);
    this.#takeFreedBetweenCranks();
  }

  /** Keeps, beside what a host's call wrote, what the next crank must know of it. */
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

  /** Is there anything of this name? */
  exists(kref: KRef): boolean {
    if (isPromiseKRef(kref)) return this.promises.exists(kref);
    return isObjectKRef(kref) ? this.objects.exists(kref) : this.objects.deviceNodeExists(kref);
  }

  /**
   * Runs a change between cranks: all of it goes through at once, or none if it throws.
   */
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

  /** One watcher, told of every change to a c-list from now on. */
  watchClists(watcher: ClistWatcher): void {
    this.#clistWatcher = watcher;
  }

  vatstore(owner: VatID | DeviceID): Vatstore {
    return new Vatstore(this.#kv, owner);
  }

  /** All rows of a vat but its c-list: what is left to delete of a terminated one. */
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

  /** Keeps an object alive for the host's sake. Pinning twice is one pin. */
  pinObject(kref: ObjectKRef): void {
    const pinned = this.pinnedObjects();
    if (pinned.includes(kref)) return;
    this.refs.increment(kref);
    globalRows.pinnedObjects.write(this.#kv, [...pinned, kref].sort());
  }

  /** Keeps a promise for the host's sake until it has read the resolution. */
  registerInterest(kpid: PromiseKRef): void {
    this.refs.increment(kpid);
    this.promises.setHostInterest(kpid, this.promises.getHostInterest(kpid) + 1);
  }

  /**
   * How often the host holds a promise. SwingSet keeps no record of it: in its stores it is what
   * nothing else accounts for.
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
   * The host has read a reference, which it may use later. Of promises it lets go by reading them;
   * nobody takes references to objects back.
   */
  holdForHost(kref: KRef): void {
    if (isPromiseKRef(kref)) this.registerInterest(kref);
    else this.refs.increment(kref);
  }

  getVatAdminRoot(): ObjectKRef | undefined {
    return globalRows.vatAdminRoot.read(this.#kv);
  }

  /** The vat that this root is of: nothing but it can make, mend and end dynamic vats. */
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

  /** First keys of an empty store. */
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

  /** Events that `upgradeSwingset` set aside for the host to inject once, or none. */
  takeUpgradeEvents(): readonly RunQueueEvent[] {
    const events = globalRows.upgradeEvents.read(this.#kv) ?? [];
    if (events.length > 0) globalRows.upgradeEvents.delete(this.#kv);
    return events;
  }

  /** Krefs that the retained parameters of a vat mention. */
  parameterSlots(vatID: VatID): readonly KRef[] {
    return vatRows.parameters.read(this.#kv, vatID)?.slots ?? [];
  }
}
