/** The long run of random kills: `count` of hosts, workers or both, by default 2,000; and of workers alone. */
import { join } from 'node:path';
import { compileSources } from '../../support/compile-sources.js';
import type { LongRun } from './long-run.js';
import { killAtRandom, type KillOptions } from './kills.js';
import { restartWithDyingWorkers } from './worker-kills.js';

type Shape = Pick<KillOptions, 'worker' | 'mode' | 'withCheckpoint' | 'concurrency'>;

const SHAPES: readonly Shape[] = [
  { worker: 'xsnap', mode: 'eager', withCheckpoint: true, concurrency: 1 },
  { worker: 'xsnap', mode: 'eager', withCheckpoint: false, concurrency: 2 },
  { worker: 'xsnap', mode: 'rolling', withCheckpoint: true, concurrency: 2 },
  { worker: 'xsnap', mode: 'lazy', withCheckpoint: true, concurrency: 1 },
  { worker: 'local', mode: 'eager', withCheckpoint: true, concurrency: 1 },
  { worker: 'local', mode: 'rolling', withCheckpoint: true, concurrency: 1 },
];

export const runKills: LongRun = async ({ seed, count = 2000, only }) => {
  const shapes = SHAPES.filter(({ worker }) => only?.includes(worker) ?? true);
  const problems: string[] = [];
  const compiled = await compileSources([
    'lib',
    'spec/controller',
    'spec/platform-epoch',
    'spec/support',
  ]);
  const compiledHost = join(compiled, 'spec/platform-epoch/support/restart-child.js');
  for (const [index, shape] of shapes.entries()) {
    const start = performance.now();
    const [from, to] = [index, index + 1].map(each => Math.round((each * count) / shapes.length));
    const found = await killAtRandom({
      ...shape,
      dynamicVats: 4,
      blocks: 4,
      count: to! - from!,
      seed: seed + index,
      compiledHost,
    });
    const { kernel, workers, both } = found.kills;
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(
      `${shape.worker}, ${shape.mode}, concurrency ${shape.concurrency}, ` +
        `${shape.withCheckpoint ? 'with' : 'without'} checkpoints, seed ${seed + index}: killed the kernel ` +
        `${kernel} times, workers ${workers} times, both ${both} times (${found.processes} workers); ` +
        `${found.stores} stores, ${found.problems.length} problems; ${seconds} s`,
    );
    problems.push(...found.problems);
  }
  if (only?.includes('xsnap') ?? true) {
    const start = performance.now();
    const found = await restartWithDyingWorkers({
      dynamicVats: 4,
      mode: 'rolling',
      blocks: 4,
      count: Math.round(count / shapes.length),
      seed,
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(
      `xsnap, rolling, seed ${seed}: killed ${found.kills} workers one by one in ${found.boots} restarts, ` +
        `${found.problems.length} problems; ${seconds} s`,
    );
    problems.push(...found.problems);
  }
  return problems;
};
