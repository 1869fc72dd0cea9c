/** Records of vats and their names: `vat.*`, `vNN.source`, `.options`, `.vatParameters`, … */
import { BadOptionError, KernelStateError } from '../errors.js';
import { compareIDs, makeVatID, parseVatID, type KRef, type VatID } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import type { VatOptions, VatSource } from '../types/vat-options.js';
import { getJSON, getRequiredJSON, setJSON, takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import type { RefCounts } from './refcounts.js';
import { FIRST_IDS, globalKeys, vatKeys } from './schema.js';
import type { KernelStats } from './stats.js';

/** How much a vat did since its last bringOutYourDead. */
export interface ReapDirt {
  readonly deliveries?: number;
  readonly gcKrefs?: number;
  readonly computrons?: number;
}

export class VatTable {
  readonly #kv: CrankBuffer;

  readonly #refs: RefCounts;

  readonly #stats: KernelStats;

  constructor(kv: CrankBuffer, refs: RefCounts, stats: KernelStats) {
    this.#kv = kv;
    this.#refs = refs;
    this.#stats = stats;
  }

  allocateID(): VatID {
    return makeVatID(takeNumber(this.#kv, globalKeys.nextVatID, FIRST_IDS.vat));
  }

  takeUpgradeID(): string {
    return `up${takeNumber(this.#kv, globalKeys.nextUpgradeID, FIRST_IDS.upgrade)}`;
  }

  addStatic(name: string, vatID: VatID): void {
    this.#kv.set(vatKeys.byName(name), vatID);
    const names = this.staticNames();
    if (!names.includes(name)) setJSON(this.#kv, globalKeys.vatNames, [...names, name]);
  }

  addDynamic(vatID: VatID): void {
    setJSON(this.#kv, globalKeys.dynamicVatIDs, [...this.dynamicIDs(), vatID]);
  }

  createRecord(
    vatID: VatID,
    source: VatSource,
    options: VatOptions,
    vatParameters?: CapData<KRef>,
  ): void {
    setJSON(this.#kv, vatKeys.source(vatID), source);
    this.setOptions(vatID, options);
    setJSON(this.#kv, vatKeys.reapDirt(vatID), {});
    if (vatParameters) this.setParameters(vatID, vatParameters);
    this.#stats.up('vats');
  }

  exists(vatID: VatID): boolean {
    return this.#kv.has(vatKeys.options(vatID));
  }

  staticNames(): string[] {
    return getJSON<string[]>(this.#kv, globalKeys.vatNames) ?? [];
  }

  dynamicIDs(): VatID[] {
    return getJSON<VatID[]>(this.#kv, globalKeys.dynamicVatIDs) ?? [];
  }

  findByName(name: string): VatID | undefined {
    const vatID = this.#kv.get(vatKeys.byName(name));
    return vatID === undefined ? undefined : parseVatID(vatID);
  }

  /** @throws BadOptionError when no static vat has this name. */
  getByName(name: string): VatID {
    const vatID = this.findByName(name);
    if (!vatID) throw new BadOptionError('vat name', name, 'the name of a static vat');
    return vatID;
  }

  /** Static vats by number, then dynamic ones by number; terminated ones are not among them. */
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
    return getRequiredJSON(this.#kv, vatKeys.source(vatID));
  }

  setSource(vatID: VatID, source: VatSource): void {
    setJSON(this.#kv, vatKeys.source(vatID), source);
  }

  getOptions(vatID: VatID): VatOptions {
    return getRequiredJSON(this.#kv, vatKeys.options(vatID));
  }

  setOptions(vatID: VatID, options: VatOptions): void {
    setJSON(this.#kv, vatKeys.options(vatID), options);
  }

  getParameters(vatID: VatID): CapData<KRef> | undefined {
    return getJSON(this.#kv, vatKeys.parameters(vatID));
  }

  /** Retained for the next incarnation: holds references to what the parameters mention. */
  setParameters(vatID: VatID, parameters: CapData<KRef>): void {
    for (const kref of parameters.slots) this.#refs.increment(kref);
    this.#deleteParameters(vatID);
    setJSON(this.#kv, vatKeys.parameters(vatID), parameters);
  }

  getReapDirt(vatID: VatID): ReapDirt {
    return getJSON(this.#kv, vatKeys.reapDirt(vatID)) ?? {};
  }

  setReapDirt(vatID: VatID, dirt: ReapDirt): void {
    setJSON(this.#kv, vatKeys.reapDirt(vatID), dirt);
  }

  /** Position in the transcript at which a snapshot was due last that could not be written. */
  getSnapshotFailure(vatID: VatID): number | undefined {
    return getJSON(this.#kv, vatKeys.snapshotFailed(vatID));
  }

  /** Undefined: one was written since. */
  setSnapshotFailure(vatID: VatID, position: number | undefined): void {
    const key = vatKeys.snapshotFailed(vatID);
    if (position !== undefined) setJSON(this.#kv, key, position);
    else if (this.#kv.has(key)) this.#kv.delete(key);
  }

  terminatedIDs(): VatID[] {
    return getJSON(this.#kv, globalKeys.terminatedVats) ?? [];
  }

  isTerminated(vatID: VatID): boolean {
    return this.terminatedIDs().includes(vatID);
  }

  /** Live: created, started or about to be, and not terminated. */
  isLive(vatID: VatID): boolean {
    return this.exists(vatID) && !this.isTerminated(vatID);
  }

  /** The vat is gone; its rows are deleted bit by bit. */
  markTerminated(vatID: VatID): void {
    if (this.isTerminated(vatID)) throw new KernelStateError(`${vatID} was terminated already`);
    setJSON(this.#kv, globalKeys.terminatedVats, [...this.terminatedIDs(), vatID]);
    const name = this.staticNames().find(candidate => this.findByName(candidate) === vatID);
    if (name !== undefined) {
      this.#kv.delete(vatKeys.byName(name));
      const names = this.staticNames().filter(candidate => candidate !== name);
      setJSON(this.#kv, globalKeys.vatNames, names);
    } else {
      const others = this.dynamicIDs().filter(candidate => candidate !== vatID);
      setJSON(this.#kv, globalKeys.dynamicVatIDs, others);
    }
    this.#deleteParameters(vatID);
    this.#stats.down('vats');
  }

  forgetTerminated(vatID: VatID): void {
    const others = this.terminatedIDs().filter(candidate => candidate !== vatID);
    setJSON(this.#kv, globalKeys.terminatedVats, others);
  }

  #deleteParameters(vatID: VatID): void {
    const old = this.getParameters(vatID);
    if (!old) return;
    for (const kref of old.slots) this.#refs.decrement(kref);
    this.#kv.delete(vatKeys.parameters(vatID));
  }
}
