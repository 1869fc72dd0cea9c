/**
 * Measures chains with the real engine on this machine: blocks and transactions per second of four
 * validators beside those of an application that does nothing, and the time of an upgrade's block
 * by mode.
 *
 *     npm run bench:chain -- [seconds = 30] [vats = 20]
 */
import '@endo/init/debug.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { buildEngine } from '../scripts/engine.mjs';
import { Client, Load } from '../spec/chain/support/client.js';
import { makeChain } from '../spec/chain/support/homes.js';
import { stopAllNodes } from '../spec/chain/support/node.js';
import type { ChainNode, StartOptions } from '../spec/chain/support/node.js';

const seconds = Number(process.argv[2] ?? 30);
const vats = Number(process.argv[3] ?? 20);
const CLIENTS = 4;
/** As chains set it. With the kernel's default, 1, each delivery pays for a collection of garbage. */
const REAP_INTERVAL = 1000;
const AT_ONCE = 12;

const engine = await buildEngine();
const scratch = mkdtempSync(join(tmpdir(), 'swingset-bench-'));
const trivial = fileURLToPath(new URL('./chain-trivial.ts', import.meta.url));
let basePort = 28_100;

const newChain = async (name: string, options: Partial<Parameters<typeof makeChain>[0]>) => {
  basePort += 100;
  const directory = mkdtempSync(join(scratch, `${name}-`));
  return makeChain({ directory, engine, basePort, ...options });
};

const measureRate = async (
  name: string,
  start: StartOptions,
  options: Partial<Parameters<typeof makeChain>[0]>,
): Promise<void> => {
  const { nodes } = await newChain('rate', { validators: 4, relays: 1, ...options });
  const [first] = nodes as [ChainNode];
  for (const node of nodes) node.start(start);
  await Promise.all(nodes.map(node => node.reaches(3, 600_000)));
  const idleFrom = await first.height();
  await delay(5_000);
  const idle = ((await first.height()) - idleFrom) / 5;
  const loads = Array.from({ length: CLIENTS }, (_, index) => {
    const endpoints = nodes.map(({ endpoint }) => endpoint);
    return new Load(
      new Client([...endpoints.slice(index % 4), ...endpoints.slice(0, index % 4)]),
      AT_ONCE,
    );
  });
  await Promise.all(loads.map(load => load.sends(1)));
  const sum = (): number => loads.reduce((all, { sent }) => all + sent, 0);
  const [from, sent, began] = [await first.height(), sum(), performance.now()];
  await delay(seconds * 1000);
  const [to, all, ended] = [await first.height(), sum(), performance.now()];
  const s = (ended - began) / 1000;
  console.log(
    `${name.padEnd(28)} ${((to - from) / s).toFixed(1).padStart(6)} blocks/s ` +
      `${((all - sent) / s).toFixed(1).padStart(7)} tx/s ${idle.toFixed(1).padStart(6)} idle blocks/s`,
  );
  await Promise.all(loads.map(load => load.stop()));
  await stopAllNodes();
};

/** Dynamic ones, because every mode starts static vats in the upgrade's block. */
const makeVats = `async ({ vatAdmin, grantPowers }) => {
  const names = Array.from({ length: ${vats} }, (_, index) => \`dynamic\${index}\`);
  const made = await Promise.all(
    names.map(name => E(vatAdmin).createVatByName('relay', { name })),
  );
  grantPowers(harden(Object.fromEntries(made.map(({ root }, index) => [names[index], root]))));
}`;

const measureUpgrade = async (mode: 'eager' | 'lazy' | 'rolling'): Promise<void> => {
  const { nodes, admin } = await newChain('upgrade', { worker: 'xsnap', relays: 1 });
  const [node] = nodes as [ChainNode];
  node.start();
  await node.reaches(3, 600_000);
  const client = new Client([node.endpoint], admin);
  const { state } = await client.perform({ type: 'propose', code: makeVats });
  if (state !== 'fulfilled') throw Error(`the vats could not be made: ${state}`);
  const height = (await node.height()) + 10;
  const plan = { name: 'summer', height, info: '', restart: { mode } };
  await client.send([[{ type: 'scheduleUpgrade', plan }]]);
  await node.exited();
  node.start({ platformEpoch: 'summer' });
  await node.reaches(height + 2, 600_000);
  const [, ms] = /block (?:\d+) upgraded in (\d+) ms/.exec(node.output) ?? [];
  console.log(
    `upgrade of 8 static and ${vats} dynamic vats, ${mode.padEnd(8)} ${ms ?? '?'} ms in its block`,
  );
  await stopAllNodes();
};

try {
  await measureRate('an application of nothing', { program: trivial }, {});
  await measureRate('local vats', {}, { worker: 'local', reapInterval: REAP_INTERVAL });
  await measureRate('xsnap vats', {}, { worker: 'xsnap', reapInterval: REAP_INTERVAL });
  await measureRate('xsnap vats, BOYD each time', {}, { worker: 'xsnap' });
  for (const mode of ['eager', 'lazy', 'rolling'] as const) await measureUpgrade(mode);
} finally {
  await stopAllNodes();
  rmSync(scratch, { recursive: true, force: true });
}
