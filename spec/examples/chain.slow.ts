import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { needEngine } from '../support/engine.js';
import { makeTempDir } from '../support/swingset.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const run = (...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, args, (error, stdout, stderr) =>
      error ? reject(Error(`${error.message}\n${stdout}\n${stderr}`)) : resolve(stdout),
    );
  });

describe('the example of a chain', () => {
  it('upgrades four validators by the two commands of its README', async function () {
    const engine = await needEngine(this);
    const home = join(makeTempDir(), 'testnet');
    const made = await run(
      ...[at('bin/swingset-kernel.js'), 'chain', 'testnet', at('examples/chain/swingset.json')],
      ...['--home', home, '--chain-id', 'board-1', '--platform-epoch', 'spring'],
    );
    expect(made).to.include('made the chain board-1 on platform spring');
    const example = ['--import', 'tsx/esm', at('examples/chain/main.ts')];
    const output = await run(...example, '--home', home, '--engine', engine);
    expect(output).to.include('all four halted with exit codes 3, 3, 3, 3');
    expect(output).to.include('the vats restarted, and kept their notes');
  });
});
