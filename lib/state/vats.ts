/** Records of vats and their names: `vat.*`, `vNN.source`, `.options`, `.vatParameters`, … */
import { BadOptionError, KernelStateError, quoteValue } from '../errors.js';
import { compareIDs, idNumber, makeVatID, type KRef, type VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import { limitsOf, type LimitTables, type VatLimits } from '../types/vat-limits.js';
import type { HeapSizes, ReapDirt, VatOptions, VatSource } from '../types/vat-options.js';
import { startCounters } from './clists.js';
import { takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import type { RefCounts } from './refcounts.js';
import { globalRows, vatRows } from './rows.js';
import { FIRST_IDS } from './schema.js';
import type { KernelStats } from './stats.js';

export class VatTable {
  readonly #kv: CrankBuffer;

  readonly #refs: RefCounts;

  readonly #stats: KernelStats;

  readonly #limits: LimitTables;

  constructor(kv: CrankBuffer, refs: RefCounts, stats: KernelStats, limits: LimitTables) {
    this.#kv = kv;
    this.#refs = refs;
    this.#stats = stats;
    this.#limits = limits;
  }

  allocateID(): VatID {
    return makeVatID(takeNumber(this.#kv, globalRows.nextVatID, [], FIRST_IDS.vat));
  }

  takeUpgradeID(): string {
    return `up${takeNumber(this.#kv, globalRows.nextUpgradeID, [], FIRST_IDS.upgrade)}`;
  }

  addStatic(name: string, vatID: VatID): void {
    vatRows.byName.write(this.#kv, vatID, name);
    const names = this.staticNames();
    if (!names.includes(name)) globalRows.vatNames.write(this.#kv, [...names, name]);
  }

  addDynamic(vatID: VatID): void {
    globalRows.dynamicVatIDs.write(this.#kv, [...this.dynamicIDs(), vatID]);
  }

  createRecord(
    vatID: VatID,
    source: VatSource,
    options: VatOptions,
    vatParameters?: CapData<KRef>,
  ): void {
    vatRows.source.write(this.#kv, source, vatID);
    this.setOptions(vatID, options);
    vatRows.reapDirt.write(this.#kv, {}, vatID);
    startCounters(this.#kv, vatID);
    if (vatParameters) this.setParameters(vatID, vatParameters);
    this.#stats.up('vats');
  }

  /** Whether a vat has ever had this ID. None gets it again. */
  wasAllocated(vatID: VatID): boolean {
    const next = globalRows.nextVatID.read(this.#kv) ?? FIRST_IDS.vat;
    return idNumber(vatID) >= FIRST_IDS.vat && idNumber(vatID) < next;
  }

  exists(vatID: VatID): boolean {
    return vatRows.options.exists(this.#kv, vatID);
  }

  staticNames(): string[] {
    return globalRows.vatNames.read(this.#kv) ?? [];
  }

  dynamicIDs(): VatID[] {
    return globalRows.dynamicVatIDs.read(this.#kv) ?? [];
  }

  findByName(name: string): VatID | undefined {
    return vatRows.byName.read(this.#kv, name);
  }

  /** @throws BadOptionError if no static vat has this name. */
  getByName(name: string): VatID {
    const vatID = this.findByName(name);
    if (!vatID) {
      const message = `vat name ${quoteValue(name)} must exist, but doesn't`;
      throw new BadOptionError('vat name', name, 'the name of a static vat', { message });
    }
    return vatID;
  }

  /** Static vats in numeric order, then dynamic ones. Excludes terminated vats. */
  allIDs(): VatID[] {
    const statics = this.staticNames()
      .flatMap(name => this.findByName(name) ?? [])
      .filter(vatID => this.exists(vatID));
    const terminated = new Set(this.terminatedIDs());
    return [...statics.sort(compareIDs), ...this.dynamicIDs().sort(compareIDs)].filter(
      vatID => !terminated.has(vatID),
    );
  }

  getSource(vatID: VatID): VatSource {
    return vatRows.source.require(this.#kv, vatID);
  }

  setSource(vatID: VatID, source: VatSource): void {
    vatRows.source.write(this.#kv, source, vatID);
  }

  getOptions(vatID: VatID): VatOptions {
    return vatRows.options.require(this.#kv, vatID);
  }

  setOptions(vatID: VatID, options: VatOptions): void {
    vatRows.options.write(this.#kv, options, vatID);
  }

  /** The limits of the vat's present incarnation. */
  limitsOf(vatID: VatID): VatLimits {
    return limitsOf(this.#limits, this.getOptions(vatID));
  }

  getParameters(vatID: VatID): CapData<KRef> | undefined {
    return vatRows.parameters.read(this.#kv, vatID);
  }

  /** Retains parameters for the next incarnation, and holds references to what they mention. */
  setParameters(vatID: VatID, parameters: CapData<KRef>): void {
    for (const kref of parameters.slots) this.#refs.increment(kref);
    this.#deleteParameters(vatID);
    vatRows.parameters.write(this.#kv, parameters, vatID);
  }

  getReapDirt(vatID: VatID): ReapDirt {
    return vatRows.reapDirt.read(this.#kv, vatID) ?? {};
  }

  setReapDirt(vatID: VatID, dirt: ReapDirt): void {
    vatRows.reapDirt.write(this.#kv, dirt, vatID);
  }

  /** Undefined before the incarnation's first snapshot. */
  getHeapSizes(vatID: VatID): HeapSizes | undefined {
    return vatRows.heapSizes.read(this.#kv, vatID);
  }

  /** Undefined: the incarnation is over. */
  setHeapSizes(vatID: VatID, sizes: HeapSizes | undefined): void {
    if (sizes) vatRows.heapSizes.write(this.#kv, sizes, vatID);
    else if (vatRows.heapSizes.exists(this.#kv, vatID)) vatRows.heapSizes.delete(this.#kv, vatID);
  }

  /** Position in the transcript of the last due snapshot that could not be written. */
  getSnapshotFailure(vatID: VatID): number | undefined {
    return vatRows.snapshotFailed.read(this.#kv, vatID);
  }

  /** Undefined: a later snapshot was written. */
  setSnapshotFailure(vatID: VatID, position: number | undefined): void {
    if (position !== undefined) vatRows.snapshotFailed.write(this.#kv, position, vatID);
    else if (vatRows.snapshotFailed.exists(this.#kv, vatID)) {
      vatRows.snapshotFailed.delete(this.#kv, vatID);
    }
  }

  terminatedIDs(): VatID[] {
    return globalRows.terminatedVats.read(this.#kv) ?? [];
  }

  isTerminated(vatID: VatID): boolean {
    return this.terminatedIDs().includes(vatID);
  }

  /** Whether the vat has a record (it may not have started yet) and is not terminated. */
  isLive(vatID: VatID): boolean {
    return this.exists(vatID) && !this.isTerminated(vatID);
  }

  /** Marks the vat as terminated. Its rows are deleted step by step. */
  markTerminated(vatID: VatID): void {
    if (this.isTerminated(vatID)) throw new KernelStateError(`${vatID} is already terminated`);
    globalRows.terminatedVats.write(this.#kv, [...this.terminatedIDs(), vatID]);
    const name = this.staticNames().find(candidate => this.findByName(candidate) === vatID);
    if (name !== undefined) {
      vatRows.byName.delete(this.#kv, name);
      const names = this.staticNames().filter(candidate => candidate !== name);
      globalRows.vatNames.write(this.#kv, names);
    } else {
      const others = this.dynamicIDs().filter(candidate => candidate !== vatID);
      globalRows.dynamicVatIDs.write(this.#kv, others);
    }
    this.#deleteParameters(vatID);
    this.#stats.down('vats');
  }

  forgetTerminated(vatID: VatID): void {
    const others = this.terminatedIDs().filter(candidate => candidate !== vatID);
    globalRows.terminatedVats.write(this.#kv, others);
  }

  #deleteParameters(vatID: VatID): void {
    const old = this.getParameters(vatID);
    if (!old) return;
    for (const kref of old.slots) this.#refs.decrement(kref);
    vatRows.parameters.delete(this.#kv, vatID);
  }
}
