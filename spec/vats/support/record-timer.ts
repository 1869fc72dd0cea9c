/**
 * Records what SwingSet's own timer answers in every scenario:
 * `node --import=tsx/esm spec/vats/support/record-timer.ts`
 */
import '@endo/init/debug.js';
import { writeFile } from 'node:fs/promises';
import { sourcePath } from './paths.js';

const { TimerBench } = await import('./timer-bench.js');
const bench = await TimerBench.start('original');
const logs = await bench.playAll();
await bench.shutdown();
await writeFile(
  sourcePath('spec/vats/fixtures/timer-original.json'),
  `${JSON.stringify(logs, undefined, 2)}\n`,
);
