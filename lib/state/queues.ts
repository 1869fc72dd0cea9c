/**
 * Stored queues: `<name>` is `[head,tail]`, `<name>.<n>` an event.
 *
 * Invariant: an event in a queue holds a reference to everything it mentions, the same in every
 * queue, so that moving an event from one to another leaves the counts alone. `push` takes these
 * references, `shift` hands them to the caller, who releases them when the event is done with.
 */
import type { CrankBuffer } from './crank-buffer.js';
import { referencesOf, type RunQueueEvent } from './events.js';
import type { RefCounts } from './refcounts.js';
import { queueRows } from './rows.js';
import type { GaugeName, KernelStats } from './stats.js';

interface QueueOptions {
  readonly name: string;
  /** Queue lengths are kept in the stats under this name. */
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

  /** As `push`, for an event whose references the caller already holds. */
  append(event: RunQueueEvent): void {
    const [head, tail] = this.#bounds();
    queueRows.item.write(this.#kv, event, this.#options.name, tail);
    queueRows.bounds.write(this.#kv, [head, tail + 1], this.#options.name);
    if (this.#options.gauge) this.#stats.up(this.#options.gauge);
  }

  /** Takes the first event out; the caller now holds its references. */
  shift(): RunQueueEvent | undefined {
    const [head, tail] = this.#bounds();
    if (head >= tail) return undefined;
    const event = queueRows.item.require(this.#kv, this.#options.name, head);
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
    // Damaged bounds may be far apart: the first row that is missing ends this.
    for (let index = head; index < tail; index += 1) {
      events.push(queueRows.item.require(this.#kv, this.#options.name, index));
    }
    return events;
  }

  /** Removes the queue's own record. Only for an empty one. */
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
