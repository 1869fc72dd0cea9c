/** `swingset-kernel chain start` with an application that does nothing, to compare with. */
import '../lib/cli/init.js';
import '../lib/endo-environment/load.js';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseCommandLine } from '../lib/cli/args.js';
import { isChainCommand, runChainCommand } from '../lib/cli/chain/chain-commands.js';
import { makeChainPowers } from '../lib/cli/chain/chain-powers.js';
import { listenForInterruption } from '../lib/cli/store-interruption.js';
import type { BlockHost, TxResult } from '../lib/host/block-host/types.js';

const nothing = new Uint8Array();
const accepted: TxResult = { code: 0, log: '', data: nothing };

/** Its state is a hash of all transactions, in RAM. */
const makeTrivialHost = (real: BlockHost): BlockHost => {
  let height = 0;
  let next = 0;
  let state = Buffer.alloc(32);
  return {
    ...real,
    info: () => ({ height, appHash: state, appVersion: 1n, platformEpoch: 'trivial' }),
    init: async () => ({ appHash: state }),
    check: () => ({ ...accepted, priority: 0n, sender: '' }),
    prepare: txs => txs,
    refuse: () => undefined,
    executeBlock: async block => {
      next = block.height;
      if (block.txs.length > 0) {
        const hash = createHash('sha256').update(state);
        for (const tx of block.txs) hash.update(tx);
        state = hash.digest();
      }
      return {
        appHash: state,
        txResults: block.txs.map(() => accepted),
        events: [],
        validatorUpdates: [],
      };
    },
    commit: async () => {
      height = next;
      return { retainHeight: 0 };
    },
    query: () => ({ code: 0, log: '', key: nothing, value: Buffer.from('{"sequence":0}'), height }),
    listSnapshots: () => [],
    close: () => real.close(),
  };
};

const args = parseCommandLine(process.argv.slice(2));
if (!isChainCommand(args)) throw Error(`only chain commands: ${args.command}`);
await runChainCommand(args, {
  print: text => console.log(text),
  warn: text => console.error(text),
  fail: (code = 1) => {
    process.exitCode = code;
  },
  interruption: () => listenForInterruption(process),
  now: () => performance.now(),
  chain: {
    ...makeChainPowers(fileURLToPath(import.meta.url)),
    hooks: { options: () => ({}), wrap: makeTrivialHost },
  },
});
process.exit();
