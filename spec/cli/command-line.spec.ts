import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openSwingStore } from '../../lib/store/swing-store.js';

const bin = fileURLToPath(new URL('../../bin/swingset-kernel.js', import.meta.url));
const vats = fileURLToPath(new URL('./vats', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const swingsetKernel = (...args: string[]): Promise<Outcome> =>
  new Promise(resolve => {
    execFile(process.execPath, [bin, ...args], (error, stdout, stderr) => {
      const code = error ? Number((error as { code?: number }).code ?? -1) : 0;
      resolve({ code, stdout, stderr });
    });
  });

interface RunResult {
  readonly isNew: boolean;
  readonly cranks: number;
  readonly bootstrap: unknown;
  readonly activityhash: string;
  readonly report?: { readonly to: number; readonly vats: readonly { readonly result: string }[] };
}

/** Lines of the progress bar, which a slow machine gets. */
const PROGRESS = /^\[[#.]+\] \d+ of \d+ vats.*\n/gm;

const json = <T = RunResult>(outcome: Outcome): T => {
  expect(outcome.stderr.replaceAll(PROGRESS, '')).to.equal('');
  expect(outcome.code).to.equal(0);
  return JSON.parse(outcome.stdout) as T;
};

describe('swingset-kernel', () => {
  let dir: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cli-'));
  });

  after(() => rm(dir, { recursive: true }));

  it('runs a directory of vats over three calls, and restarts them at a new epoch', async () => {
    const home = join(dir, 'home');
    const slog = join(dir, 'slog.jsonl');
    const run = (...args: string[]) => swingsetKernel('run', '--home', home, '--json', ...args);

    const made = json(await run(vats, '--epoch', '1', '--worker', 'local', '--', 'hello'));
    expect(made.isNew).to.equal(true);
    expect(made.report).to.equal(undefined);
    expect(made.cranks).to.be.greaterThan(3);
    expect(made.bootstrap).to.deep.equal({
      state: 'fulfilled',
      value:
        '#{"argv":["hello"],"parties":["alice","bootstrap","comms","timer","vatAdmin","vattp"]}',
    });

    const same = json(await run('--epoch', '1'));
    expect([same.isNew, same.cranks, same.report]).to.deep.equal([false, 0, undefined]);
    expect(same.activityhash).to.equal(made.activityhash);

    const next = json(await run('--epoch', '2', '--slog', slog));
    const restarted = next.report?.vats ?? [];
    expect(next.report?.to).to.equal(2);
    expect(restarted.length).to.be.greaterThan(2);
    expect(new Set(restarted.map(({ result }) => result))).to.deep.equal(new Set(['restarted']));
    expect(await readFile(slog, 'utf8')).to.contain('"type":"epoch-restart-finish"');

    const back = await run('--epoch', '1');
    expect(back.code).to.equal(1);
    expect(back.stderr).to.match(/^swingset-kernel: --epoch 1 is older than 2/);

    // The commands that only read may be called while a host has it open and writes.
    const { hostStorage, kernelStorage } = openSwingStore(home);
    kernelStorage.kvStore.delete('activityhash');
    const status = await swingsetKernel('status', '--home', home);
    expect(status.stdout).to.contain(`activityhash ${next.activityhash}`);
    expect(status.stdout).to.match(/platform epoch 2 \(complete\)/);
    expect(status.stdout).to.match(/^v\d +alice +static +local +1 /m);
    const ledger = json<{ epoch: number }[]>(
      await swingsetKernel('epochs', '--home', home, '--json'),
    );
    expect(ledger.map(({ epoch }) => epoch)).to.eql([1, 2]);
    const verified = await swingsetKernel('store', 'verify', '--home', home);
    expect(verified.code).to.equal(0);
    expect(verified.stdout).to.match(/: all well$/m);
    const copy = join(dir, 'copy');
    expect((await swingsetKernel('store', 'copy', copy, '--home', home)).code).to.equal(0);
    const stats = await swingsetKernel('store', 'stats', '--home', copy);
    expect(stats.stdout).to.match(/^v1 /m);
    // The host goes on as if nobody had looked.
    kernelStorage.kvStore.set('activityhash', next.activityhash);
    await hostStorage.commit();
    await hostStorage.close();
  });

  it('warns on stderr of fields that it does not know, and runs', async () => {
    const config = join(dir, 'newer.json');
    await writeFile(config, '{ "$comment": "newer", "defaultManagerType": "local", "newr": 1 }');
    const { code, stdout, stderr } = await swingsetKernel(
      ...['run', config, '--home', join(dir, 'newer'), '--worker', 'local'],
    );
    expect(stderr).to.match(
      /^swingset-kernel: warning: .*newer\.json: config\.newr: unknown field; known are .*\n$/,
    );
    expect({ code, stdout: stdout.split(' in ')[0] }).to.deep.equal({
      code: 0,
      stdout: 'made a new swingset',
    });
  });

  it('says what is wrong in one line, and keeps stacks for --debug', async () => {
    const home = join(dir, 'none');
    const config = join(dir, 'swingset.json');
    await writeFile(config, '{ "bootsrap": "a" }');
    const bad = await swingsetKernel('run', config, '--home', home, '--strict');
    expect(bad).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: `swingset-kernel: ${config}: config.bootsrap: unknown field; did you mean bootstrap?\n`,
    });
    const debug = await swingsetKernel('run', config, '--home', home, '--strict', '--debug');
    expect(debug.stderr).to.match(/\n +at /);
    const missing = await swingsetKernel('status', '--home', home);
    expect(missing.code).to.equal(1);
    expect(missing.stderr).to.contain('is not a swingstore');
    const rules = ['--epoch', '2', '--vat-parameters', join(dir, 'none.json')];
    const unread = await swingsetKernel('run', '--home', home, ...rules);
    expect([unread.code, unread.stderr.split('\n')[1]]).to.deep.equal([
      2,
      'Try swingset-kernel run --help',
    ]);
    const usage = await swingsetKernel('run', config);
    expect([usage.code, usage.stderr]).to.deep.equal([
      2,
      "swingset-kernel: required option '--home <dir>' not specified\nTry swingset-kernel run --help\n",
    ]);
  });
});
