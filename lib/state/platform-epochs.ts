/**
 * The epoch ledger: append-only consensus state (design.md 4). Needs only a key-value store, so
 * that it can be read without a kernel.
 */
import { KernelStateError } from '../errors.js';
import type { PlatformEpochRecord } from '../types/platform-epoch.js';
import type { VatID } from '../types/ids.js';
import { globalRows, type RowWriter } from './rows.js';

export class PlatformEpochTable {
  readonly #kv: RowWriter;

  constructor(kv: RowWriter) {
    this.#kv = kv;
  }

  ledger(): PlatformEpochRecord[] {
    return globalRows.platformEpochLedger.read(this.#kv) ?? [];
  }

  append(record: PlatformEpochRecord): void {
    this.#write([...this.ledger(), record]);
  }

  /** Changes the last record, and only while it is in progress. */
  updateLast(change: Partial<PlatformEpochRecord>): void {
    const records = this.ledger();
    const last = records.pop();
    if (last?.status !== 'in-progress') {
      throw new KernelStateError('no platform epoch is in progress');
    }
    this.#write([...records, { ...last, ...change }]);
  }

  /**
   * The last vat that is done in the epoch in progress. Vats are processed in numeric order, so all
   * before it are done as well.
   */
  lastDone(): VatID | undefined {
    return globalRows.platformEpochDone.read(this.#kv);
  }

  markDone(vatID: VatID): void {
    globalRows.platformEpochDone.write(this.#kv, vatID);
  }

  /** Vats whose retained parameters the host replaced at the start of the restart in progress. */
  given(): readonly VatID[] {
    return globalRows.platformEpochGiven.read(this.#kv) ?? [];
  }

  noteGiven(vatIDs: readonly VatID[]): void {
    globalRows.platformEpochGiven.write(this.#kv, [...vatIDs]);
  }

  /** Deletes what only a restart in progress needs. */
  forgetProgress(): void {
    globalRows.platformEpochDone.delete(this.#kv);
    globalRows.platformEpochGiven.delete(this.#kv);
  }

  #write(records: PlatformEpochRecord[]): void {
    globalRows.platformEpochLedger.write(this.#kv, records);
  }
}
