import { lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NotASwingStoreError, StoreLockedError } from '../../lib/store/errors.js';
import { replaceStore } from '../../lib/store/staging.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { failureOf } from '../support/failure.js';
import { useTempDirs } from './support/dirs.js';

const makeStore = async (dirPath: string, value: string): Promise<void> => {
  const { kernelStorage, hostStorage } = initSwingStore(dirPath);
  kernelStorage.kvStore.set('which', value);
  await hostStorage.commit();
  await hostStorage.close();
};

const readStore = async (dirPath: string): Promise<string | undefined> => {
  const { kernelStorage, hostStorage } = openSwingStore(dirPath, { readOnly: true });
  const value = kernelStorage.kvStore.get('which');
  await hostStorage.close();
  return value;
};

describe('replaceStore', () => {
  const tempDir = useTempDirs();

  it('puts a store in the place of another when it is complete, and keeps other files', async () => {
    const home = tempDir();
    await makeStore(home, 'old');
    writeFileSync(join(home, 'notes'), 'mine');
    await replaceStore(home, async staging => {
      await makeStore(staging, 'new');
      // The old one is whole, and nobody else can write to it.
      expect(await readStore(home)).to.equal('old');
      expect(await failureOf(() => openSwingStore(home))).to.be.instanceOf(StoreLockedError);
    });
    expect(await readStore(home)).to.equal('new');
    expect(readdirSync(home)).to.include('notes').and.not.to.include('swingstore.partial');
  });

  it('creates one where there is none', async () => {
    const home = join(tempDir(), 'not', 'yet');
    await replaceStore(home, staging => makeStore(staging, 'new'));
    expect(await readStore(home)).to.equal('new');
  });

  it('leaves the old one if the new one fails', async () => {
    const home = tempDir();
    await makeStore(home, 'old');
    const error = Error('no such vat');
    const failure = await failureOf(
      replaceStore(home, async staging => {
        await makeStore(staging, 'new');
        throw error;
      }),
    );
    expect(failure).to.equal(error);
    expect(await readStore(home)).to.equal('old');
    expect(readdirSync(home)).not.to.include('swingstore.partial');
    await openSwingStore(home).hostStorage.close();
  });

  it('replaces the file that a link leads to', async () => {
    const [home, disk] = [tempDir(), tempDir()];
    await makeStore(disk, 'old');
    mkdirSync(home, { recursive: true });
    const link = join(home, 'swingstore.sqlite');
    symlinkSync(join(disk, 'swingstore.sqlite'), link);
    await replaceStore(home, staging => makeStore(staging, 'new'));
    expect(lstatSync(link).isSymbolicLink()).to.equal(true);
    expect([await readStore(home), await readStore(disk)]).to.deep.equal(['new', 'new']);
  });

  it('takes no directory of something else', async () => {
    const home = tempDir();
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'photo'), 'x');
    const failure = await failureOf(replaceStore(home, staging => makeStore(staging, 'new')));
    expect(failure).to.be.instanceOf(NotASwingStoreError);
    expect(readdirSync(home)).to.deep.equal(['photo']);
  });
});
