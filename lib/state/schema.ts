/**
 * The persisted schema: the only place that spells the keys of the kernel's part of the kvStore.
 * Source: SwingSet's key schema, version 3, as observed in its stores. Keys marked "Ours" are
 * additions that SwingSet ignores (design.md 3).
 *
 * History of `version`: 0 to 2 are SwingSet's earlier schemas, which `upgradeSwingset` converts to 3
 * (`upgrade-schema.ts`).
 */
import type {
  ClistOwner,
  DeviceID,
  DeviceKRef,
  KRef,
  MeterID,
  ObjectKRef,
  PromiseKRef,
  VatID,
} from '../types/ids.js';

export const CURRENT_SCHEMA_VERSION = 3;

/** First number that each counter allocates. */
export const FIRST_IDS = {
  vat: 1,
  device: 7,
  object: 20,
  promise: 40,
  deviceNode: 30,
  meter: 1,
  upgrade: 1,
  clist: { vat: { o: 50, p: 60, d: 70 }, device: { o: 10, d: 20, p: 30 } },
} as const;

/** Keys of single values of the whole kernel. */
export const globalKeys = {
  version: 'version',
  /** Written by SwingSet before it had version numbers. */
  initialized: 'initialized',
  crankNumber: 'crankNumber',
  vatNames: 'vat.names',
  dynamicVatIDs: 'vat.dynamicIDs',
  nextVatID: 'vat.nextID',
  nextUpgradeID: 'vat.nextUpgradeID',
  terminatedVats: 'vats.terminated',
  vatAdminRoot: 'vatAdminRootKref',
  deviceNames: 'device.names',
  nextDeviceID: 'device.nextID',
  nextObjectID: 'ko.nextID',
  nextPromiseID: 'kp.nextID',
  nextDeviceNodeID: 'kd.nextID',
  nextMeterID: 'meter.nextID',
  pinnedObjects: 'pinnedObjects',
  gcActions: 'gcActions',
  reapQueue: 'reapQueue',
  runQueue: 'runQueue',
  acceptanceQueue: 'acceptanceQueue',
  upgradeEvents: 'upgradeEvents',
  kernelStats: 'kernelStats',
  localKernelStats: 'local.kernelStats',
  defaultManagerType: 'kernel.defaultManagerType',
  defaultReapDirtThreshold: 'kernel.defaultReapDirtThreshold',
  relaxDurabilityRules: 'kernel.relaxDurabilityRules',
  snapshotInitial: 'kernel.snapshotInitial',
  snapshotInterval: 'kernel.snapshotInterval',
  /** Ours: the epoch ledger, a JSON array of records. */
  platformEpochLedger: 'platformEpoch.ledger',
  /** Ours: the last vat that is done in the epoch in progress. Absent if none is in progress. */
  platformEpochDone: 'platformEpoch.done',
  /** Ours: vats that got new parameters from the host in the epoch in progress. A JSON array. */
  platformEpochGiven: 'platformEpoch.given',
  /** Ours: the rolling restart under way, as JSON. Absent if no vat sleeps for one. */
  platformEpochRolling: 'platformEpoch.rolling',
  /** Ours: krefs that a host call may have freed, for the next crank to examine. A JSON array. */
  maybeFree: 'platformEpoch.maybeFree',
  /** Ours: computrons per delivery of vats without a meter, or `never`. Absent: the default. */
  computronLimit: 'platformEpoch.computronLimit',
  /** Ours: the heap policy, as JSON. Absent if there is none. */
  heapPolicy: 'platformEpoch.heapPolicy',
  /** Ours: vats with a wait queue, a JSON array. */
  waitingVats: 'platformEpoch.waitingVats',
} as const;

/** Keys of SwingSet's schema 0, which `upgrade-schema.ts` converts. */
export const oldKeys = {
  defaultReapInterval: 'kernel.defaultReapInterval',
  reapInterval: (id: VatID) => `${id}.reapInterval`,
  reapCountdown: (id: VatID) => `${id}.reapCountdown`,
} as const;

export const vatKeys = {
  byName: (name: string) => `vat.name.${name}`,
  source: (id: VatID) => `${id}.source`,
  options: (id: VatID) => `${id}.options`,
  parameters: (id: VatID) => `${id}.vatParameters`,
  reapDirt: (id: VatID) => `${id}.reapDirt`,
  /** Rows that the vat itself keeps. The vat's own key follows the prefix. */
  vatstore: (id: VatID | DeviceID) => `${id}.vs.`,
  /** Ours: why and since when the vat is out of service. Absent if it is in service. */
  service: (id: VatID) => `${id}.service`,
  /** Ours: position in the transcript of the last due snapshot that could not be written. */
  snapshotFailed: (id: VatID) => `${id}.snapshotFailed`,
  /** Ours: sizes of the incarnation's first and last snapshot, as JSON. Absent before the first. */
  heapSizes: (id: VatID) => `${id}.heapSizes`,
  /** Ours: GC actions owed to a vat out of service, a JSON array. Absent if there are none. */
  gcActions: (id: VatID) => `${id}.gcActions`,
  /** Ours: events that wait for a paused vat. */
  waitQueue: (id: VatID) => `${id}.waitQueue`,
} as const;

export const deviceKeys = {
  byName: (name: string) => `device.name.${name}`,
  source: (id: DeviceID) => `${id}.source`,
  options: (id: DeviceID) => `${id}.options`,
  state: (id: DeviceID) => `${id}.deviceState`,
} as const;

export const clistKeys = {
  prefix: (owner: ClistOwner) => `${owner}.c.`,
  entry: (owner: ClistOwner, ref: string) => `${owner}.c.${ref}`,
  nextID: (owner: ClistOwner, letter: 'o' | 'p' | 'd') => `${owner}.${letter}.nextID`,
} as const;

export const objectKeys = {
  owner: (kref: ObjectKRef | DeviceKRef) => `${kref}.owner`,
  refCount: (kref: ObjectKRef | DeviceKRef) => `${kref}.refCount`,
} as const;

export const promiseKeys = {
  prefix: (kpid: PromiseKRef) => `${kpid}.`,
  state: (kpid: PromiseKRef) => `${kpid}.state`,
  refCount: (kpid: PromiseKRef) => `${kpid}.refCount`,
  decider: (kpid: PromiseKRef) => `${kpid}.decider`,
  subscribers: (kpid: PromiseKRef) => `${kpid}.subscribers`,
  policy: (kpid: PromiseKRef) => `${kpid}.policy`,
  /** Ours: how many of the references are the host's. Absent if none is. */
  hostInterest: (kpid: PromiseKRef) => `${kpid}.hostInterest`,
  queueNext: (kpid: PromiseKRef) => `${kpid}.queue.nextID`,
  queueItem: (kpid: PromiseKRef, index: number) => `${kpid}.queue.${index}`,
  dataBody: (kpid: PromiseKRef) => `${kpid}.data.body`,
  dataSlots: (kpid: PromiseKRef) => `${kpid}.data.slots`,
} as const;

export const meterKeys = {
  remaining: (id: MeterID) => `${id}.remaining`,
  threshold: (id: MeterID) => `${id}.threshold`,
} as const;

export const bundleKeys = {
  namePrefix: 'namedBundleID.',
  byName: (name: string) => `namedBundleID.${name}`,
} as const;

export const queueItemKey = (queue: string, index: number): string => `${queue}.${index}`;

/** Lists of references, separated by commas, as SwingSet writes them. */
export const refListCodec = {
  encode: (refs: readonly string[]): string => refs.join(','),
  decode: <Ref extends KRef | VatID>(text: string): Ref[] =>
    text === '' ? [] : (text.split(',') as Ref[]),
} as const;
