/**
 * Stored queues: `<name>` is `[head,tail]`, `<name>.<n>` an event.
 *
 * Invariant: an event in any queue holds a reference to everything it mentions, so moving an event
 * between queues does not change the counts. `push` takes these references. `shift` passes them to
 * the caller, who releases them after processing the event.
 */
import type { CrankBuffer } from './crank-buffer.js';
import { referencesOf, type RunQueueEvent } from './events.js';
import type { RefCounts } from './refcounts.js';
import { queueRows } from './rows.js';
import type { GaugeName, KernelStats } from './stats.js';

interface QueueOptions {
  readonly name: string;
  /** The statistic that counts this queue's length. */
  readonly gauge?: GaugeName;
}

export class EventQueue {
  readonly #kv: CrankBuffer;

  readonly #refs: RefCounts;

  readonly #stats: KernelStats;

  readonly #options: QueueOptions;

  constructor(kv: CrankBuffer, refs: RefCounts, stats: KernelStats, options: QueueOptions) {
    this.#kv = kv;
    this.#refs = refs;
    this.#stats = stats;
    this.#options = options;
  }

  push(event: RunQueueEvent): void {
    for (const kref of referencesOf(event)) this.#refs.increment(kref);
    this.append(event);
  }

  /** Like `push`, for an event whose references the caller already holds. */
  append(event: RunQueueEvent): void {
    const [head, tail] = this.#bounds();
    queueRows.item.write(this.#kv, event, this.#options.name, tail);
    queueRows.bounds.write(this.#kv, [head, tail + 1], this.#options.name);
    if (this.#options.gauge) this.#stats.up(this.#options.gauge);
  }

  /** Removes the first event. The caller then holds its references. */
  shift(): RunQueueEvent | undefined {
    return this.take(0);
  }

  /** Like `shift`, for the event behind `index` others. */
  take(index: number): RunQueueEvent | undefined {
    const [head, tail] = this.#bounds();
    if (head + index >= tail) return undefined;
    const event = queueRows.item.require(this.#kv, this.#options.name, head + index);
    // Those before it move up: the numbers between the bounds have no gap.
    for (let at = head + index; at > head; at -= 1) {
      const before = queueRows.item.require(this.#kv, this.#options.name, at - 1);
      queueRows.item.write(this.#kv, before, this.#options.name, at);
    }
    queueRows.item.delete(this.#kv, this.#options.name, head);
    queueRows.bounds.write(this.#kv, [head + 1, tail], this.#options.name);
    if (this.#options.gauge) this.#stats.down(this.#options.gauge);
    return event;
  }

  get length(): number {
    const [head, tail] = this.#bounds();
    return tail - head;
  }

  all(): RunQueueEvent[] {
    const [head, tail] = this.#bounds();
    const events: RunQueueEvent[] = [];
    // Damaged bounds may be far apart, but the first missing row ends the loop.
    for (let index = head; index < tail; index += 1) {
      events.push(queueRows.item.require(this.#kv, this.#options.name, index));
    }
    return events;
  }

  /** Deletes the bounds of an empty queue. */
  deleteRecord(): void {
    queueRows.bounds.delete(this.#kv, this.#options.name);
  }

  initialize(): void {
    queueRows.bounds.write(this.#kv, [1, 1], this.#options.name);
  }

  #bounds(): readonly [number, number] {
    return queueRows.bounds.read(this.#kv, this.#options.name) ?? [1, 1];
  }
}
