/**
 * The epoch ledger, the progress of the restart under way, and what a rolling restart has left. Consensus state (design.md 4).
 *
 * Boundary: readable without a kernel.
 *
 * Invariants
 * 1. Records are only appended; only the last one changes, and only while it is in progress.
 * 2. The progress exists only while the last record is in progress.
 * 3. A rolling restart exists only while the last record's mode is `rolling` and it is complete.
 */
import { KernelStateError } from '../errors.js';
import type { PlatformEpochRecord, RollingRestart } from '../types/platform-epoch.js';
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

  /** @throws KernelStateError when no restart is in progress (invariant 1) */
  updateLast(change: Partial<PlatformEpochRecord>): void {
    const records = this.ledger();
    const last = records.pop();
    if (last?.status !== 'in-progress') {
      throw new KernelStateError('no platform epoch is in progress');
    }
    this.#write([...records, { ...last, ...change }]);
  }

  /** The last vat that the restart is done with. Vats take turns in vatID order. */
  lastDone(): VatID | undefined {
    return globalRows.platformEpochDone.read(this.#kv);
  }

  markDone(vatID: VatID): void {
    globalRows.platformEpochDone.write(this.#kv, vatID);
  }

  /** The vats whose retained parameters the host replaced when the restart began. */
  given(): readonly VatID[] {
    return globalRows.platformEpochGiven.read(this.#kv) ?? [];
  }

  noteGiven(vatIDs: readonly VatID[]): void {
    globalRows.platformEpochGiven.write(this.#kv, [...vatIDs]);
  }

  /** See invariant 2. */
  forgetProgress(): void {
    globalRows.platformEpochDone.delete(this.#kv);
    globalRows.platformEpochGiven.delete(this.#kv);
  }

  /** The rolling restart that has vats left to start. */
  rolling(): RollingRestart | undefined {
    return globalRows.platformEpochRolling.read(this.#kv);
  }

  noteRolling(rolling: RollingRestart): void {
    globalRows.platformEpochRolling.write(this.#kv, rolling);
  }

  forgetRolling(): void {
    globalRows.platformEpochRolling.delete(this.#kv);
  }

  #write(records: PlatformEpochRecord[]): void {
    globalRows.platformEpochLedger.write(this.#kv, records);
  }
}
