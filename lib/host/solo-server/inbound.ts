/** Requests that wait for the block that takes them: a bounded queue, in order of arrival. */
import { makePromiseKit } from '@endo/promise-kit';
import type { SwingsetController } from '../../controller/types.js';
import { SoloQueueFullError } from './errors.js';

/** A request's answer, once the block that took it is committed. */
export interface Taken<T> {
  readonly value: T;
  /** Of that block. */
  readonly height: number;
}

export interface InboundTask<T> {
  /** Changes the kernel's state between two cranks. What it throws is the request's fault. */
  readonly perform: (controller: SwingsetController) => T | Promise<T>;
  /** Size of the request, in bytes. */
  readonly bytes: number;
  /** Of an operator, who must get through when vats have filled the kernel's queues. */
  readonly isUrgent?: boolean;
}

/** A request that waits. */
export interface InboundEntry {
  readonly bytes: number;
  /** Returns what tells the client, to be called after the commit. */
  readonly perform: (controller: SwingsetController) => Promise<(height: number) => void>;
  readonly refuse: (error: unknown) => void;
}

export interface InboundLimits {
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
}

export class InboundQueue {
  readonly #limits: InboundLimits;

  #entries: InboundEntry[] = [];

  #bytes = 0;

  constructor(limits: InboundLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#entries.length;
  }

  /**
   * Resolves after the commit of the block that took the task.
   * @param queued - Events in the kernel's queues, which count as waiting unless it is urgent.
   * @throws SoloQueueFullError
   */
  add<T>({ perform, bytes, isUrgent = false }: InboundTask<T>, queued: number): Promise<Taken<T>> {
    const { maxWaiting, maxWaitingBytes } = this.#limits;
    const waiting = isUrgent ? this.length : this.length + queued;
    if (waiting >= maxWaiting) {
      throw new SoloQueueFullError('requests and events', waiting, maxWaiting);
    }
    if (this.#bytes + bytes > maxWaitingBytes) {
      throw new SoloQueueFullError('bytes', this.#bytes, maxWaitingBytes);
    }
    const { promise, resolve, reject } = makePromiseKit<Taken<T>>();
    this.#bytes += bytes;
    this.#entries.push({
      bytes,
      perform: async controller => {
        const value = await perform(controller);
        return height => resolve({ value, height });
      },
      refuse: reject,
    });
    return promise;
  }

  /** Everything that waits. The queue is empty then. */
  takeAll(): readonly InboundEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#bytes = 0;
    return entries;
  }
}
