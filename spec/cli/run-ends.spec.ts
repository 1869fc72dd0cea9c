import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { isRunning, until } from '../support/processes.js';

const bin = fileURLToPath(new URL('../../bin/swingset-kernel.js', import.meta.url));
const vats = fileURLToPath(new URL('./unruly-vats', import.meta.url));

describe('swingset-kernel run ends', () => {
  let home: string;

  beforeEach(() => {
    home = join(mkdtempSync(join(tmpdir(), 'run-ends-')), 'home');
  });

  afterEach(() => rmSync(join(home, '..'), { recursive: true }));

  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [bin, 'run', vats, '--home', home, ...args]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    const isLooping = () => until(() => output.includes('looping'));
    return { child, ended, isLooping, output: () => output };
  };

  /** Of the workers that run on the store now, as the kernel has recorded them. */
  const workerPids = (): number[] =>
    readdirSync(join(home, 'swingstore.processes')).map(name => {
      const record = readFileSync(join(home, 'swingstore.processes', name), 'utf8');
      return (JSON.parse(record) as { pid: number }).pid;
    });

  it('with its exit code after a kernel panic', async () => {
    const { ended, output } = start('--', 'throw');
    expect(await ended).to.deep.equal([1, null]);
    expect(output()).to.contain('swingset-kernel: kernel panic');
  });

  it('with no worker left, however often it is killed, when the next one ends at SIGTERM', async () => {
    const left: number[] = [];
    for (let round = 1; round <= 2; round += 1) {
      const { child, ended, isLooping } = start('--', 'loop');
      await isLooping();
      const pids = workerPids();
      child.kill('SIGKILL');
      await ended;
      left.push(...pids.filter(isRunning));
    }
    expect(left).to.have.length.greaterThan(0);

    // The next one ends it too, and at SIGTERM its own worker that loops.
    const { child, ended, isLooping, output } = start('--', 'loop');
    await isLooping();
    left.push(...workerPids());
    child.kill('SIGTERM');
    expect(await ended).to.deep.equal([1, null]);
    expect(output()).to.contain('stopped by SIGTERM').and.not.to.contain('PANIC');
    expect(left.filter(isRunning)).to.deep.equal([]);
    expect(readdirSync(home)).not.to.include('swingstore.processes');
  });
});
