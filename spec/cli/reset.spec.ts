/** What `run --reset` and `init` do with what is in the directory. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openSwingStore, initSwingStore } from '../../lib/store/swing-store.js';
import { errorOf } from '../controller/support.js';
import { copyNotes, summarize } from '../host/operator-actions/support.js';
import { makeTempDir } from '../support/swingset.js';
import { runCommand } from './support.js';

const vats = fileURLToPath(new URL('./vats', import.meta.url));

const configWith = (sourceSpec: string): string => {
  const path = join(makeTempDir(), 'swingset.json');
  writeFileSync(path, JSON.stringify({ vats: { a: { sourceSpec } }, defaultManagerType: 'local' }));
  return path;
};

describe('swingset-kernel run --reset', () => {
  it('makes a new swingset in the place of the old one', async () => {
    const { home } = await copyNotes();
    const { code, text, warnings } = await runCommand(
      ...['run', vats, '--home', home, '--reset', '--worker', 'local', '--epoch', 'spring'],
    );
    expect([code, warnings]).to.deep.equal([0, []]);
    expect(text).to.match(/^made a new swingset in .*\n.* spring is the first one/);
    const { vats: found, ledger } = await summarize(home);
    expect(found.map(({ name }) => name))
      .to.include('alice')
      .and.not.to.include('held');
    expect(ledger.map(({ epoch }) => epoch)).to.deep.equal(['spring']);
  });

  it('keeps the old one whatever is wrong with the new one', async () => {
    const { home } = await copyNotes();
    const before = await summarize(home);
    const noParcel = join(makeTempDir(), 'vat-broken.js');
    writeFileSync(noParcel, 'export const buildRootObject = ( =>');
    for (const [given, message] of [
      [[vats, '--epoch', '2', '--vat-parameters', 'none.json'], /^--vat-parameters: ENOENT/],
      [[configWith(noParcel)], /can not be bundled/],
      [[vats, '--worker', 'local', '--image-bundles', 'none'], /^imageBundles: expected the ID/],
    ] as const) {
      const error = await errorOf(() => runCommand('run', ...given, '--home', home, '--reset'));
      expect(error.message, given.join(' ')).to.match(message);
      expect(await summarize(home), given.join(' ')).to.deep.equal(before);
      expect(existsSync(join(home, 'swingstore.partial'))).to.equal(false);
    }
  });

  it('leaves a store alone that another process has open', async () => {
    const { home } = await copyNotes();
    const { hostStorage } = openSwingStore(home);
    const error = await errorOf(() => runCommand('run', vats, '--home', home, '--reset'));
    await hostStorage.close();
    expect(error.code).to.equal('STORE_LOCKED');
  });
});

describe('swingset-kernel init', () => {
  it('goes on where an attempt was interrupted that had made nothing yet', async () => {
    const home = makeTempDir();
    await initSwingStore(home).hostStorage.close();
    const error = await errorOf(() => runCommand('init', 'none.json', '--home', home));
    expect(error.message).to.match(/none\.json: can not be read/);
    const made = await copyNotes();
    const taken = await errorOf(() => runCommand('init', 'none.json', '--home', made.home));
    expect(taken.code).to.equal('STORE_EXISTS');
  });
});
