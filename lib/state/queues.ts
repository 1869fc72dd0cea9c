/**
 * Stored queues: `<name>` is `[head,tail]`, `<name>.<n>` an event.
 *
 * Invariant: an event in a queue holds a reference to everything it mentions, the same in every
 * queue, so that moving an event from one to another leaves the counts alone. `push` takes these
 * references, `shift` hands them to the caller, who releases them when the event is done with.
 */
import { getJSON, getRequiredJSON, setJSON } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import { referencesOf, type RunQueueEvent } from './events.js';
import type { RefCounts } from './refcounts.js';
import { queueItemKey } from './schema.js';
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
    setJSON(this.#kv, queueItemKey(this.#options.name, tail), event);
    setJSON(this.#kv, this.#options.name, [head, tail + 1]);
    if (this.#options.gauge) this.#stats.up(this.#options.gauge);
  }

  /** Takes the first event out; the caller now holds its references. */
  shift(): RunQueueEvent | undefined {
    const [head, tail] = this.#bounds();
    if (head >= tail) return undefined;
    const key = queueItemKey(this.#options.name, head);
    const event = getRequiredJSON<RunQueueEvent>(this.#kv, key);
    this.#kv.delete(key);
    setJSON(this.#kv, this.#options.name, [head + 1, tail]);
    if (this.#options.gauge) this.#stats.down(this.#options.gauge);
    return event;
  }

  release(event: RunQueueEvent): void {
    for (const kref of referencesOf(event)) this.#refs.decrement(kref);
  }

  get length(): number {
    const [head, tail] = this.#bounds();
    return tail - head;
  }

  all(): RunQueueEvent[] {
    const [head, tail] = this.#bounds();
    return Array.from({ length: tail - head }, (_, index) =>
      getRequiredJSON<RunQueueEvent>(this.#kv, queueItemKey(this.#options.name, head + index)),
    );
  }

  /** Removes the queue's own record. Only for an empty one. */
  deleteRecord(): void {
    this.#kv.delete(this.#options.name);
  }

  initialize(): void {
    setJSON(this.#kv, this.#options.name, [1, 1]);
  }

  #bounds(): readonly [number, number] {
    return getJSON<[number, number]>(this.#kv, this.#options.name) ?? [1, 1];
  }
}
