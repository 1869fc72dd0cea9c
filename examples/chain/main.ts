/**
 * Starts the four validators that `swingset-kernel chain testnet` made, posts notes on their board,
 * and upgrades them: the old software halts at the agreed height, and the new one goes on with the
 * same notes in restarted vats.
 *
 *   npm run example:chain -- --home <dir> [--engine <path>]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeChainCalls } from './calls.js';
import { startNodes } from './nodes.js';

const { values } = parseArgs({
  options: { home: { type: 'string' }, engine: { type: 'string' } },
});
if (values.home === undefined) throw Error('pass --home <dir>, where `chain testnet` wrote');
const home = values.home;

interface Board {
  readonly incarnation: number;
  readonly notes: readonly { readonly text: string }[];
}

const main = async (): Promise<void> => {
  const chain = makeChainCalls(home);
  let nodes = startNodes({ home, engine: values.engine });
  try {
    await chain.waitForHeight(2);
    console.log('four validators make blocks');
    await chain.post('the first note');
    const before = (await chain.read()) as Board;
    console.log(`incarnation ${before.incarnation}, notes: ${before.notes.length}`);

    const height = (await chain.height()) + 10;
    await chain.scheduleUpgrade('summer', height);
    console.log(`an upgrade to summer is scheduled for block ${height}`);
    const codes = await Promise.all(nodes.map(node => node.exited));
    const info = readFileSync(join(home, 'node0/data/upgrade-info.json'), 'utf8');
    console.log(`all four halted with exit codes ${codes.join(', ')}; upgrade-info.json: ${info}`);

    nodes = startNodes({ home, engine: values.engine, platformEpoch: 'summer' });
    await chain.waitForHeight(height + 1);
    await chain.post('the second note');
    const after = (await chain.read()) as Board;
    console.log(`incarnation ${after.incarnation}, notes: ${after.notes.length}`);
    if (after.incarnation !== before.incarnation + 1 || after.notes.length !== 2) {
      throw Error(`expected a new incarnation with both notes: ${JSON.stringify(after)}`);
    }
    console.log('the vats restarted, and kept their notes');
  } finally {
    await Promise.all(nodes.map(node => node.stop()));
  }
};

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
