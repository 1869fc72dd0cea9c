import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { XsnapNotBuiltError } from '../../lib/platform/errors.js';
import { checkXsnapBinary, xsnapBinaryPath } from '../../lib/platform/xsnap-discovery.js';

const failureOf = async (path: string): Promise<unknown> =>
  checkXsnapBinary(path).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('xsnap discovery', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'xsnap-discovery-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('finds the binary that the package built', async () => {
    expect(await failureOf(xsnapBinaryPath(type()))).to.equal(undefined);
  });

  it('says how to build one that is missing', async () => {
    const path = join(directory, 'xsnap-worker');
    const failure = await failureOf(path);
    expect(failure).to.be.instanceOf(XsnapNotBuiltError).that.includes({
      code: 'XSNAP_NOT_BUILT',
      path,
    });
    const { message } = failure as Error;
    expect(message).to.include('npm rebuild @agoric/xsnap');
    expect(message).to.include('"allowScripts": { "@agoric/xsnap": true }');
    expect(message).to.include('build-essential');
  });

  it('refuses a binary that may not be executed', async () => {
    const path = join(directory, 'xsnap-worker');
    await writeFile(path, '#!/bin/sh\n');
    await chmod(path, 0o644);
    expect(await failureOf(path)).to.be.instanceOf(XsnapNotBuiltError);
    await chmod(path, 0o755);
    expect(await failureOf(path)).to.equal(undefined);
  });
});
