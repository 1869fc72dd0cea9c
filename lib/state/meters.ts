/**
 * Meters: `mNN.remaining` and `.threshold`, in computrons (bigint, or `unlimited`).
 * Source: SwingSet docs `metering.md`.
 */
import { BadOptionError } from '../errors.js';
import { isMeterID, makeMeterID, type MeterID } from '../types/ids.js';
import { takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import { FIRST_IDS, globalKeys, meterKeys } from './schema.js';

export interface MeterState {
  readonly remaining: bigint | 'unlimited';
  readonly threshold: bigint;
}

/** What a deduction did. `underflow`: the vat overdrew its meter and must go. */
export interface MeterDeduction {
  readonly underflow: boolean;
  readonly crossedThreshold: boolean;
}

const parseAmount = (text: string): bigint | 'unlimited' =>
  text === 'unlimited' ? text : BigInt(text);

export class MeterTable {
  readonly #kv: CrankBuffer;

  constructor(kv: CrankBuffer) {
    this.#kv = kv;
  }

  create(remaining: bigint | 'unlimited', threshold: bigint): MeterID {
    const meterID = makeMeterID(takeNumber(this.#kv, globalKeys.nextMeterID, FIRST_IDS.meter));
    this.#kv.set(meterKeys.remaining(meterID), `${remaining}`);
    this.#kv.set(meterKeys.threshold(meterID), `${threshold}`);
    return meterID;
  }

  exists(meterID: MeterID): boolean {
    return this.#kv.has(meterKeys.remaining(meterID));
  }

  get(meterID: MeterID): MeterState {
    if (!this.exists(meterID)) throw new BadOptionError('meterID', meterID, 'a known meter');
    return {
      remaining: parseAmount(this.#kv.getRequired(meterKeys.remaining(meterID))),
      threshold: BigInt(this.#kv.getRequired(meterKeys.threshold(meterID))),
    };
  }

  addRemaining(meterID: MeterID, delta: bigint): void {
    const { remaining } = this.get(meterID);
    if (remaining === 'unlimited') return;
    this.#kv.set(meterKeys.remaining(meterID), `${remaining + delta}`);
  }

  /** Sets what remains in every meter that is not unlimited. */
  resetAll(remaining: bigint): void {
    for (const key of this.#kv.keysWithPrefix('m')) {
      const [, meterID] = /^(m[0-9]+)\.remaining$/.exec(key) ?? [];
      if (isMeterID(meterID) && this.get(meterID).remaining !== 'unlimited') {
        this.#kv.set(key, `${remaining}`);
      }
    }
  }

  setThreshold(meterID: MeterID, threshold: bigint): void {
    this.get(meterID);
    this.#kv.set(meterKeys.threshold(meterID), `${threshold}`);
  }

  /** Takes what a crank used; a meter stops at zero. */
  deduct(meterID: MeterID, used: bigint): MeterDeduction {
    const { remaining, threshold } = this.get(meterID);
    if (remaining === 'unlimited') return { underflow: false, crossedThreshold: false };
    const underflow = used > remaining;
    const left = underflow ? 0n : remaining - used;
    this.#kv.set(meterKeys.remaining(meterID), `${left}`);
    return { underflow, crossedThreshold: remaining >= threshold && left < threshold };
  }
}
