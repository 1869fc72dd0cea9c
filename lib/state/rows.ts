/**
 * Assigns a codec to each key of `schema.ts`. Tables read and write rows only through these, so
 * that key and codec can't be mismatched. The `satisfies` clauses fail to compile for a key without
 * a codec.
 *
 * A row that its codec can't decode is a `DamagedRowError` that names row, text and remedy.
 */
import { DamagedRowError } from '../errors.js';
import {
  anyRecord,
  commas,
  count,
  decimal,
  json,
  listOf,
  mapOf,
  number,
  oneOf,
  orElse,
  plain,
  remembered,
  setOf,
  text,
  type Codec,
} from './codecs.js';
import { amount, deviceEntry, objectCount, queueBounds, vatEntry } from './row-codecs.js';
import {
  bundleKeys,
  clistKeys,
  deviceKeys,
  globalKeys,
  meterKeys,
  objectKeys,
  oldKeys,
  promiseKeys,
  queueItemKey,
  vatKeys,
} from './schema.js';
import * as shapes from './shapes.js';

/** The methods that the crank buffer and a bare kvStore share. */
export interface RowReader {
  get(key: string): string | undefined;
}
export interface RowWriter extends RowReader {
  set(key: string, value: string): void;
  delete(key: string): void;
}

/** All rows of one kind. `args` name one of them. */
export class Row<Args extends readonly unknown[], T> {
  readonly keyOf: (...args: Args) => string;

  readonly codec: Codec<T>;

  constructor(keyOf: (...args: Args) => string, codec: Codec<T>) {
    this.keyOf = keyOf;
    this.codec = codec;
  }

  /** @throws DamagedRowError if the row's text is invalid. */
  read(kv: RowReader, ...args: Args): T | undefined {
    const key = this.keyOf(...args);
    const row = kv.get(key);
    return row === undefined ? undefined : this.#decode(key, row);
  }

  /** @throws DamagedRowError if the row is missing or its text is invalid. */
  require(kv: RowReader, ...args: Args): T {
    const key = this.keyOf(...args);
    const row = kv.get(key);
    if (row === undefined) throw new DamagedRowError(key, undefined, this.codec.what);
    return this.#decode(key, row);
  }

  exists(kv: RowReader, ...args: Args): boolean {
    return kv.get(this.keyOf(...args)) !== undefined;
  }

  write(kv: RowWriter, value: T, ...args: Args): void {
    kv.set(this.keyOf(...args), this.codec.encode(value));
  }

  delete(kv: RowWriter, ...args: Args): void {
    kv.delete(this.keyOf(...args));
  }

  #decode(key: string, row: string): T {
    const value = this.codec.decode(row);
    if (value === undefined) throw new DamagedRowError(key, row, this.codec.what);
    return value;
  }
}

const row = <Args extends readonly unknown[], T>(
  keyOf: (...args: Args) => string,
  codec: Codec<T>,
): Row<Args, T> => new Row(keyOf, codec);

const single = <T>(key: string, codec: Codec<T>): Row<[], T> => new Row(() => key, codec);

const names = json(listOf(text));
const vatIDs = json(listOf(shapes.vatID));
const countOrNever = orElse(decimal, plain(oneOf('never')));
const stats = json(mapOf(number, 'a record of numbers'));

export const globalRows = {
  version: single(globalKeys.version, decimal),
  initialized: single(globalKeys.initialized, plain(text)),
  crankNumber: single(globalKeys.crankNumber, decimal),
  vatNames: single(globalKeys.vatNames, names),
  dynamicVatIDs: single(globalKeys.dynamicVatIDs, json(setOf(shapes.vatID))),
  nextVatID: single(globalKeys.nextVatID, decimal),
  nextUpgradeID: single(globalKeys.nextUpgradeID, decimal),
  terminatedVats: single(globalKeys.terminatedVats, vatIDs),
  vatAdminRoot: single(globalKeys.vatAdminRoot, plain(shapes.objectKRef)),
  deviceNames: single(globalKeys.deviceNames, names),
  nextDeviceID: single(globalKeys.nextDeviceID, decimal),
  nextObjectID: single(globalKeys.nextObjectID, decimal),
  nextPromiseID: single(globalKeys.nextPromiseID, decimal),
  nextDeviceNodeID: single(globalKeys.nextDeviceNodeID, decimal),
  nextMeterID: single(globalKeys.nextMeterID, decimal),
  pinnedObjects: single(globalKeys.pinnedObjects, commas(shapes.objectKRef)),
  gcActions: single(globalKeys.gcActions, json(listOf(shapes.gcAction))),
  reapQueue: single(globalKeys.reapQueue, vatIDs),
  runQueue: single(globalKeys.runQueue, queueBounds),
  acceptanceQueue: single(globalKeys.acceptanceQueue, queueBounds),
  upgradeEvents: single(globalKeys.upgradeEvents, json(listOf(shapes.event))),
  kernelStats: single(globalKeys.kernelStats, stats),
  localKernelStats: single(globalKeys.localKernelStats, stats),
  defaultManagerType: single(globalKeys.defaultManagerType, plain(shapes.managerType)),
  defaultReapDirtThreshold: single(
    globalKeys.defaultReapDirtThreshold,
    remembered(json(shapes.dirtThreshold)),
  ),
  relaxDurabilityRules: single(globalKeys.relaxDurabilityRules, plain(oneOf('true', 'false'))),
  snapshotInitial: single(globalKeys.snapshotInitial, decimal),
  snapshotInterval: single(globalKeys.snapshotInterval, countOrNever),
  platformEpochLedger: single(globalKeys.platformEpochLedger, json(listOf(shapes.epochRecord))),
  platformEpochDone: single(globalKeys.platformEpochDone, plain(shapes.vatID)),
  platformEpochGiven: single(globalKeys.platformEpochGiven, vatIDs),
  platformEpochRolling: single(globalKeys.platformEpochRolling, json(shapes.rolling)),
  maybeFree: single(globalKeys.maybeFree, json(listOf(shapes.kref))),
  computronLimit: single(globalKeys.computronLimit, countOrNever),
  heapPolicy: single(globalKeys.heapPolicy, json(shapes.heapPolicy)),
  waitingVats: single(globalKeys.waitingVats, vatIDs),
} satisfies Readonly<Record<keyof typeof globalKeys, unknown>>;

export const vatRows = {
  byName: row(vatKeys.byName, plain(shapes.vatID)),
  source: row(vatKeys.source, remembered(json(shapes.source))),
  options: row(vatKeys.options, remembered(json(shapes.vatOptions))),
  parameters: row(vatKeys.parameters, json(shapes.capData)),
  reapDirt: row(vatKeys.reapDirt, json(shapes.reapDirt)),
  service: row(vatKeys.service, json(shapes.service)),
  heapSizes: row(vatKeys.heapSizes, json(shapes.heapSizes)),
  snapshotFailed: row(vatKeys.snapshotFailed, json(count)),
  gcActions: row(vatKeys.gcActions, json(listOf(shapes.gcAction))),
  waitQueue: row(vatKeys.waitQueue, queueBounds),
} satisfies Readonly<Record<Exclude<keyof typeof vatKeys, 'vatstore'>, unknown>>;

/** Rows of schema 0, and the options of its vats. */
export const oldRows = {
  defaultReapInterval: single(oldKeys.defaultReapInterval, countOrNever),
  reapInterval: row(oldKeys.reapInterval, countOrNever),
  reapCountdown: row(oldKeys.reapCountdown, countOrNever),
  options: row(vatKeys.options, json(anyRecord)),
} satisfies Readonly<Record<keyof typeof oldKeys | 'options', unknown>>;

export const deviceRows = {
  byName: row(deviceKeys.byName, plain(shapes.deviceID)),
  source: row(deviceKeys.source, json(shapes.source)),
  options: row(deviceKeys.options, json(shapes.deviceOptions)),
  state: row(deviceKeys.state, json(shapes.vatCapData)),
} satisfies Readonly<Record<keyof typeof deviceKeys, unknown>>;

/** `ofVat` and `ofDevice` by kref; `byVRef` for both. */
export const clistRows = {
  ofVat: row(clistKeys.entry, vatEntry),
  ofDevice: row(clistKeys.entry, deviceEntry),
  byVRef: row(clistKeys.entry, plain(shapes.kref)),
  nextID: row(clistKeys.nextID, decimal),
};

export const objectRows = {
  owner: row(objectKeys.owner, plain(shapes.vatID)),
  deviceOwner: row(objectKeys.owner, plain(shapes.deviceID)),
  refCount: row(objectKeys.refCount, objectCount),
} satisfies Readonly<Record<keyof typeof objectKeys | 'deviceOwner', unknown>>;

export const promiseRows = {
  state: row(promiseKeys.state, plain(oneOf('unresolved', 'fulfilled', 'rejected'))),
  refCount: row(promiseKeys.refCount, decimal),
  decider: row(promiseKeys.decider, plain(shapes.decider)),
  subscribers: row(promiseKeys.subscribers, commas(shapes.vatID)),
  policy: row(promiseKeys.policy, plain(shapes.policy)),
  hostInterest: row(promiseKeys.hostInterest, decimal),
  queueNext: row(promiseKeys.queueNext, decimal),
  queueItem: row(promiseKeys.queueItem, json(shapes.message)),
  dataBody: row(promiseKeys.dataBody, plain(text)),
  dataSlots: row(promiseKeys.dataSlots, commas(shapes.kref)),
} satisfies Readonly<Record<Exclude<keyof typeof promiseKeys, 'prefix'>, unknown>>;

export const meterRows = {
  remaining: row(meterKeys.remaining, orElse(amount, plain(oneOf('unlimited')))),
  threshold: row(meterKeys.threshold, amount),
} satisfies Readonly<Record<keyof typeof meterKeys, unknown>>;

export const bundleRows = { byName: row(bundleKeys.byName, plain(shapes.bundleID)) };

export const queueRows = {
  bounds: row((queue: string) => queue, queueBounds),
  item: row(queueItemKey, json(shapes.event)),
};
