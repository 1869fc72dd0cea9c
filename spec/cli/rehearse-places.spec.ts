/** Where `rehearse` writes. A mistake shows before the restart, which may take hours. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { errorOf } from '../controller/support.js';
import { makeTempDir } from '../support/swingset.js';
import { runCommand } from './support.js';

describe('swingset-kernel rehearse', () => {
  const rehearse = (...args: string[]) =>
    errorOf(() => runCommand('rehearse', '--home', 'no-store', '--epoch', '2', ...args));

  it('refuses a page that it could not write, before it looks at the store', async () => {
    const page = join(makeTempDir(), 'none', 'page.html');
    const error = await rehearse('--html', page);
    expect([error.code, error.message]).to.deep.equal([
      'USAGE',
      `--html: ENOENT: no such file or directory, open '${page}'`,
    ]);
  });

  it('leaves the place of the page as it was until there is a report', async () => {
    const [fresh, old] = [join(makeTempDir(), 'fresh.html'), join(makeTempDir(), 'old.html')];
    writeFileSync(old, 'the last report');
    for (const page of [fresh, old]) {
      expect((await rehearse('--html', page)).code).to.equal('NOT_A_SWINGSTORE');
    }
    expect(existsSync(fresh)).to.equal(false);
    expect(readFileSync(old, 'utf8')).to.equal('the last report');
  });

  it('names the directory that can not take the copy', async () => {
    const tempDir = join(makeTempDir(), 'none');
    const error = await rehearse('--temp-dir', tempDir);
    expect(error.code).to.equal('BAD_OPTION');
    expect(error.message).to.match(
      /^tempDir: expected a directory for the copy of the store \(ENOENT: .*\), got ".*none"$/,
    );
  });
});
