/**
 * Kernel promises: `kpNN.*`.
 *
 * Invariants:
 * 1. An unresolved promise has a list of subscribers, a queue of messages sent to it, and a
 *    decider: a vat, or none while the kernel or a queued message decides.
 * 2. A resolved promise has only its data and its refCount.
 */
import { KernelStateError } from '../errors.js';
import {
  isPromiseKRef,
  makePromiseKRef,
  type KRef,
  type PromiseKRef,
  type VatID,
} from '../types/ids.js';
import type { CapData, Message } from '../types/messages.js';
import type { ResolutionPolicy } from '../types/policies.js';
import { takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import { globalRows, promiseRows } from './rows.js';
import type { KernelStats } from './stats.js';

export type PromiseRecord =
  | {
      readonly state: 'unresolved';
      readonly refCount: number;
      readonly decider: VatID | undefined;
      readonly subscribers: readonly VatID[];
      readonly policy: ResolutionPolicy;
      readonly queueLength: number;
    }
  | {
      readonly state: 'fulfilled' | 'rejected';
      readonly refCount: number;
      readonly data: CapData<KRef>;
    };
export type UnresolvedPromise = Extract<PromiseRecord, { state: 'unresolved' }>;

export class PromiseTable {
  readonly #kv: CrankBuffer;

  readonly #stats: KernelStats;

  constructor(kv: CrankBuffer, stats: KernelStats) {
    this.#kv = kv;
    this.#stats = stats;
  }

  create(decider: VatID | undefined, policy: ResolutionPolicy = 'ignore'): PromiseKRef {
    const kpid = makePromiseKRef(takeNumber(this.#kv, globalRows.nextPromiseID, []));
    promiseRows.state.write(this.#kv, 'unresolved', kpid);
    promiseRows.decider.write(this.#kv, decider ?? '', kpid);
    promiseRows.subscribers.write(this.#kv, [], kpid);
    promiseRows.queueNext.write(this.#kv, 0, kpid);
    promiseRows.refCount.write(this.#kv, 0, kpid);
    if (policy !== 'ignore') promiseRows.policy.write(this.#kv, policy, kpid);
    this.#stats.up('kernelPromises');
    this.#stats.up('kpUnresolved');
    return kpid;
  }

  exists(kpid: PromiseKRef): boolean {
    return promiseRows.state.exists(this.#kv, kpid);
  }

  /** @throws KernelStateError if there is no such promise. */
  get(kpid: PromiseKRef): PromiseRecord {
    const state = promiseRows.state.require(this.#kv, kpid);
    const refCount = promiseRows.refCount.require(this.#kv, kpid);
    switch (state) {
      case 'unresolved': {
        const decider = promiseRows.decider.read(this.#kv, kpid) ?? '';
        return {
          state,
          refCount,
          decider: decider === '' ? undefined : decider,
          subscribers: promiseRows.subscribers.require(this.#kv, kpid),
          policy: promiseRows.policy.read(this.#kv, kpid) ?? 'ignore',
          queueLength: promiseRows.queueNext.require(this.#kv, kpid),
        };
      }
      case 'fulfilled':
      case 'rejected':
        return {
          state,
          refCount,
          data: {
            body: promiseRows.dataBody.require(this.#kv, kpid),
            slots: promiseRows.dataSlots.require(this.#kv, kpid),
          },
        };
      default:
        return state satisfies never;
    }
  }

  /** @throws KernelStateError if the promise is resolved. */
  getUnresolved(kpid: PromiseKRef): UnresolvedPromise {
    const record = this.get(kpid);
    if (record.state !== 'unresolved') throw new KernelStateError(`${kpid} is ${record.state}`);
    return record;
  }

  getState(kpid: PromiseKRef): PromiseRecord['state'] {
    return promiseRows.state.require(this.#kv, kpid);
  }

  /** Whether it was resolved to data that mentions promises. */
  holdsPromises(kpid: PromiseKRef): boolean {
    return promiseRows.dataSlots.read(this.#kv, kpid)?.some(isPromiseKRef) ?? false;
  }

  setDecider(kpid: PromiseKRef, decider: VatID | undefined): void {
    this.getUnresolved(kpid);
    promiseRows.decider.write(this.#kv, decider ?? '', kpid);
  }

  addSubscriber(kpid: PromiseKRef, vatID: VatID): void {
    const { subscribers } = this.getUnresolved(kpid);
    if (subscribers.includes(vatID)) return;
    // Sorted as text, like SwingSet, so that notifications keep the order of its stores.
    const list = [...subscribers, vatID].sort();
    promiseRows.subscribers.write(this.#kv, list, kpid);
  }

  removeSubscriber(kpid: PromiseKRef, vatID: VatID): void {
    const { subscribers } = this.getUnresolved(kpid);
    if (!subscribers.includes(vatID)) return;
    const list = subscribers.filter(id => id !== vatID);
    promiseRows.subscribers.write(this.#kv, list, kpid);
  }

  enqueue(kpid: PromiseKRef, message: Message<KRef>): void {
    this.getUnresolved(kpid);
    const index = takeNumber(this.#kv, promiseRows.queueNext, [kpid]);
    promiseRows.queueItem.write(this.#kv, message, kpid, index);
    this.#stats.up('promiseQueuesLength');
  }

  getQueue(kpid: PromiseKRef): Message<KRef>[] {
    const { queueLength } = this.getUnresolved(kpid);
    const messages: Message<KRef>[] = [];
    // A damaged length may be huge, but the first missing row ends the loop.
    for (let index = 0; index < queueLength; index += 1) {
      messages.push(promiseRows.queueItem.require(this.#kv, kpid, index));
    }
    return messages;
  }

  /** Empties the queue. The caller takes over the references that the messages hold. */
  takeQueue(kpid: PromiseKRef): Message<KRef>[] {
    const messages = this.getQueue(kpid);
    messages.forEach((_, index) => promiseRows.queueItem.delete(this.#kv, kpid, index));
    promiseRows.queueNext.write(this.#kv, 0, kpid);
    if (messages.length > 0) this.#stats.down('promiseQueuesLength', messages.length);
    return messages;
  }

  /** Resolves the promise. The caller has dealt with its queue and subscribers. */
  resolve(kpid: PromiseKRef, rejected: boolean, data: CapData<KRef>): void {
    this.#deleteUnresolvedParts(kpid);
    const state = rejected ? 'rejected' : 'fulfilled';
    promiseRows.state.write(this.#kv, state, kpid);
    promiseRows.dataBody.write(this.#kv, data.body, kpid);
    promiseRows.dataSlots.write(this.#kv, data.slots, kpid);
    this.#stats.down('kpUnresolved');
    this.#stats.up(rejected ? 'kpRejected' : 'kpFulfilled');
  }

  delete(kpid: PromiseKRef): void {
    switch (this.getState(kpid)) {
      case 'unresolved':
        this.#deleteUnresolvedParts(kpid);
        this.#stats.down('kpUnresolved');
        break;
      case 'fulfilled':
        this.#stats.down('kpFulfilled');
        break;
      case 'rejected':
        this.#stats.down('kpRejected');
        break;
    }
    promiseRows.state.delete(this.#kv, kpid);
    promiseRows.refCount.delete(this.#kv, kpid);
    promiseRows.hostInterest.delete(this.#kv, kpid);
    promiseRows.dataBody.delete(this.#kv, kpid);
    promiseRows.dataSlots.delete(this.#kv, kpid);
    this.#stats.down('kernelPromises');
  }

  getRefCount(kpid: PromiseKRef): number {
    return promiseRows.refCount.require(this.#kv, kpid);
  }

  setRefCount(kpid: PromiseKRef, count: number): void {
    if (!(count >= 0)) throw new KernelStateError(`refCount of ${kpid} would be ${count}`);
    promiseRows.refCount.write(this.#kv, count, kpid);
  }

  /** How many of the references are known to be the host's. */
  getHostInterest(kpid: PromiseKRef): number {
    return promiseRows.hostInterest.read(this.#kv, kpid) ?? 0;
  }

  setHostInterest(kpid: PromiseKRef, count: number): void {
    if (count > 0) promiseRows.hostInterest.write(this.#kv, count, kpid);
    else promiseRows.hostInterest.delete(this.#kv, kpid);
  }

  /** All promises, in key order. For dumps and checks. */
  *all(): Generator<PromiseKRef, void> {
    for (const key of this.#kv.keysWithPrefix('kp')) {
      const found = /^(kp[0-9]+)\.state$/.exec(key);
      if (found) yield found[1] as PromiseKRef;
    }
  }

  #deleteUnresolvedParts(kpid: PromiseKRef): void {
    const length = promiseRows.queueNext.require(this.#kv, kpid);
    for (let index = 0; index < length; index += 1) {
      promiseRows.queueItem.require(this.#kv, kpid, index);
      promiseRows.queueItem.delete(this.#kv, kpid, index);
    }
    if (length > 0) this.#stats.down('promiseQueuesLength', length);
    promiseRows.queueNext.delete(this.#kv, kpid);
    promiseRows.decider.delete(this.#kv, kpid);
    promiseRows.subscribers.delete(this.#kv, kpid);
    promiseRows.policy.delete(this.#kv, kpid);
  }
}
