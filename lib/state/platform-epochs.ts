/**
 * The epoch ledger: append-only, consensus state (design.md 4). Kept apart from the rest so that
 * it can be read without a kernel.
 */
import { KernelStateError } from '../errors.js';
import type { PlatformEpochRecord } from '../platform-epoch/types.js';
import { parseVatID, type VatID } from '../types/ids.js';
import { globalKeys } from './schema.js';

/** The two operations that both the crank buffer and a bare kvStore have. */
interface LedgerKV {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  delete(key: string): void;
}

export class PlatformEpochTable {
  readonly #kv: LedgerKV;

  constructor(kv: LedgerKV) {
    this.#kv = kv;
  }

  ledger(): PlatformEpochRecord[] {
    const text = this.#kv.get(globalKeys.platformEpochLedger);
    return text === undefined ? [] : (JSON.parse(text) as PlatformEpochRecord[]);
  }

  append(record: PlatformEpochRecord): void {
    this.#write([...this.ledger(), record]);
  }

  /** Only the last record changes, and only while it is in progress. */
  updateLast(change: Partial<PlatformEpochRecord>): void {
    const records = this.ledger();
    const last = records.pop();
    if (last?.status !== 'in-progress') {
      throw new KernelStateError('no platform epoch is in progress');
    }
    this.#write([...records, { ...last, ...change }]);
  }

  /**
   * The last vat that is done for the epoch in progress. They are taken by number, so all before it
   * are done as well.
   */
  lastDone(): VatID | undefined {
    const text = this.#kv.get(globalKeys.platformEpochDone);
    return text === undefined ? undefined : parseVatID(text);
  }

  markDone(vatID: VatID): void {
    this.#kv.set(globalKeys.platformEpochDone, vatID);
  }

  forgetDone(): void {
    this.#kv.delete(globalKeys.platformEpochDone);
  }

  #write(records: readonly PlatformEpochRecord[]): void {
    this.#kv.set(globalKeys.platformEpochLedger, JSON.stringify(records));
  }
}
