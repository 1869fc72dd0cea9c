import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { XsnapNotBuiltError, XsnapUnsupportedError } from '../../lib/platform/errors.js';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import { checkXsnapBinary, xsnapBinaryPath } from '../../lib/platform/xsnap-discovery.js';
import { startXsnapProcess } from '../../lib/platform/xsnap-process.js';
import { failureOf } from '../support/failure.js';

const problemOf = async (path: string): Promise<unknown> => failureOf(checkXsnapBinary(path));

describe('xsnap discovery', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'xsnap-discovery-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('finds the binary that the package built', async () => {
    await checkXsnapBinary(xsnapBinaryPath(type()));
  });

  it('says how to build one that is missing', async () => {
    const path = join(directory, 'xsnap-worker');
    const failure = await problemOf(path);
    expect(failure).to.be.instanceOf(XsnapNotBuiltError).that.includes({
      code: 'XSNAP_NOT_BUILT',
      path,
    });
    const { message } = failure as Error;
    expect(message).to.include('npm rebuild @agoric/xsnap');
    expect(message).to.include('"allowScripts": { "@agoric/xsnap": true }');
    expect(message).to.include('build-essential');
  });

  it('refuses an operating system that xsnap is not made for', async () => {
    expect(() => xsnapBinaryPath('Windows_NT'))
      .to.throw(XsnapUnsupportedError)
      .that.includes({ code: 'XSNAP_UNSUPPORTED', os: 'Windows_NT' });
    const powers = { ...makeNodeWorkerPowers(), os: 'Windows_NT' };
    expect(
      await failureOf(() => startXsnapProcess({ powers, name: 'none', meteringLimit: 0 })),
    ).to.be.instanceOf(XsnapUnsupportedError);
  });

  it('refuses a binary that may not be executed', async () => {
    const path = join(directory, 'xsnap-worker');
    await writeFile(path, '#!/bin/sh\n');
    await chmod(path, 0o644);
    expect(await problemOf(path)).to.be.instanceOf(XsnapNotBuiltError);
    await chmod(path, 0o755);
    await checkXsnapBinary(path);
  });
});
