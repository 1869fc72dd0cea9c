/**
 * Kernel promises: `kpNN.*`.
 *
 * Invariants
 * 1. An unresolved promise has a subscriber list, maybe a decider (a vat; none means the kernel
 *    or a message under way decides), and a queue of messages sent to it.
 * 2. A resolved promise has data and nothing else but its refCount.
 */
import { KernelStateError } from '../errors.js';
import { makePromiseKRef, type KRef, type PromiseKRef, type VatID } from '../types/ids.js';
import type { CapData, Message } from '../types/messages.js';
import type { ResolutionPolicy } from '../kernel/types.js';
import { getNumber, takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import { globalKeys, promiseKeys, refListCodec } from './schema.js';
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
    const kpid = makePromiseKRef(takeNumber(this.#kv, globalKeys.nextPromiseID));
    this.#kv.set(promiseKeys.state(kpid), 'unresolved');
    this.#kv.set(promiseKeys.decider(kpid), decider ?? '');
    this.#kv.set(promiseKeys.subscribers(kpid), '');
    this.#kv.set(promiseKeys.queueNext(kpid), '0');
    this.#kv.set(promiseKeys.refCount(kpid), '0');
    if (policy !== 'ignore') this.#kv.set(promiseKeys.policy(kpid), policy);
    this.#stats.up('kernelPromises');
    this.#stats.up('kpUnresolved');
    return kpid;
  }

  exists(kpid: PromiseKRef): boolean {
    return this.#kv.has(promiseKeys.state(kpid));
  }

  /** @throws KernelStateError when there is no such promise. */
  get(kpid: PromiseKRef): PromiseRecord {
    const state = this.#kv.getRequired(promiseKeys.state(kpid));
    const refCount = getNumber(this.#kv, promiseKeys.refCount(kpid));
    switch (state) {
      case 'unresolved': {
        const decider = this.#kv.get(promiseKeys.decider(kpid)) ?? '';
        return {
          state,
          refCount,
          decider: decider === '' ? undefined : (decider as VatID),
          subscribers: refListCodec.decode(this.#kv.getRequired(promiseKeys.subscribers(kpid))),
          policy: (this.#kv.get(promiseKeys.policy(kpid)) ?? 'ignore') as ResolutionPolicy,
          queueLength: getNumber(this.#kv, promiseKeys.queueNext(kpid)),
        };
      }
      case 'fulfilled':
      case 'rejected':
        return {
          state,
          refCount,
          data: {
            body: this.#kv.getRequired(promiseKeys.dataBody(kpid)),
            slots: refListCodec.decode(this.#kv.getRequired(promiseKeys.dataSlots(kpid))),
          },
        };
      default:
        throw new KernelStateError(`${promiseKeys.state(kpid)} is malformed: ${state}`);
    }
  }

  /** @throws KernelStateError when the promise is resolved. */
  getUnresolved(kpid: PromiseKRef): UnresolvedPromise {
    const record = this.get(kpid);
    if (record.state !== 'unresolved') throw new KernelStateError(`${kpid} is ${record.state}`);
    return record;
  }

  getState(kpid: PromiseKRef): PromiseRecord['state'] {
    return this.#kv.getRequired(promiseKeys.state(kpid)) as PromiseRecord['state'];
  }

  /** Was it resolved to data that mention promises? */
  holdsPromises(kpid: PromiseKRef): boolean {
    return /(^|,)kp/.test(this.#kv.get(promiseKeys.dataSlots(kpid)) ?? '');
  }

  setDecider(kpid: PromiseKRef, decider: VatID | undefined): void {
    this.getUnresolved(kpid);
    this.#kv.set(promiseKeys.decider(kpid), decider ?? '');
  }

  addSubscriber(kpid: PromiseKRef, vatID: VatID): void {
    const { subscribers } = this.getUnresolved(kpid);
    if (subscribers.includes(vatID)) return;
    // Sorted by text, as SwingSet does, so that the order of notifications is that of its stores.
    const list = [...subscribers, vatID].sort();
    this.#kv.set(promiseKeys.subscribers(kpid), refListCodec.encode(list));
  }

  removeSubscriber(kpid: PromiseKRef, vatID: VatID): void {
    const { subscribers } = this.getUnresolved(kpid);
    if (!subscribers.includes(vatID)) return;
    const list = subscribers.filter(id => id !== vatID);
    this.#kv.set(promiseKeys.subscribers(kpid), refListCodec.encode(list));
  }

  enqueue(kpid: PromiseKRef, message: Message<KRef>): void {
    this.getUnresolved(kpid);
    const index = takeNumber(this.#kv, promiseKeys.queueNext(kpid));
    this.#kv.set(promiseKeys.queueItem(kpid, index), JSON.stringify(message));
    this.#stats.up('promiseQueuesLength');
  }

  getQueue(kpid: PromiseKRef): Message<KRef>[] {
    const { queueLength } = this.getUnresolved(kpid);
    return Array.from(
      { length: queueLength },
      (_, index) =>
        JSON.parse(this.#kv.getRequired(promiseKeys.queueItem(kpid, index))) as Message<KRef>,
    );
  }

  /** Turns the promise into a resolved one. The caller took care of queue and subscribers. */
  resolve(kpid: PromiseKRef, rejected: boolean, data: CapData<KRef>): void {
    this.#deleteUnresolvedParts(kpid);
    const state = rejected ? 'rejected' : 'fulfilled';
    this.#kv.set(promiseKeys.state(kpid), state);
    this.#kv.set(promiseKeys.dataBody(kpid), data.body);
    this.#kv.set(promiseKeys.dataSlots(kpid), refListCodec.encode(data.slots));
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
    this.#kv.delete(promiseKeys.state(kpid));
    this.#kv.delete(promiseKeys.refCount(kpid));
    this.#kv.delete(promiseKeys.hostInterest(kpid));
    this.#kv.delete(promiseKeys.dataBody(kpid));
    this.#kv.delete(promiseKeys.dataSlots(kpid));
    this.#stats.down('kernelPromises');
  }

  getRefCount(kpid: PromiseKRef): number {
    return getNumber(this.#kv, promiseKeys.refCount(kpid));
  }

  setRefCount(kpid: PromiseKRef, count: number): void {
    if (!(count >= 0)) throw new KernelStateError(`refCount of ${kpid} would be ${count}`);
    this.#kv.set(promiseKeys.refCount(kpid), `${count}`);
  }

  /** How many of the references are the host's, as far as that was recorded. */
  getHostInterest(kpid: PromiseKRef): number {
    return Number(this.#kv.get(promiseKeys.hostInterest(kpid)) ?? '0');
  }

  setHostInterest(kpid: PromiseKRef, count: number): void {
    if (count > 0) this.#kv.set(promiseKeys.hostInterest(kpid), `${count}`);
    else this.#kv.delete(promiseKeys.hostInterest(kpid));
  }

  /** Every promise, in the order of the keys. For dumps and checks. */
  *all(): Generator<PromiseKRef, void> {
    for (const key of this.#kv.keysWithPrefix('kp')) {
      const found = /^(kp[0-9]+)\.state$/.exec(key);
      if (found) yield found[1] as PromiseKRef;
    }
  }

  #deleteUnresolvedParts(kpid: PromiseKRef): void {
    const length = getNumber(this.#kv, promiseKeys.queueNext(kpid));
    for (let index = 0; index < length; index += 1) {
      this.#kv.delete(promiseKeys.queueItem(kpid, index));
    }
    if (length > 0) this.#stats.down('promiseQueuesLength', length);
    this.#kv.delete(promiseKeys.queueNext(kpid));
    this.#kv.delete(promiseKeys.decider(kpid));
    this.#kv.delete(promiseKeys.subscribers(kpid));
    this.#kv.delete(promiseKeys.policy(kpid));
  }
}
