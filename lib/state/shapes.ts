/** Shapes of the values that the kernel stores: those of `lib/types`, and those of its tables. */
import type { HeapPolicy, ResolutionPolicy } from '../types/policies.js';
import type {
  DecidingRestartOptions,
  PlatformEpochRecord,
  PlatformFingerprint,
  RollingRestart,
} from '../types/platform-epoch.js';
import {
  isBundleID,
  isDeviceID,
  isKRef,
  isMeterID,
  isObjectKRef,
  isPromiseKRef,
  isVatID,
  isVRef,
  type KRef,
  type VatID,
  type VRef,
} from '../types/ids.js';
import type { CapData, Message } from '../types/messages.js';
import type {
  DeviceOptions,
  DirtThreshold,
  HeapRule,
  HeapSizes,
  ReapDirt,
  RecordedLimits,
  VatOptions,
  VatSource,
  WorkerOptions,
} from '../types/vat-options.js';
import {
  anyRecord,
  anything,
  byType,
  count,
  either,
  flag,
  guarded,
  listOf,
  number,
  oneOf,
  optional,
  record,
  text,
  type Shape,
} from './codecs.js';
import type { DynamicVatOptions, RunQueueEvent } from './events.js';
import type { StoredService } from '../types/vat-service.js';

export const vatID = guarded('a vatID', isVatID);
export const deviceID = guarded('a deviceID', isDeviceID);
export const objectKRef = guarded('a kernel object', isObjectKRef);
const promiseKRef = guarded('a kernel promise', isPromiseKRef);
export const kref = guarded('a kref', isKRef);
export const vref = guarded('a vref', isVRef);
const meterID = guarded('a meterID', isMeterID);
export const bundleID = guarded('a bundleID', isBundleID);

/** A promise's decider. Empty while the kernel or a queued message decides it. */
export const decider = guarded('a vatID, or nothing', (value): value is VatID | '' =>
  value === '' ? true : isVatID(value),
);

export const gcAction = guarded(
  'a GC action such as "v1 dropExport ko20"',
  (value): value is string =>
    typeof value === 'string' && /^v\d+ (dropExport|retireExport|retireImport) ko\d+$/.test(value),
);

/** SwingSet's stores may name Node.js workers, which no longer exist. */
export const managerType = oneOf('local', 'xsnap', 'xs-worker', 'nodeWorker', 'node-subprocess');

const capDataOf = <Ref extends string>(ref: Shape<Ref>): Shape<CapData<Ref>> =>
  record<CapData<Ref>>(`marshalled data, { body, slots }, ${ref.what} for each slot`, {
    body: text,
    slots: listOf(ref),
  });
export const capData = capDataOf<KRef>(kref);
export const vatCapData = capDataOf<VRef>(vref);

const nothing = guarded('null', (value): value is null => value === null);

export const message: Shape<Message<KRef>> = record<Message<KRef>>('a message', {
  methargs: capData,
  result: optional(either(kref, nothing)),
});

export const source: Shape<VatSource> = record<VatSource>('a source, { bundleID }', { bundleID });

const workerOptions: Shape<WorkerOptions> = byType<WorkerOptions>('workerOptions', {
  local: {},
  xsnap: {
    bundleIDs: listOf(bundleID),
    imageID: optional(text),
    engine: optional(text),
    heapRule: optional(oneOf<HeapRule>(1)),
    imageBundles: optional(listOf(bundleID)),
    serveImportBundle: optional(flag),
  },
});

const numberOrNever = either(number, oneOf('never'));

type Thresholds = Exclude<DirtThreshold, { never: true }>;
export const dirtThreshold: Shape<DirtThreshold> = either(
  record<{ readonly never: true }>('{ never: true }', { never: oneOf(true) }),
  record<Thresholds>('a threshold for each kind of dirt', {
    deliveries: optional(numberOrNever),
    gcKrefs: optional(numberOrNever),
    computrons: optional(numberOrNever),
  }),
);

export const vatOptions: Shape<VatOptions> = record<VatOptions>('the options of a vat', {
  workerOptions,
  name: optional(text),
  enableSetup: flag,
  enablePipelining: flag,
  enableDisavow: flag,
  useTranscript: flag,
  reapDirtThreshold: dirtThreshold,
  critical: flag,
  meterID: optional(meterID),
  limits: optional(
    record<RecordedLimits>('limits of an incarnation, { table }', {
      table: count,
      computrons: optional(count),
    }),
  ),
});

export const reapDirt: Shape<ReapDirt> = record<ReapDirt>('an amount for each kind of dirt', {
  deliveries: optional(number),
  gcKrefs: optional(number),
  computrons: optional(number),
});

export const heapSizes: Shape<HeapSizes> = record<HeapSizes>("the sizes of a vat's heap", {
  first: count,
  last: count,
});

export const heapPolicy: Shape<HeapPolicy> = record<HeapPolicy>('a heap policy', {
  restartAbove: count,
});

const requester = oneOf('host', 'adminNode');

const suspended = { pausedBy: optional(requester), error: optional(text), sinceCrank: count };

export const service: Shape<StoredService> = byType<StoredService>(
  'the service of a vat, { type: "paused", "sleeping", "failed" or "held", … }',
  {
    paused: { pausedBy: requester, sinceCrank: count },
    sleeping: { ...suspended, onFailure: optional(oneOf('panic', 'terminate')) },
    failed: { ...suspended, error: text },
    held: { ...suspended, by: requester },
  },
);

export const deviceOptions: Shape<DeviceOptions> = record<DeviceOptions>(
  'the options of a device',
  {
    deviceParameters: optional(anything),
    unendowed: optional(flag),
  },
);

export const policy: Shape<ResolutionPolicy> = oneOf('ignore', 'logAlways', 'logFailure', 'panic');

const dynamicOptions: Shape<DynamicVatOptions> = record<DynamicVatOptions>(
  'the options of a new vat',
  {
    name: optional(text),
    critical: optional(flag),
    meterID: optional(text),
    managerType: optional(text),
    enableSetup: optional(flag),
    enablePipelining: optional(flag),
    enableDisavow: optional(flag),
    useTranscript: optional(flag),
    reapInterval: optional(numberOrNever),
    reapGCKrefs: optional(numberOrNever),
    neverReap: optional(flag),
  },
);

export const event: Shape<RunQueueEvent> = byType<RunQueueEvent>('an event', {
  send: { target: kref, msg: message },
  notify: { vatID, kpid: promiseKRef },
  'create-vat': { vatID, source, vatParameters: capData, dynamicOptions },
  startVat: { vatID, vatParameters: capData },
  'upgrade-vat': {
    vatID,
    upgradeID: text,
    bundleID,
    vatParameters: capData,
    upgradeMessage: text,
    pausedTarget: optional(objectKRef),
  },
  'restart-vat': {
    vatID,
    upgradeID: text,
    upgradeMessage: text,
    vatParameters: optional(capData),
  },
  changeVatOptions: { vatID, options: anyRecord },
  bringOutYourDead: { vatID },
  'terminate-vat': { vatID, reason: capData },
  'suspend-vat': { vatID },
  'resume-vat': { vatID },
});

const fingerprint: Shape<PlatformFingerprint> = record<PlatformFingerprint>('a fingerprint', {
  engine: text,
  lockdown: bundleID,
  supervisor: bundleID,
  platform: oneOf('own', 'stock'),
  imageBundles: listOf(bundleID),
  serveImportBundle: flag,
});

const restartOptions: Shape<DecidingRestartOptions> = record<DecidingRestartOptions>(
  'the options of a restart',
  {
    mode: oneOf('eager', 'lazy', 'rolling'),
    onVatFailure: oneOf('suspend', 'panic', 'terminate'),
    exempt: listOf(text),
    assumeEngine: optional(text),
  },
);

export const rolling: Shape<RollingRestart> = record<RollingRestart>('a rolling restart', {
  total: count,
});

export const epochRecord: Shape<PlatformEpochRecord> = record<PlatformEpochRecord>(
  'the record of a platform epoch',
  {
    epoch: either(text, count),
    kind: oneOf('name', 'number'),
    startedAtCrank: count,
    status: oneOf('baseline', 'in-progress', 'complete'),
    fingerprint,
    options: restartOptions,
    restarted: count,
    suspended: count,
    failed: count,
    terminated: count,
    exempt: count,
  },
);
