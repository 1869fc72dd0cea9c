/**
 * `swingset-kernel` with a block host that dies where a spec says. The spec writes the name of a
 * moment into `<home>/die-at`; the application's process kills itself when it gets there.
 */
import '../../../lib/cli/init.js';
import '../../../lib/endo-environment/load.js';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCommandLine } from '../../../lib/cli/args.js';
import { makeChainPowers } from '../../../lib/cli/chain/chain-powers.js';
import { runChainCommand, isChainCommand } from '../../../lib/cli/chain/chain-commands.js';
import { listenForInterruption } from '../../../lib/cli/store-interruption.js';
import { errorText } from '../../../lib/errors.js';
import type { LocalOptions } from '../../../lib/host/block-host/local-options.js';
import type { BlockHost } from '../../../lib/host/block-host/types.js';
import type { Moment } from './moments.js';

const makeDeaths = (home: string) => {
  const path = join(home, 'die-at');
  return (moment: Moment): void => {
    if (!existsSync(path) || readFileSync(path, 'utf8') !== moment) return;
    rmSync(path);
    process.kill(process.pid, 'SIGKILL');
  };
};

const mortal = (host: BlockHost, home: string): BlockHost => {
  const dieAt = makeDeaths(home);
  return {
    info: () => host.info(),
    init: async request => {
      const result = await host.init(request);
      dieAt('initialized');
      return result;
    },
    check: (tx, kind) => host.check(tx, kind),
    prepare: (txs, limits) => host.prepare(txs, limits),
    refuse: (txs, limits) => host.refuse(txs, limits),
    executeBlock: async block => {
      dieAt('before the block');
      const result = await host.executeBlock(block);
      dieAt('before the reply');
      return result;
    },
    commit: async () => {
      dieAt('before the commit');
      const result = await host.commit();
      dieAt('after the commit');
      return result;
    },
    query: query => host.query(query),
    listSnapshots: () => host.listSnapshots(),
    load: async (...args) => {
      const bytes = await host.load(...args);
      dieAt('a chunk was read');
      return bytes;
    },
    offer: async (...args) => {
      const answer = await host.offer(...args);
      dieAt('a snapshot was offered');
      return answer;
    },
    apply: async (...args) => {
      dieAt('before a chunk is applied');
      const answer = await host.apply(...args);
      dieAt('after a chunk was applied');
      return answer;
    },
    close: () => host.close(),
  };
};

/** Deaths in the midst of a restart: when `die-at` says so, after the third vat. */
const restartDeaths = (home: string): LocalOptions => {
  const dieAt = makeDeaths(home);
  let vats = 0;
  return {
    onRestartProgress: ({ phase }) => {
      if (phase === 'vat') vats += 1;
      if (vats === 3) dieAt('in the midst of the restart');
    },
  };
};

const args = parseCommandLine(process.argv.slice(2));
if (!isChainCommand(args)) throw Error(`only chain commands: ${args.command}`);
try {
  await runChainCommand(args, {
    print: text => console.log(text),
    warn: text => console.error(`warning: ${text}`),
    fail: (code = 1) => {
      process.exitCode = code;
    },
    interruption: () => listenForInterruption(process),
    now: () => performance.now(),
    chain: {
      ...makeChainPowers(fileURLToPath(import.meta.url)),
      hooks: { options: restartDeaths, wrap: mortal },
    },
  });
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 1;
}
process.exit();
