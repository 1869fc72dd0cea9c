/** The same blocks for specs that compare their hashes. */
import { alice, bob, GENESIS_TIME, message, type Chain } from './support.js';

/** Blocks whose work crosses into the next ones. */
export const busyBlocks = (chain: Chain): readonly (readonly Uint8Array[])[] => [
  [chain.tx(alice, message('app', 'add', 1)), chain.tx(bob, message('app', 'spin', 12))],
  [],
  [chain.tx(bob, message('app', 'output', 'storage', { method: 'set', args: [['a.b', 'c']] }))],
  [chain.tx(alice, message('app', 'never'), message('app', 'alarm', Number(GENESIS_TIME) + 6))],
  [Buffer.from('no transaction'), chain.tx(alice, message('app', 'big', 10))],
  [],
  [],
];
export const smallBudget = { blockComputrons: 800_000 };
