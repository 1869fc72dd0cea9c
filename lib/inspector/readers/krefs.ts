/** Objects, promises and device nodes, in pages and one by one. */
import { readResult } from '../../host/solo-server/results.js';
import type { KernelState } from '../../state/kernel-state.js';
import {
  holdersOf,
  pageOfDeviceNodes,
  pageOfObjects,
  pageOfPromiseQueue,
  pageOfPromises,
} from '../../state/pages.js';
import type { NumberPage } from '../../state/numbered-keys.js';
import type { KVStore } from '../../store/types.js';
import {
  idNumber,
  isObjectKRef,
  isPromiseKRef,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
} from '../../types/ids.js';
import type {
  DevicesAnswer,
  HolderAnswer,
  KRefAnswer,
  MessageResult,
  ObjectAnswer,
  ObjectsAnswer,
  PromiseAnswer,
  PromisesAnswer,
  PromiseState,
} from '../answers.js';
import { answerEvent } from './events.js';
import { allDevices, nameOf } from './names.js';
import { cut, dataAnswer, LONG, textOfResult } from './text.js';

export interface Tables {
  readonly kv: KVStore;
  readonly state: KernelState;
}

const describeObject = (state: KernelState, kref: ObjectKRef): ObjectAnswer => {
  const owner = state.objects.getOwner(kref) ?? null;
  const ownerName = owner && nameOf(state, owner);
  return { kref, owner, ownerName, ...state.objects.getRefCount(kref) };
};

const describePromise = ({ promises }: KernelState, kref: PromiseKRef): PromiseAnswer => {
  const record = promises.get(kref);
  const { state, refCount } = record;
  if (record.state !== 'unresolved') {
    return { kref, state, refCount, decider: null, subscribers: [], queued: 0 };
  }
  const { decider = null, subscribers, queueLength } = record;
  return { kref, state, refCount, decider, subscribers, queued: queueLength };
};

export const listObjects = ({ kv, state }: Tables, page: NumberPage): ObjectsAnswer => {
  const { krefs, next } = pageOfObjects(kv, page);
  return { objects: krefs.map(kref => describeObject(state, kref)), next: next ?? null };
};

/** Promises that one answer looks at to find those in one state. */
const MOST_EXAMINED = 2_000;

/** @param only - the state of those to list. A page may then be short although more follow. */
export const listPromises = (
  { kv, state }: Tables,
  page: NumberPage,
  only?: PromiseState,
): PromisesAnswer => {
  if (only === undefined) {
    const { krefs, next } = pageOfPromises(kv, page);
    return { promises: krefs.map(kref => describePromise(state, kref)), next: next ?? null };
  }
  const { krefs, next } = pageOfPromises(kv, { ...page, limit: MOST_EXAMINED });
  const wanted = krefs.filter(kref => state.promises.getState(kref) === only);
  const shown = wanted.slice(0, page.limit);
  const last = shown.at(-1);
  const isCut = wanted.length > shown.length && last !== undefined;
  return {
    promises: shown.map(kref => describePromise(state, kref)),
    next: isCut ? idNumber(last) : (next ?? null),
  };
};

export const listDevices = ({ kv, state }: Tables, page: NumberPage): DevicesAnswer => {
  const { krefs, next } = pageOfDeviceNodes(kv, page);
  return {
    devices: allDevices(state),
    nodes: krefs.map(kref => ({ kref, owner: state.objects.getDeviceOwner(kref) })),
    next: next ?? null,
  };
};

const listHolders = ({ kv, state }: Tables, kref: KRef): readonly HolderAnswer[] => {
  const { vats } = state;
  const devices = allDevices(state).map(({ deviceID }) => deviceID);
  const owners = [...vats.allIDs(), ...vats.terminatedIDs(), ...devices];
  return holdersOf(kv, kref, owners).map(owner => ({
    owner,
    name: nameOf(state, owner),
    ...state.clist(owner).getRequiredEntry(kref),
  }));
};

/** Messages of a promise's queue on its page. */
const MOST_QUEUED = 100;

const describePromiseInFull = (
  { kv, state }: Tables,
  kref: PromiseKRef,
): Pick<KRefAnswer, 'promise' | 'data' | 'queue'> => {
  const record = state.promises.get(kref);
  const { events } = pageOfPromiseQueue(kv, kref, { from: 0, limit: MOST_QUEUED });
  return {
    promise: describePromise(state, kref),
    data: record.state === 'unresolved' ? null : dataAnswer(record.data, LONG),
    queue: events.map(msg => answerEvent({ type: 'send', target: kref, msg })),
  };
};

const kindOf = (kref: KRef): KRefAnswer['kind'] => {
  if (isPromiseKRef(kref)) return 'promise';
  return isObjectKRef(kref) ? 'object' : 'device node';
};

const describeResult = ({ kv }: Tables, kref: PromiseKRef): MessageResult | null => {
  const found = readResult(kv, kref);
  if (!found) return null;
  const { status, height, resolvedAt = null, value, tooLong } = found;
  const isKept = status !== 'unresolved' && tooLong === undefined;
  return {
    ...{ status, height, resolvedAt },
    value: isKept ? cut(textOfResult(status, value), LONG) : null,
  };
};

export const describeKRef = (tables: Tables, kref: KRef): KRefAnswer => {
  const { state } = tables;
  const isPromise = isPromiseKRef(kref);
  const nothing = {
    ...{ kref, kind: kindOf(kref), exists: false, pinned: false },
    ...{ object: null, promise: null, data: null, queue: [], holders: [] },
    // The server keeps it longer than the kernel keeps the promise.
    result: isPromise ? describeResult(tables, kref) : null,
  };
  if (!state.exists(kref)) return nothing;
  return {
    ...nothing,
    exists: true,
    ...(isObjectKRef(kref) && { object: describeObject(state, kref) }),
    ...(isPromise && describePromiseInFull(tables, kref)),
    holders: listHolders(tables, kref),
    pinned: isObjectKRef(kref) && state.pinnedObjects().includes(kref),
  };
};
