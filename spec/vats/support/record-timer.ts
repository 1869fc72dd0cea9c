/**
 * Records what SwingSet's own timer answers in every scenario:
 * `node --import=tsx/esm spec/vats/support/record-timer.ts`
 */
import '@endo/init/debug.js';
import { writeFile } from 'node:fs/promises';
import { buildTimer } from '@agoric/swingset-vat';
import type { Timer } from '../../../lib/devices/timer/timer.js';
import { sourcePath } from './paths.js';
import { TimerBench } from './timer-bench.js';

const { startSwingsetHost } = await import('./swingset-host.js');
const timer = buildTimer() as Timer;
const host = await startSwingsetHost({
  vats: { bootstrap: sourcePath('spec/vats/fixtures/timer-user.js') },
  devices: { timer },
});
const logs = await new TimerBench(host, timer.poll).playAll();
await host.shutdown();
await writeFile(
  sourcePath('spec/vats/fixtures/timer-original.json'),
  `${JSON.stringify(logs, undefined, 2)}\n`,
);
