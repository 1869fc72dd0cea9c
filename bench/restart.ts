/**
 * Measures a restart for a new epoch per xsnap vat, one at a time and with several starting ahead.
 *
 *     node --import tsx/esm bench/restart.ts [vats = 30] [rows = 200] [concurrencies = 1,2,4]
 *     [rounds = 3]
 */
import '@endo/init/debug.js';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { initializeSwingset, makeSwingsetController, openSwingStore } from '../lib/index.js';

const [vats = '30', rows = '200', concurrencies = '1,2,4', rounds = '3'] = process.argv.slice(2);
const scratch = mkdtempSync(path.join(tmpdir(), 'swingset-bench-'));
const original = path.join(scratch, 'original');

const source = (name: string) => ({
  sourceSpec: fileURLToPath(new URL(`./vats/${name}.js`, import.meta.url)),
});

const makeStore = async (): Promise<void> => {
  const { hostStorage, kernelStorage } = openSwingStore(original);
  await initializeSwingset(
    {
      bootstrap: 'maker',
      pinBootstrapRoot: true,
      defaultManagerType: 'xsnap',
      vats: { maker: source('worker-maker') },
      bundles: { contract: source('contract') },
    },
    [],
    kernelStorage,
    { addComms: false, addVattp: false, addTimer: false },
    { platformEpoch: 1 },
  );
  const controller = await makeSwingsetController({
    kernelStorage,
    warehousePolicy: { maxVatsOnline: 4 },
  });
  await controller.run();
  for (let vat = 0; vat < Number(vats); vat += 1) {
    controller.queueToVatRoot('maker', 'make', [`vat-${vat}`, Number(rows)], 'panic');
    await controller.run();
  }
  await hostStorage.commit();
  await controller.shutdown();
  await hostStorage.close();
};

interface Restart {
  readonly count: number;
  /** Wall-clock time of the whole restart. */
  readonly ms: number;
  /** CPU time of this process, without workers. */
  readonly kernelMs: number;
}

const restart = async (concurrency: number): Promise<Restart> => {
  const dir = path.join(scratch, 'copy');
  cpSync(original, dir, { recursive: true });
  const { hostStorage, kernelStorage } = openSwingStore(dir);
  let started = 0;
  let cpu = process.cpuUsage();
  let ms = 0;
  let kernelMs = 0;
  const controller = await makeSwingsetController({
    kernelStorage,
    platformEpoch: 2,
    warehousePolicy: { maxVatsOnline: 4 },
    platformRestart: {
      concurrency,
      onRestartProgress: ({ phase }) => {
        if (phase === 'start') {
          started = performance.now();
          cpu = process.cpuUsage();
        } else if (phase === 'finish') {
          ms = performance.now() - started;
          const { user, system } = process.cpuUsage(cpu);
          kernelMs = (user + system) / 1000;
        }
      },
    },
  });
  const count = controller.getPlatformRestartReport()?.vats.length ?? 0;
  await controller.shutdown();
  await hostStorage.commit();
  await hostStorage.close();
  rmSync(dir, { recursive: true });
  return { count, ms, kernelMs };
};

try {
  await makeStore();
  const levels = concurrencies.split(',').map(Number);
  const best = new Map<number, Restart>();
  // Take turns, so that other load on the machine affects all alike.
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const concurrency of levels) {
      const found = await restart(concurrency);
      const known = best.get(concurrency);
      if (!known || found.ms < known.ms) best.set(concurrency, found);
    }
  }
  console.log(
    `best of ${rounds}, ${vats} vats of ${rows} durable and ${rows} virtual entries each`,
  );
  for (const [concurrency, { count, ms, kernelMs }] of best) {
    console.log(
      `concurrency ${concurrency}: ${(ms / count).toFixed(0).padStart(4)} ms a vat, ` +
        `${(kernelMs / count).toFixed(0).padStart(4)} ms of them CPU of the kernel's process; ` +
        `${ms.toFixed(0)} ms in all for ${count} vats`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
