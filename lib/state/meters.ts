/**
 * Meters: `mNN.remaining` and `.threshold`, in computrons (bigint, or `unlimited`).
 * Source: SwingSet docs `metering.md`.
 */
import { BadOptionError } from '../errors.js';
import { isMeterID, makeMeterID, type MeterID } from '../types/ids.js';
import { takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import { globalRows, meterRows } from './rows.js';
import { FIRST_IDS } from './schema.js';

export interface MeterState {
  readonly remaining: bigint | 'unlimited';
  readonly threshold: bigint;
}

/** The result of a deduction. `underflow`: the vat overdrew its meter and must be terminated. */
export interface MeterDeduction {
  readonly underflow: boolean;
  readonly crossedThreshold: boolean;
}

export class MeterTable {
  readonly #kv: CrankBuffer;

  constructor(kv: CrankBuffer) {
    this.#kv = kv;
  }

  create(remaining: bigint | 'unlimited', threshold: bigint): MeterID {
    const meterID = makeMeterID(takeNumber(this.#kv, globalRows.nextMeterID, [], FIRST_IDS.meter));
    meterRows.remaining.write(this.#kv, remaining, meterID);
    meterRows.threshold.write(this.#kv, threshold, meterID);
    return meterID;
  }

  exists(meterID: MeterID): boolean {
    return meterRows.remaining.exists(this.#kv, meterID);
  }

  get(meterID: MeterID): MeterState {
    if (!this.exists(meterID)) throw new BadOptionError('meterID', meterID, 'a known meter');
    return {
      remaining: meterRows.remaining.require(this.#kv, meterID),
      threshold: meterRows.threshold.require(this.#kv, meterID),
    };
  }

  addRemaining(meterID: MeterID, delta: bigint): void {
    const { remaining } = this.get(meterID);
    if (remaining === 'unlimited') return;
    meterRows.remaining.write(this.#kv, remaining + delta, meterID);
  }

  /** Sets the remainder of every meter that is not unlimited. */
  resetAll(remaining: bigint): void {
    for (const key of this.#kv.keysWithPrefix('m')) {
      const [, meterID] = /^(m[0-9]+)\.remaining$/.exec(key) ?? [];
      if (isMeterID(meterID) && this.get(meterID).remaining !== 'unlimited') {
        meterRows.remaining.write(this.#kv, remaining, meterID);
      }
    }
  }

  setThreshold(meterID: MeterID, threshold: bigint): void {
    this.get(meterID);
    meterRows.threshold.write(this.#kv, threshold, meterID);
  }

  /** Deducts what a crank used. The remainder does not fall below zero. */
  deduct(meterID: MeterID, used: bigint): MeterDeduction {
    const { remaining, threshold } = this.get(meterID);
    if (remaining === 'unlimited') return { underflow: false, crossedThreshold: false };
    const underflow = used > remaining;
    const left = underflow ? 0n : remaining - used;
    meterRows.remaining.write(this.#kv, left, meterID);
    return { underflow, crossedThreshold: remaining >= threshold && left < threshold };
  }
}
