/**
 * Values that follow from other rows: what a reference count, a c-list's second row or the length
 * of a queue among the statistics should be. For whoever repairs a store.
 *
 * Boundary: reads only; between cranks.
 */
import type { KernelStorage } from '../store/types.js';
import { isDeviceID, isKRef, isObjectKRef, isPromiseKRef, isVatID } from '../types/ids.js';
import { countReferences, type ReferenceTally } from './count-references.js';
import { KernelState } from './kernel-state.js';
import { clistKeys, globalKeys } from './schema.js';

type ReadableStorage = Pick<KernelStorage, 'kvStore'>;

export interface DerivedValue {
  readonly key: string;
  readonly value: string;
}

const tablesOf = (storage: ReadableStorage): KernelState =>
  // The tables need no more of a storage than its kvStore as long as nothing is written.
  new KernelState(storage as KernelStorage);

const countFor = (kref: string, { objects, promises }: ReferenceTally): string | undefined => {
  if (isPromiseKRef(kref)) return `${promises.get(kref) ?? 0}`;
  if (!isObjectKRef(kref)) return undefined;
  const { reachable, recognizable } = objects.get(kref) ?? { reachable: 0, recognizable: 0 };
  return `${reachable},${recognizable}`;
};

/** Is it a key of a c-list? */
export const isClistKey = (key: string): boolean => /^[vd][0-9]+\.c\./.test(key);

/** The row by vref that the row by kref under `key` should have, where it is missing. */
const missingClistRow = ({ kvStore }: ReadableStorage, key: string): DerivedValue | undefined => {
  const [owner = '', kref = ''] = key.split('.c.');
  if (!(isVatID(owner) || isDeviceID(owner)) || !isKRef(kref)) return undefined;
  const vref = kvStore.get(key)?.replace(/^[R_] /, '');
  if (vref === undefined || !/^[opd][+-]/.test(vref)) return undefined;
  const other = clistKeys.entry(owner, vref);
  return kvStore.has(other) ? undefined : { key: other, value: kref };
};

/**
 * Gives what the row that a finding of `checkKernelState` names should be, or the row that is
 * missing for it; undefined when that follows from nothing, or from rows that can't be read.
 */
export const makeDerivation = (
  storage: ReadableStorage,
): ((key: string) => DerivedValue | undefined) => {
  let tally: ReferenceTally | undefined;
  const count = (): ReferenceTally => {
    const state = tablesOf(storage);
    const vatIDs = [...state.vats.allIDs(), ...state.vats.terminatedIDs()];
    const deviceIDs = state.devices.names().map(name => state.devices.getByName(name));
    return countReferences(state, [...vatIDs, ...deviceIDs]);
  };
  return key => {
    if (isClistKey(key)) return missingClistRow(storage, key);
    const kref = /^(k[op][0-9]+)\.refCount$/.exec(key)?.[1];
    if (kref === undefined) return undefined;
    try {
      tally ??= count();
    } catch {
      return undefined;
    }
    const value = countFor(kref, tally);
    return value === undefined ? undefined : { key, value };
  };
};

const queueLengths = (storage: ReadableStorage): Record<string, number> => {
  const state = tablesOf(storage);
  let promiseQueuesLength = 0;
  for (const kpid of state.promises.all()) {
    const promise = state.promises.get(kpid);
    if (promise.state === 'unresolved') promiseQueuesLength += promise.queueLength;
  }
  return {
    runQueueLength: state.runQueue.length,
    acceptanceQueueLength: state.acceptanceQueue.length,
    promiseQueuesLength,
  };
};

export interface WrongLengths extends DerivedValue {
  readonly problem: string;
}

/**
 * Holds the queue lengths among the statistics against the queues: those lengths are consensus
 * state. Undefined when they agree, or when the queues can't be read.
 */
export const checkQueueLengths = (storage: ReadableStorage): WrongLengths | undefined => {
  const key = globalKeys.kernelStats;
  const text = storage.kvStore.get(key);
  if (text === undefined) return undefined;
  let stats: Record<string, number>;
  let counted: Record<string, number>;
  try {
    counted = queueLengths(storage);
    stats = JSON.parse(text) as Record<string, number>;
  } catch {
    return undefined;
  }
  const wrong = Object.keys(counted).filter(
    name => Object.hasOwn(stats, name) && stats[name] !== counted[name],
  );
  if (wrong.length === 0) return undefined;
  const problem = wrong
    .map(name => `${name} is ${stats[name]}, and ${counted[name]} are there`)
    .join('; ');
  const mended = Object.fromEntries(wrong.map(name => [name, counted[name]]));
  return { key, problem, value: JSON.stringify({ ...stats, ...mended }) };
};
