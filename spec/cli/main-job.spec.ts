import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { isSwingStore } from '../../lib/store/directory.js';

const main = fileURLToPath(new URL('../../examples/main.ts', import.meta.url));

describe('the main job', () => {
  it('shows three lives of a swingset, checks them, and keeps the store that it was given', async () => {
    const home = await mkdtemp(join(tmpdir(), 'main-job-'));
    try {
      const args = ['--import', 'tsx/esm', main, '--home', home];
      const output = await new Promise<string>((resolve, reject) => {
        execFile(process.execPath, args, (error, stdout, stderr) =>
          error ? reject(Error(`${error.message}\n${stderr}`)) : resolve(stdout),
        );
      });
      // The job itself checks accounts, incarnations and the rejected promise (check-lives.ts).
      expect(output).to.contain('same epoch: nothing restarted. next epoch: every vat restarted');
      expect(output).to.match(/== third life[^]*v7 +journal +dynamic +xsnap +1 +restarted/);
      expect(isSwingStore(home)).to.equal(true);
    } finally {
      await rm(home, { recursive: true });
    }
  });
});
