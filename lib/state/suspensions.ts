/**
 * Suspended and paused vats, and what waits for them. The two flags are independent (design.md 1,
 * Agoric/agoric-sdk #8955): a suspended vat is between incarnations; a paused vat's deliveries
 * wait.
 *
 * Invariant: exactly the vats with waiting events have a wait queue record and are listed in
 * `platformEpoch.waitingVats`.
 */
import type { VatID } from '../types/ids.js';
import { compareIDs } from '../types/ids.js';
import type { CrankBuffer } from './crank-buffer.js';
import type { RunQueueEvent } from './events.js';
import type { GCQueues } from './gc-queues.js';
import { EventQueue } from './queues.js';
import type { RefCounts } from './refcounts.js';
import { globalRows, vatRows } from './rows.js';
import { vatKeys } from './schema.js';
import type { KernelStats } from './stats.js';

export type SuspensionRequester = 'host' | 'adminNode';

export interface Suspension {
  readonly suspended: boolean;
  readonly paused: boolean;
  /** Who asked for the suspension. Unless withdrawn, new epochs don't start the vat. */
  readonly requested?: SuspensionRequester;
  /** Who asked for the pause. Unless withdrawn, the vat stays paused after a start. */
  readonly pauseRequested?: SuspensionRequester;
  /** Why the last attempt to start the vat failed. */
  readonly error?: string;
  /** What the host wants if the vat can't start for its first delivery. Default: it is paused. */
  readonly onFailure?: 'panic' | 'terminate';
  readonly sinceCrank: number;
}

export class SuspensionTable {
  readonly #kv: CrankBuffer;

  readonly #refs: RefCounts;

  readonly #gc: GCQueues;

  readonly #stats: KernelStats;

  constructor(kv: CrankBuffer, refs: RefCounts, stats: KernelStats, gc: GCQueues) {
    this.#kv = kv;
    this.#gc = gc;
    this.#refs = refs;
    this.#stats = stats;
  }

  get(vatID: VatID): Suspension | undefined {
    return vatRows.suspension.read(this.#kv, vatID);
  }

  isSuspended(vatID: VatID): boolean {
    return this.get(vatID)?.suspended ?? false;
  }

  /** Deliveries to a paused vat wait. A vat that is only suspended is started for a delivery. */
  isPaused(vatID: VatID): boolean {
    return this.get(vatID)?.paused ?? false;
  }

  set(vatID: VatID, suspension: Suspension): void {
    if (suspension.suspended || suspension.paused) {
      vatRows.suspension.write(this.#kv, suspension, vatID);
      this.#gc.putAside(vatID);
    } else {
      this.clear(vatID);
    }
  }

  clear(vatID: VatID): void {
    vatRows.suspension.delete(this.#kv, vatID);
    this.#gc.takeBack(vatID);
  }

  /** Appends an event to the vat's wait queue. Its references move with it. */
  wait(vatID: VatID, event: RunQueueEvent): void {
    this.#queue(vatID).append(event);
    const waiting = this.waitingVats();
    if (!waiting.includes(vatID)) {
      globalRows.waitingVats.write(this.#kv, [...waiting, vatID].sort(compareIDs));
    }
  }

  hasWaiting(vatID: VatID): boolean {
    return this.waitingVats().includes(vatID);
  }

  waitingCount(vatID: VatID): number {
    return this.#queue(vatID).length;
  }

  waiting(vatID: VatID): RunQueueEvent[] {
    return this.#queue(vatID).all();
  }

  waitingVats(): VatID[] {
    return globalRows.waitingVats.read(this.#kv) ?? [];
  }

  /** Removes the first waiting event. The caller then holds its references. */
  shift(vatID: VatID): RunQueueEvent | undefined {
    const queue = this.#queue(vatID);
    const event = queue.shift();
    if (queue.length === 0) {
      queue.deleteRecord();
      const others = this.waitingVats().filter(candidate => candidate !== vatID);
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
