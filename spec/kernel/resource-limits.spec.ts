import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { startDemo } from './support/demo.js';
import type { LimitedOutcome } from './support/limited-host.js';

const host = fileURLToPath(new URL('support/limited-host.ts', import.meta.url));

/** In a host of its own, after `ulimit`s. */
const askAlice = async (
  path: string,
  method: string,
  ulimits: readonly string[],
): Promise<LimitedOutcome> => {
  const limits = ulimits.map(limit => `ulimit ${limit}; `).join('');
  const command = [process.execPath, '--import', 'tsx/esm', host, path, method];
  const { stdout } = await promisify(execFile)('/bin/sh', [
    '-c',
    `${limits}exec "$0" "$@"`,
    ...command,
  ]);
  return JSON.parse(stdout) as LimitedOutcome;
};

describe('what a vat takes of memory and stack (issue 10)', () => {
  let path: string;

  beforeEach(async function () {
    if (process.platform !== 'linux') this.skip();
    path = mkdtempSync(join(tmpdir(), 'resource-limits-'));
    const demo = await startDemo('xsnap', { store: { path } });
    await demo.finish();
  });

  afterEach(() => rmSync(path, { recursive: true, force: true }));

  const outcomeLater = async (method: string) => {
    const demo = await startDemo('xsnap', { store: { path } });
    expect(await demo.host('send', 'alice', 'echo', 1)).to.deep.equal(['fulfilled', [1]]);
    const outcome = await demo.host('send', 'alice', method);
    await demo.finish();
    return outcome;
  };

  it('is its fault beyond what XS allows, and never where the machine refuses it before', async () => {
    // Refused at about 0.7 GiB; XS would allow 1 GiB for arrays.
    const { codes, exitCode, warnings } = await askAlice(path, 'exhaust', ['-d 786432']);
    expect(codes).to.deep.equal(['KERNEL_PANIC', 'WORKER_DIED']);
    expect(exitCode).to.equal(11);
    expect(warnings.join()).to.include('data is limited to 0.8 GiB (ulimit -d)');
    expect(await outcomeLater('exhaust')).to.deep.equal(['rejected', 'vat terminated']);
  });

  it('is its fault beyond the stack of every worker, and never where the host has a smaller one', async () => {
    const { codes, exitCode, warnings } = await askAlice(path, 'nest', ['-s 1024']);
    expect(codes).to.deep.equal(['KERNEL_PANIC', 'WORKER_DIED']);
    expect(exitCode).to.equal(12);
    expect(warnings.join()).to.include('the stack is limited to 1024 KiB (ulimit -s)');
    expect(await outcomeLater('nest')).to.deep.equal(['fulfilled', 6002]);
  });

  it('does not depend on a smaller soft limit of the host', async () => {
    expect(await askAlice(path, 'nest', ['-S -s 1024'])).to.deep.equal({ codes: [], warnings: [] });
  });
});
