/**
 * Measures what the start of a vat costs on each platform: CPU, computrons and memory of a worker
 * that loads the image and starts a vat, and of one that was reloaded from a snapshot and gets small
 * deliveries. The platforms alternate: stock, ours without and with its heap rule, and ours with an
 * image that knows the vat's bundle. Linux only, because it reads `/proc`.
 *
 *     npm run bench:start-vat -- [rounds = 5] [deliveries = 300] [vats = pinger,contract,large]
 *
 * The vat `facet` is Zoe's contract facet with `scaledPriceAuthority`, which it imports in its
 * `buildRootObject`. Its packages are installed in `spec/real-vats`.
 */
import '@endo/init/debug.js';
import { spawn as nodeSpawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kser, kslot } from '@agoric/kmarshal';
import bundleSource from '@endo/bundle-source';
import { computeBundleID } from '../lib/platform/bundle-id.js';
import { bundleBytesOf } from '../lib/platform/heap-rule.js';
import { OWN, STOCK } from '../lib/platform/choices.js';
import { loadPlatform } from '../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../lib/platform/node-powers.js';
import { makePlatformImages } from '../lib/platform/platform-image.js';
import type { Platform } from '../lib/platform/types.js';
import type { Bundle } from '../lib/store/types.js';
import { initSwingStore } from '../lib/store/swing-store.js';
import { makeVatID, ROOT_OBJECT_VREF, type BundleID, type VRef } from '../lib/types/ids.js';
import type { CapData, VatDelivery, VatSyscallHandler } from '../lib/types/messages.js';
import type { PlatformChoice } from '../lib/types/platform-epoch.js';
import { currentLimits, LIMIT_TABLES } from '../lib/types/vat-limits.js';
import type { HeapRule, WorkerOptions } from '../lib/types/vat-options.js';
import { collectHeap } from '../lib/workers/heap-snapshot.js';
import { makeSpareWorkers } from '../lib/workers/spare-workers.js';
import type { VatRecord, Worker } from '../lib/workers/types.js';
import { median } from './harness/statistics.js';
import { installRealVats } from '../spec/real-vats/install.js';
import { makeWorkerStarter, type WorkerStarter } from '../lib/workers/worker-starter.js';

const [rounds = '5', deliveries = '300', vats = 'pinger,contract,large'] = process.argv.slice(2);

let pid = 0;
const powers = {
  ...makeNodeWorkerPowers(),
  spawn: ((...args: Parameters<typeof nodeSpawn>) => {
    const child = nodeSpawn(...args);
    pid = child.pid ?? 0;
    return child;
  }) as typeof nodeSpawn,
};

/** CPU of the last worker so far. */
const cpuMs = (): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
const memoryMB = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const { kernelStorage, hostStorage } = initSwingStore(null);
const { bundleStore } = kernelStorage;
const getBundle = (bundleID: BundleID): Bundle => bundleStore.getBundle(bundleID);
const images = makePlatformImages(kernelStorage.imageStore, powers);
const spares = makeSpareWorkers(0, powers);
const output = { console: () => undefined, testLog: () => undefined };

/** A platform, as new incarnations record it. */
interface Variant {
  readonly platform: Platform;
  readonly workerOptions: Extract<WorkerOptions, { type: 'xsnap' }>;
  readonly starter: WorkerStarter;
}

const makeVariant = async (choice: PlatformChoice, heapRule?: HeapRule): Promise<Variant> => {
  const platform = await loadPlatform(choice);
  const { bundleIDs, fingerprint } = platform;
  return {
    platform,
    workerOptions: {
      type: 'xsnap',
      bundleIDs,
      imageID: await images.imageOf(platform, getBundle),
      engine: fingerprint.engine,
      ...(heapRule && { heapRule }),
      ...(choice.imageBundles.length > 0 && { imageBundles: choice.imageBundles }),
      ...(choice.serveImportBundle && { serveImportBundle: true }),
    },
    starter: makeWorkerStarter({
      ...{ bundleStore, platform, images, spares, powers },
      relaxDurabilityRules: false,
    }),
  };
};

const makeVariants = async (
  imageBundles: readonly BundleID[],
): Promise<Readonly<Record<string, Variant>>> => ({
  stock: await makeVariant(STOCK),
  'no rule': await makeVariant(OWN),
  own: await makeVariant(OWN, 1),
  known: await makeVariant({ ...OWN, imageBundles }, 1),
});

const recordOf = (bundleID: BundleID, { workerOptions }: Variant) =>
  ({
    vatID: makeVatID(1),
    name: undefined,
    source: { bundleID },
    limits: currentLimits(LIMIT_TABLES),
    options: {
      ...{ enableSetup: false, enablePipelining: false, enableDisavow: false },
      ...{ useTranscript: true, reapDirtThreshold: { never: true }, critical: false },
      workerOptions,
    },
  }) satisfies VatRecord;

const makeVatstore = (): VatSyscallHandler => {
  const rows = new Map<string, string>();
  return syscall => {
    switch (syscall[0]) {
      case 'vatstoreGet':
        return ['ok', rows.get(syscall[1]) ?? null];
      case 'vatstoreSet':
        rows.set(syscall[1], syscall[2]);
        return ['ok', null];
      case 'vatstoreDelete':
        rows.delete(syscall[1]);
        return ['ok', null];
      case 'vatstoreGetNextKey':
        return ['ok', [...rows.keys()].sort().find(key => key > syscall[1]) ?? null];
      default:
        return ['ok', null];
    }
  };
};

interface Measured {
  readonly startMs: number;
  readonly startMB: number;
  readonly deliveriesMs: number;
  readonly reloadedMB: number;
  readonly computrons: number;
}

const data = (value: unknown): CapData<VRef> => kser(value) as CapData as CapData<VRef>;

/** A vat to measure. */
interface Subject {
  readonly bundle: Bundle;
  readonly parameters: object;
  /** What it imports itself, which a device gives it. */
  readonly imported?: Bundle;
}

const bundleOf = async (path: string): Promise<Bundle> => {
  const file = fileURLToPath(new URL(path, import.meta.url));
  return await bundleSource(file, { format: 'endoZipBase64' });
};

const makeFacet = async (): Promise<Subject> => {
  await installRealVats();
  const zoe = '../spec/real-vats/node_modules/@agoric/zoe';
  return {
    bundle: await bundleOf(`${zoe}/contractFacet.js`),
    parameters: {
      contractBundleCap: kslot('d-70'),
      zoeService: kslot('o-50', 'Alleged: ZoeService'),
      invitationIssuer: kslot('o-51', 'Alleged: Zoe Invitation issuer'),
    },
    imported: await bundleOf(`${zoe}/src/contracts/scaledPriceAuthority.js`),
  };
};

const makeSubject = async (vat: string): Promise<Subject> =>
  vat === 'facet' ? makeFacet() : { bundle: await bundleOf(`./vats/${vat}.js`), parameters: {} };

const measure = async (
  { parameters, imported }: Subject,
  bundleID: BundleID,
  variant: Variant,
): Promise<Measured> => {
  const record = recordOf(bundleID, variant);
  const { starter } = variant;
  const { workerOptions } = record.options;
  const vatstore = makeVatstore();
  const handle: VatSyscallHandler = syscall =>
    syscall[0] === 'callNow' ? ['ok', data(imported)] : vatstore(syscall);
  let computrons = 0;
  const deliver = async (worker: Worker, delivery: VatDelivery): Promise<void> => {
    const [status, problem, usage] = await worker.deliver(delivery, handle);
    if (status !== 'ok') throw Error(String(problem));
    computrons += usage?.compute ?? 0;
  };
  const first = await starter.startFresh(
    record,
    { source: record.source, workerOptions },
    { output },
  );
  await deliver(first, ['startVat', data(parameters)]);
  const started = { startMs: cpuMs(), startMB: memoryMB(), computrons };
  await deliver(first, ['bringOutYourDead']);
  if (!first.makeSnapshotStream) throw Error('no snapshots');
  const snapshot = await collectHeap(first.makeSnapshotStream(), workerOptions.heapRule);
  await first.shutdown();

  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* snapshot;
  }
  const second = await starter.startFromSnapshot(record, stream(), 1, { output });
  const before = cpuMs();
  for (let index = 0; index < Number(deliveries); index += 1) {
    const methargs = data(['total', []]);
    const result = `p-${100 + index}` as VRef;
    await deliver(second, ['message', ROOT_OBJECT_VREF, { methargs, result }]);
  }
  const reloaded = { deliveriesMs: cpuMs() - before, reloadedMB: memoryMB() };
  await second.shutdown();
  return { ...started, ...reloaded };
};

const UNITS: Readonly<Record<keyof Measured, string>> = {
  startMs: 'start, ms of CPU',
  computrons: 'start, computrons',
  startMB: 'start, MB',
  deliveriesMs: 'deliveries, ms of CPU',
  reloadedMB: 'reloaded, MB',
};

const install = (bundle: Bundle): BundleID => {
  const bundleID = computeBundleID(bundle);
  bundleStore.addBundle(bundleID, bundle);
  return bundleID;
};

for (const vat of vats.split(',')) {
  const subject = await makeSubject(vat);
  const { bundle, imported } = subject;
  const bundleID = install(bundle);
  const known = [bundleID, ...(imported ? [install(imported)] : [])];
  const variants = Object.entries(await makeVariants(known));
  const runs = variants.map((): Measured[] => []);
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const [index, [, variant]] of variants.entries()) {
      runs[index]?.push(await measure(subject, bundleID, variant));
    }
  }
  const size = `${vat}, ${Math.round(bundleBytesOf(bundle) / 1000)} kB`;
  console.log(size.padEnd(24) + variants.map(([name]) => name.padStart(12)).join(''));
  for (const [field, unit] of Object.entries(UNITS) as [keyof Measured, string][]) {
    const medians = runs.map(all => median(all.map(run => run[field])));
    const numbers = medians.map(value => value.toFixed(0).padStart(12)).join('');
    const ratio = (medians[2] ?? 0) / (medians[0] ?? 1);
    console.log(`  ${unit.padEnd(22)}${numbers}   own/stock ${ratio.toFixed(2)}`);
  }
}
await hostStorage.close();
