/**
 * Compares this kernel with @agoric/swingset-vat in one process: boot, messages between two vats, a
 * commit after each batch, reboot. Both use a store in a directory.
 *
 *     npm run bench:kernel [-- local|xsnap [messages]]
 */
import '@endo/init/debug.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as theirStore from '@agoric/swing-store';
import * as theirs from '@agoric/swingset-vat';
import * as ours from '../lib/index.js';

const worker = process.argv[2] ?? 'xsnap';
const messages = Number(process.argv[3] ?? 200);
const BATCHES = 5;

const source = (name: string) => fileURLToPath(new URL(`./vats/${name}.js`, import.meta.url));

/* eslint-disable @typescript-eslint/no-explicit-any -- the two packages have different types */
interface Contender {
  readonly name: string;
  readonly kernel: any;
  readonly store: any;
}

const contenders: readonly Contender[] = [
  { name: '@agoric/swingset-vat', kernel: theirs, store: theirStore },
  { name: 'swingset-kernel', kernel: ours, store: ours },
];

const measure = async ({ kernel, store }: Contender) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'swingset-bench-'));
  const times: Record<string, number> = {};
  const timed = async <T>(label: string, task: () => Promise<T>): Promise<T> => {
    const before = performance.now();
    const result = await task();
    times[label] = performance.now() - before;
    return result;
  };
  try {
    const { hostStorage, kernelStorage } = store.initSwingStore(dir);
    const kernelBundles = await timed('bundle', () => kernel.buildKernelBundles());
    const config = {
      bootstrap: 'pinger',
      pinBootstrapRoot: true,
      defaultManagerType: worker,
      vats: {
        pinger: { sourceSpec: source('pinger') },
        ponger: { sourceSpec: source('ponger') },
      },
    };
    await timed('initialize', () =>
      kernel.initializeSwingset(config, [], kernelStorage, { kernelBundles }),
    );
    const boot = (): Promise<any> => kernel.makeSwingsetController(kernelStorage, {});
    const controller = await timed('first boot', boot);
    await timed('bootstrap', () => controller.run());
    await timed('work', async () => {
      for (let batch = 0; batch < BATCHES; batch += 1) {
        controller.queueToVatRoot('pinger', 'run', [messages / BATCHES]);
        await controller.run();
        await hostStorage.commit();
      }
    });
    await controller.shutdown();
    const again = await timed('reboot', boot);
    await again.shutdown();
    await hostStorage.close();
  } finally {
    await rm(dir, { recursive: true });
  }
  return times;
};

const columns: Record<string, Record<string, number>> = {};
for (const contender of contenders) columns[contender.name] = await measure(contender);
const [theirTimes = {}, ourTimes = {}] = Object.values(columns);
console.log(`worker ${worker}, ${messages} round trips in ${BATCHES} commits; milliseconds`);
console.table(
  Object.fromEntries(
    Object.keys(ourTimes).map(label => {
      const before = theirTimes[label] ?? 0;
      const now = ourTimes[label] ?? 0;
      return [
        label,
        {
          '@agoric/swingset-vat': Math.round(before),
          'swingset-kernel': Math.round(now),
          ratio: Number((before / now).toFixed(2)),
        },
      ];
    }),
  ),
);
