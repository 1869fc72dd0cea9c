/**
 * Events that wait for paused vats, in order.
 *
 * Invariant: a vat has a queue record exactly while something waits for it, and stands in
 * `platformEpoch.waitingVats` exactly then.
 */
import { compareIDs, type VatID } from '../types/ids.js';
import type { CrankBuffer } from './crank-buffer.js';
import type { RunQueueEvent } from './events.js';
import { EventQueue } from './queues.js';
import type { RefCounts } from './refcounts.js';
import { globalRows } from './rows.js';
import { vatKeys } from './schema.js';
import type { KernelStats } from './stats.js';

export class WaitQueues {
  readonly #kv: CrankBuffer;

  readonly #refs: RefCounts;

  readonly #stats: KernelStats;

  constructor(kv: CrankBuffer, refs: RefCounts, stats: KernelStats) {
    this.#kv = kv;
    this.#refs = refs;
    this.#stats = stats;
  }

  /** The vats that something waits for, by number. */
  vatIDs(): VatID[] {
    return globalRows.waitingVats.read(this.#kv) ?? [];
  }

  has(vatID: VatID): boolean {
    return this.vatIDs().includes(vatID);
  }

  count(vatID: VatID): number {
    return this.#queue(vatID).length;
  }

  events(vatID: VatID): RunQueueEvent[] {
    return this.#queue(vatID).all();
  }

  /** Puts an event behind what already waits. Its references move with it. */
  append(vatID: VatID, event: RunQueueEvent): void {
    this.#queue(vatID).append(event);
    const vatIDs = this.vatIDs();
    if (!vatIDs.includes(vatID)) {
      globalRows.waitingVats.write(this.#kv, [...vatIDs, vatID].sort(compareIDs));
    }
  }

  /** Takes the first event, with its references. */
  shift(vatID: VatID): RunQueueEvent | undefined {
    return this.take(vatID, 0);
  }

  /** Like `shift`, for the event behind `index` others. */
  take(vatID: VatID, index: number): RunQueueEvent | undefined {
    const queue = this.#queue(vatID);
    const event = queue.take(index);
    if (queue.length === 0) {
      queue.deleteRecord();
      const others = this.vatIDs().filter(candidate => candidate !== vatID);
      if (others.length > 0) globalRows.waitingVats.write(this.#kv, others);
      else globalRows.waitingVats.delete(this.#kv);
    }
    return event;
  }

  #queue(vatID: VatID): EventQueue {
    const name = vatKeys.waitQueue(vatID);
    return new EventQueue(this.#kv, this.#refs, this.#stats, { name });
  }
}
