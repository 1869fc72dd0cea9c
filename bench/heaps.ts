/**
 * Measures what heap rule 1 gains: CPU and memory of a worker that starts a vat, and of one that
 * was reloaded from a snapshot and gets small deliveries. The engine's own heap sizes and the
 * rule's alternate. Linux only, because it reads `/proc`.
 *
 *     node --import tsx/esm bench/heaps.ts [rounds = 5] [deliveries = 300]
 */
import '@endo/init/debug.js';
import { spawn as nodeSpawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kser } from '@agoric/kmarshal';
import bundleSource from '@endo/bundle-source';
import { computeBundleID } from '../lib/platform/bundle-id.js';
import { bundleBytesOf } from '../lib/platform/heap-rule.js';
import { loadPlatform } from '../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../lib/platform/node-powers.js';
import { makePlatformImages } from '../lib/platform/platform-image.js';
import type { Bundle } from '../lib/store/types.js';
import { initSwingStore } from '../lib/store/swing-store.js';
import { makeVatID, ROOT_OBJECT_VREF, type VRef } from '../lib/types/ids.js';
import type { CapData, VatDelivery, VatSyscallHandler } from '../lib/types/messages.js';
import { currentLimits, LIMIT_TABLES } from '../lib/types/vat-limits.js';
import type { HeapRule } from '../lib/types/vat-options.js';
import { collectHeap } from '../lib/workers/heap-snapshot.js';
import { makeSpareWorkers } from '../lib/workers/spare-workers.js';
import type { VatRecord, Worker } from '../lib/workers/types.js';
import { makeWorkerStarter } from '../lib/workers/worker-starter.js';

const [rounds = '5', deliveries = '300'] = process.argv.slice(2);
const vats = ['pinger', 'contract', 'large'];

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
const platform = await loadPlatform();
const { bundleIDs } = platform;
const images = makePlatformImages(kernelStorage.imageStore, powers);
const imageID = await images.imageOf(platform, id => bundleStore.getBundle(id));
const spares = makeSpareWorkers(0, powers);
const starter = makeWorkerStarter({
  ...{ bundleStore, platform, images, spares, powers },
  relaxDurabilityRules: false,
});
const output = { console: () => undefined, testLog: () => undefined };

const recordOf = (bundle: Bundle, heapRule: HeapRule | undefined) => {
  const bundleID = computeBundleID(bundle);
  if (!bundleStore.hasBundle(bundleID)) bundleStore.addBundle(bundleID, bundle);
  return {
    vatID: makeVatID(1),
    name: undefined,
    source: { bundleID },
    limits: currentLimits(LIMIT_TABLES),
    options: {
      ...{ enableSetup: false, enablePipelining: false, enableDisavow: false },
      ...{ useTranscript: true, reapDirtThreshold: { never: true }, critical: false },
      workerOptions: { type: 'xsnap', bundleIDs, imageID, ...(heapRule && { heapRule }) },
    },
  } satisfies VatRecord;
};

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

const measure = async (bundle: Bundle, heapRule: HeapRule | undefined): Promise<Measured> => {
  const record = recordOf(bundle, heapRule);
  const { workerOptions } = record.options;
  const handle = makeVatstore();
  let computrons = 0;
  const deliver = async (worker: Worker, delivery: VatDelivery): Promise<void> => {
    const [status, problem, usage] = await worker.deliver(delivery, handle);
    if (status !== 'ok') throw Error(String(problem));
    computrons += usage?.compute ?? 0;
  };
  const data = (value: unknown): CapData<VRef> => kser(value) as CapData as CapData<VRef>;
  const first = await starter.startFresh(record, { source: record.source, workerOptions }, output);
  await deliver(first, ['startVat', data({})]);
  const started = { startMs: cpuMs(), startMB: memoryMB() };
  await deliver(first, ['bringOutYourDead']);
  if (!first.makeSnapshotStream) throw Error('no snapshots');
  const snapshot = await collectHeap(first.makeSnapshotStream(), heapRule);
  await first.shutdown();

  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* snapshot;
  }
  const second = await starter.startFromSnapshot(record, stream(), 1, output);
  const before = cpuMs();
  for (let index = 0; index < Number(deliveries); index += 1) {
    const methargs = data(['total', []]);
    const result = `p-${100 + index}` as VRef;
    await deliver(second, ['message', ROOT_OBJECT_VREF, { methargs, result }]);
  }
  const reloaded = { deliveriesMs: cpuMs() - before, reloadedMB: memoryMB() };
  await second.shutdown();
  return { ...started, ...reloaded, computrons };
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

for (const vat of vats) {
  const bundle = (await bundleSource(fileURLToPath(new URL(`./vats/${vat}.js`, import.meta.url)), {
    format: 'endoZipBase64',
  })) as unknown as Bundle;
  const runs: Record<'engine' | 'rule', Measured[]> = { engine: [], rule: [] };
  for (let round = 0; round < Number(rounds); round += 1) {
    runs.engine.push(await measure(bundle, undefined));
    runs.rule.push(await measure(bundle, 1));
  }
  console.log(`${vat}, ${Math.round(bundleBytesOf(bundle) / 1000)} kB`);
  for (const field of Object.keys(runs.rule[0] ?? {}) as (keyof Measured)[]) {
    const [engine, rule] = [runs.engine, runs.rule].map(all => median(all.map(run => run[field])));
    if (engine === undefined || rule === undefined) continue;
    const numbers = [engine, rule].map(value => value.toFixed(0).padStart(11)).join('');
    console.log(`  ${field.padEnd(14)}${numbers}   ${(rule / engine).toFixed(2)}`);
  }
}
await hostStorage.close();
