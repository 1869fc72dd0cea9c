/**
 * Kills nodes anywhere in an upgrade's block and in those after it. The next process executes the
 * same block again, and all that comes of it is as on a node that nobody disturbed.
 *
 * `CRASH_UPGRADE_KILLS` chooses how many times each node is killed, and `SWINGSET_SEED` where.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { LocalOptions } from '../../../lib/host/block-host/local-options.js';
import type { Block } from '../../../lib/host/block-host/types.js';
import type { PlatformRestartMode } from '../../../lib/types/platform-epoch.js';
import { makeRandom } from '../../support/random.js';
import { alice, bob, hex, makeBlock, makeChain, makeHome, message, open } from './support.js';
import { writeBlock, writeResult, type NodeOrder } from './written-blocks.js';

const KILLS = Number(process.env['CRASH_UPGRADE_KILLS'] ?? 6);
const SEED = Number(process.env['SWINGSET_SEED'] ?? 1);

const script = fileURLToPath(new URL('upgrading-node.ts', import.meta.url));

const copyOf = (home: string): string => {
  const copy = makeHome();
  cpSync(home, copy, { recursive: true });
  return copy;
};

/** @returns false if the node came to its end without meeting the point */
const killNode = async (order: NodeOrder): Promise<boolean> => {
  const child = fork(script, [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx/esm'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (signal !== 'SIGKILL') expect(code).to.equal(0);
  return signal === 'SIGKILL';
};

const resultsIn = (file: string): ReadonlySet<string> =>
  new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean));

/** The home of a chain whose next block is the one that upgrades, and its next blocks. */
const prepare = async (worker: 'local' | 'xsnap', mode: PlatformRestartMode) => {
  const chain = await makeChain({ worker, fragile: true });
  await chain.act(message('fragile', 'break'), message('app', 'never'));
  const plan = { name: 'two', height: chain.height + 2, info: '', restart: { mode } };
  await chain.act({ type: 'scheduleUpgrade', plan });
  await chain.block(chain.tx(bob, message('app', 'add', 5)));
  const output = message('app', 'output', 'storage', { method: 'append', args: [['a', 'b']] });
  const blocks = [
    [chain.tx(alice, message('app', 'add', 1), output), chain.tx(bob, message('fragile', 'ping'))],
    [],
    [chain.tx(bob, message('app', 'spin', 5))],
    [chain.tx(alice, output)],
  ].map((txs, index) => makeBlock(chain.height + index, txs));
  await chain.host.close();
  return { home: chain.home, blocks };
};

interface Run {
  readonly home: string;
  readonly blocks: readonly Block[];
  readonly options?: LocalOptions;
  readonly file: string;
  readonly onPoint?: (point: string) => void;
}

/** Executes the blocks that the node lacks, and asks for the last one again. */
const finish = async ({ home, blocks, options, file, onPoint }: Run): Promise<string> => {
  let height = 0;
  const host = await open(home, {
    ...options,
    platformEpoch: 'two',
    faultPoint: name => onPoint?.(`${height} ${name}`),
  });
  const committed = host.info().height;
  for (const block of blocks.filter(each => each.height >= committed)) {
    const { height: before } = host.info();
    if (block.height < before || block.height < blocks[0]!.height) continue;
    ({ height } = block);
    const result = await host.executeBlock(block);
    appendFileSync(file, `${writeResult(height, result)}\n`);
    await host.commit();
  }
  const { appHash } = host.info();
  await host.close();
  return hex(appHash);
};

for (const { worker, mode, options } of [
  { worker: 'local', mode: 'eager', options: {} },
  { worker: 'local', mode: 'lazy', options: {} },
  { worker: 'local', mode: 'rolling', options: {} },
  { worker: 'xsnap', mode: 'eager', options: { restartConcurrency: 3, spareWorkers: 2 } },
  { worker: 'xsnap', mode: 'rolling', options: { maxVatsOnline: 2 } },
] as const) {
  describe(`a node that is killed in an upgrade (${mode}, ${worker}, seed ${SEED})`, () => {
    it(`comes to the same after ${KILLS} kills`, async () => {
      const { home, blocks } = await prepare(worker, mode);
      const expectedFile = join(home, 'results');
      const points: string[] = [];
      const expected = await finish({
        home: copyOf(home),
        blocks,
        file: expectedFile,
        onPoint: point => points.push(point),
      });
      const results = resultsIn(expectedFile);
      expect(results.size).to.equal(blocks.length);
      const upgradeHeight = blocks[0]!.height;
      const steps = ['before', 'ended', 'started', 'after'].map(
        step => `platform-restart:${step}:`,
      );
      const inUpgrade = points.filter(point => point.startsWith(`${upgradeHeight} `));
      for (const name of [...steps, 'block-executed', 'before-commit', 'after-commit']) {
        expect(
          points.some(point => point.includes(name)),
          name,
        ).to.equal(true);
      }
      // Between vats, between execution and commit, right after the commit; and anywhere.
      const random = makeRandom(SEED);
      const chosen = new Set([
        `${upgradeHeight} before-commit`,
        `${upgradeHeight} after-commit`,
        ...inUpgrade.filter(point => point.includes(steps[2]!)).slice(0, 1),
      ]);
      while (chosen.size < Math.min(KILLS, points.length)) {
        chosen.add(points[random.below(points.length)]!);
      }
      const killed = copyOf(home);
      const file = join(killed, 'killed-results');
      let met = 0;
      for (const killAt of points.filter(point => chosen.has(point))) {
        const order = { home: killed, options, blocks: blocks.map(writeBlock), resultFile: file };
        appendFileSync(file, '');
        if (await killNode({ ...order, killAt })) met += 1;
      }
      // What came to be committed before is not met again.
      expect(met).to.be.at.least(3);
      expect(await finish({ home: killed, blocks, options, file })).to.equal(expected);
      const undisturbed = [...results].map(line => JSON.parse(line) as unknown);
      for (const line of resultsIn(file)) expect(undisturbed).to.deep.include(JSON.parse(line));
    });
  });
}
