/** Pages of the kernel's tables, for people who browse them. They only read, and each is bounded. */
import {
  compareIDs,
  makeDeviceKRef,
  makeObjectKRef,
  makePromiseKRef,
  type ClistOwner,
  type DeviceKRef,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
  type VatID,
} from '../types/ids.js';
import type { Message } from '../types/messages.js';
import type { KVStore } from '../store/types.js';
import type { RunQueueEvent } from './events.js';
import { numbersAfter, type FoundNumbers, type NumberPage } from './numbered-keys.js';
import { promiseRows, queueRows } from './rows.js';
import { clistKeys, globalKeys, objectKeys, promiseKeys, vatKeys } from './schema.js';

export interface KRefPage<Ref> {
  readonly krefs: readonly Ref[];
  /** The number after which the next page begins. Undefined at the end. */
  readonly next: number | undefined;
}

type Rows = Pick<KVStore, 'get' | 'has' | 'getNextKey'>;

const page = <Ref>(
  { numbers, next }: FoundNumbers,
  makeRef: (number: number) => Ref,
): KRefPage<Ref> => ({ krefs: numbers.map(makeRef), next });

export const pageOfObjects = (kv: Rows, which: NumberPage): KRefPage<ObjectKRef> =>
  page(
    numbersAfter(kv, 'ko', number => objectKeys.refCount(makeObjectKRef(number)), which),
    makeObjectKRef,
  );

export const pageOfPromises = (kv: Rows, which: NumberPage): KRefPage<PromiseKRef> =>
  page(
    numbersAfter(kv, 'kp', number => promiseKeys.state(makePromiseKRef(number)), which),
    makePromiseKRef,
  );

export const pageOfDeviceNodes = (kv: Rows, which: NumberPage): KRefPage<DeviceKRef> =>
  page(
    numbersAfter(kv, 'kd', number => objectKeys.owner(makeDeviceKRef(number)), which),
    makeDeviceKRef,
  );

export type KRefKind = 'ko' | 'kp' | 'kd';

const makers = { ko: makeObjectKRef, kp: makePromiseKRef, kd: makeDeviceKRef } as const;

/** The krefs of one kind in a c-list. */
export const pageOfClist = (
  kv: Rows,
  owner: ClistOwner,
  kind: KRefKind,
  which: NumberPage,
): KRefPage<KRef> => {
  const keyOf = (number: number) => clistKeys.entry(owner, `${kind}${number}`);
  const head = `${clistKeys.prefix(owner)}${kind}`;
  return page<KRef>(numbersAfter(kv, head, keyOf, which), makers[kind]);
};

export interface QueuePage<T> {
  /** How much is queued. */
  readonly length: number;
  readonly events: readonly T[];
}

interface Slice {
  /** How many to pass over at the head. */
  readonly from: number;
  readonly limit: number;
}

const pageOfQueue = (kv: Rows, name: string, { from, limit }: Slice): QueuePage<RunQueueEvent> => {
  const [head, tail] = queueRows.bounds.read(kv, name) ?? [1, 1];
  const events: RunQueueEvent[] = [];
  for (let index = head + from; index < tail && events.length < limit; index += 1) {
    events.push(queueRows.item.require(kv, name, index));
  }
  return { length: tail - head, events };
};

export const pageOfRunQueue = (kv: Rows, slice: Slice): QueuePage<RunQueueEvent> =>
  pageOfQueue(kv, globalKeys.runQueue, slice);

export const pageOfAcceptanceQueue = (kv: Rows, slice: Slice): QueuePage<RunQueueEvent> =>
  pageOfQueue(kv, globalKeys.acceptanceQueue, slice);

/** What waits for a vat out of service. */
export const pageOfWaitQueue = (kv: Rows, vatID: VatID, slice: Slice): QueuePage<RunQueueEvent> =>
  pageOfQueue(kv, vatKeys.waitQueue(vatID), slice);

/** The messages that were sent to an unresolved promise. */
export const pageOfPromiseQueue = (
  kv: Rows,
  kpid: PromiseKRef,
  { from, limit }: Slice,
): QueuePage<Message<KRef>> => {
  const length = promiseRows.queueNext.read(kv, kpid) ?? 0;
  const events: Message<KRef>[] = [];
  for (let index = from; index < length && events.length < limit; index += 1) {
    events.push(promiseRows.queueItem.require(kv, kpid, index));
  }
  return { length, events };
};

/** Those of these vats and devices whose c-list has a kref, by number. */
export const holdersOf = (
  kv: Rows,
  kref: KRef,
  owners: readonly ClistOwner[],
): readonly ClistOwner[] =>
  owners.filter(owner => kv.has(clistKeys.entry(owner, kref))).sort(compareIDs);
