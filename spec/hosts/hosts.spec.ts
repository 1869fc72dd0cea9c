/** Issue 12, item 2: hosts whose process is not like that of these specs. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { installNewestEndo } from './newest-endo.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));

const runHost = async (...args: readonly string[]): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as unknown;
};

const outcome = {
  saw: '#{"bridge":0.25,"count":1,"inCompartment":"4004000000000000","inVat":"4004000000000000","time":"+0"}',
  restarted: ['boot', 'vatAdmin', 'comms', 'vattp', 'timer', 'v6'].map(vat => `${vat}: restarted`),
  later: '#2',
};

describe('a host', () => {
  const host = join(here, 'host.ts');

  it('that tsx starts bundles and runs vats', async () => {
    expect(await runHost(tsx, host, 'local')).to.deep.equal(outcome);
  });

  it('with all hooks of tsx imported does the same', async () => {
    expect(await runHost('--import', 'tsx', host, 'local')).to.deep.equal(outcome);
  });

  describe('locked down by the newest generation of endo', () => {
    before(installNewestEndo);

    for (const worker of ['local', 'xsnap']) {
      it(`runs, creates and restarts vats on ${worker}`, async () => {
        const newest = join(here, 'ses2/host.ts');
        expect(await runHost('--import', 'tsx/esm', newest, worker)).to.deep.equal(outcome);
      });
    }
  });
});
