/**
 * The epoch ledger: append-only, consensus state (design.md 4). Kept apart from the rest so that
 * it can be read without a kernel.
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
    return globalRows.platformEpochDone.read(this.#kv);
  }

  markDone(vatID: VatID): void {
    globalRows.platformEpochDone.write(this.#kv, vatID);
  }

  /** Vats whose retained parameters the host replaced when the restart in progress began. */
  given(): readonly VatID[] {
    return globalRows.platformEpochGiven.read(this.#kv) ?? [];
  }

  noteGiven(vatIDs: readonly VatID[]): void {
    globalRows.platformEpochGiven.write(this.#kv, [...vatIDs]);
  }

  /** What only a restart in progress needs. */
  forgetProgress(): void {
    globalRows.platformEpochDone.delete(this.#kv);
    globalRows.platformEpochGiven.delete(this.#kv);
  }

  #write(records: PlatformEpochRecord[]): void {
    globalRows.platformEpochLedger.write(this.#kv, records);
  }
}
