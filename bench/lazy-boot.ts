/**
 * Measures the boot of a swingset with many xsnap vats: with its current epoch, and with a new one
 * in the modes `lazy` and `rolling` (the median of several boots). Also measures the first delivery
 * to a vat after each, and the runs at whose end a rolling restart starts vats.
 *
 *     node --expose-gc --import tsx/esm bench/lazy-boot.ts [vats = 1000] [store, kept for next
 *     time]
 */
import '@endo/init/debug.js';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { initializeSwingset, makeSwingsetController, openSwingStore } from '../lib/index.js';
import type { PlatformRestartOptions, PlatformRestartProgress } from '../lib/index.js';
import { vatSource } from './vat-source.js';

const count = Number(process.argv[2] ?? 1000);
const scratch = mkdtempSync(path.join(tmpdir(), 'swingset-bench-'));
const original = process.argv[3] ?? path.join(scratch, 'original');
const BATCH = 25;

const makeStore = async (): Promise<number> => {
  const { hostStorage, kernelStorage } = openSwingStore(original);
  await initializeSwingset(
    {
      bootstrap: 'maker',
      pinBootstrapRoot: true,
      defaultManagerType: 'xsnap',
      // Two gigabytes of snapshots would show nothing more.
      snapshotInitial: 1000,
      vats: { maker: vatSource('maker') },
      bundles: { sleeper: vatSource('sleeper') },
    },
    [],
    kernelStorage,
    { addComms: false, addVattp: false, addTimer: false },
    { platformEpoch: 1 },
  );
  const started = performance.now();
  const controller = await makeSwingsetController({
    kernelStorage,
    warehousePolicy: { maxVatsOnline: 4 },
  });
  await controller.run();
  for (let made = 0; made < count; made += BATCH) {
    controller.queueToVatRoot('maker', 'make', [Math.min(BATCH, count - made)], 'panic');
    await controller.run();
    await hostStorage.commit();
  }
  await controller.shutdown();
  await hostStorage.close();
  return performance.now() - started;
};

/** Memory of this process and its children, in MB. */
const residentMB = (): number => {
  const pids = [process.pid];
  const children = `/proc/${process.pid}/task/${process.pid}/children`;
  if (existsSync(children)) {
    pids.push(...readFileSync(children, 'utf8').trim().split(' ').filter(Boolean).map(Number));
  }
  const kB = pids.map(pid => {
    const status = `/proc/${pid}/status`;
    return existsSync(status)
      ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1])
      : 0;
  });
  return Math.round(kB.reduce((sum, each) => sum + each, 0) / 1024);
};

interface Boot {
  readonly ms: number;
  readonly commitMs: number;
  readonly wakeMs: number;
  readonly MB: number;
  /** The part of `ms` spent on vats that start later. */
  readonly laterMs: number;
  /** Milliseconds of each run that starts one vat. */
  readonly runs: readonly number[];
}

const ROUNDS = 7;
const RUNS = 20;

const boot = async (
  name: string,
  platformEpoch: number,
  platformRestart: PlatformRestartOptions,
) => {
  const dir = path.join(scratch, name);
  cpSync(original, dir, { recursive: true });
  const { hostStorage, kernelStorage } = openSwingStore(dir);
  globalThis.gc?.();
  const started = performance.now();
  let laterMs = 0;
  let last = started;
  const onRestartProgress = ({ result }: PlatformRestartProgress): void => {
    const now = performance.now();
    if (result === 'suspended') laterMs += now - last;
    last = now;
  };
  const controller = await makeSwingsetController({
    kernelStorage,
    platformEpoch,
    platformRestart: { ...platformRestart, onRestartProgress },
  });
  const booted = performance.now();
  const MB = residentMB();
  await hostStorage.commit();
  const committed = performance.now();
  controller.queueToVatRoot('maker', 'wake', [count - 1], 'panic');
  await controller.run();
  const woken = performance.now();
  const runs: number[] = [];
  while (platformRestart.mode === 'rolling' && runs.length < RUNS) {
    const began = performance.now();
    await controller.run();
    runs.push(performance.now() - began);
    await hostStorage.commit();
  }
  await controller.shutdown();
  await hostStorage.close();
  rmSync(dir, { recursive: true });
  return {
    ms: booted - started,
    commitMs: committed - booted,
    wakeMs: woken - committed,
    MB,
    laterMs,
    runs,
  };
};

/** The boot of median time. */
const median = (boots: readonly Boot[]): Boot => {
  const sorted = [...boots].sort((a, b) => a.ms - b.ms);
  return sorted[Math.floor(sorted.length / 2)]!;
};

const show = (name: string, { ms, commitMs, wakeMs, MB }: Boot): void =>
  console.log(
    `${name.padEnd(22)} ${ms.toFixed(0).padStart(7)} ms boot ${commitMs.toFixed(0).padStart(6)} ms commit ` +
      `${wakeMs.toFixed(0).padStart(6)} ms first call ${String(MB).padStart(6)} MB`,
  );

try {
  if (!existsSync(original)) {
    const ms = await makeStore();
    console.log(
      `made ${count} vats in ${(ms / 1000).toFixed(1)} s, ${(ms / count).toFixed(0)} ms each`,
    );
  }
  show('same epoch', await boot('same', 1, {}));
  const lazy: Boot[] = [];
  const rolling: Boot[] = [];
  // In turns, so that whatever else the machine does meets both alike.
  for (let round = 0; round < ROUNDS; round += 1) {
    lazy.push(await boot('lazy', 2, { mode: 'lazy' }));
    rolling.push(await boot('rolling', 2, { mode: 'rolling' }));
  }
  show('new epoch, lazy', median(lazy));
  const each = median(lazy).laterMs / count;
  console.log(`of the lazy boot, ${each.toFixed(3)} ms for each vat that starts later`);
  show('new epoch, rolling', median(rolling));
  const runs = rolling.flatMap(one => one.runs);
  console.log(
    `${runs.length} runs that start one vat each: ` +
      `${Math.min(...runs).toFixed(0)} to ${Math.max(...runs).toFixed(0)} ms`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
