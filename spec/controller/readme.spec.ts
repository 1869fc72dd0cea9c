import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { fixture } from './support.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const publicApi = new URL('../../lib/index.ts', import.meta.url).href;

describe('the README', () => {
  let dir: string;

  before(async () => {
    // Within the project, so that the host finds its packages.
    dir = await mkdtemp(join(root, 'tmp-readme-'));
  });

  after(() => rm(dir, { recursive: true }));

  it('shows a host that runs, and that restarts vats when the epoch advances', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const shown = /## Write your own host[^]*?```js\n([^]*?)```/.exec(readme)?.[1] ?? '';
    const host = shown.replace(`'swingset-kernel'`, JSON.stringify(publicApi));
    expect(host).to.contain(publicApi);
    const config = { vats: { counter: { sourceSpec: fixture('counter') } } };
    await writeFile(join(dir, 'swingset.json'), JSON.stringify(config));
    const run = async (name: string, source: string) => {
      await writeFile(join(dir, name), source);
      const args = ['--import', 'tsx/esm', name];
      return promisify(execFile)(process.execPath, args, { cwd: dir });
    };
    expect(await run('first.mjs', host)).to.deep.equal({ stdout: '', stderr: '' });
    const second = await run('second.mjs', host.replace(`'spring'`, `'summer'`));
    expect(second.stdout.split('\n')).to.include.members(['vatAdmin restarted', 'timer restarted']);
  });
});
