import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { NotASwingStoreError, StoreExistsError } from '../../lib/store/errors.js';
import { copySwingStore } from '../../lib/store/copy.js';
import type { CopyProgress } from '../../lib/store/copy.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { useTempDirs } from './support/dirs.js';
import { runVatScript } from './support/script.js';
import { failureOf } from '../support/failure.js';

describe('copySwingStore', () => {
  const tempDir = useTempDirs();

  it('copies the last commit while the kernel goes on', async () => {
    const [from, to] = [tempDir(), tempDir()];
    const store = initSwingStore(from);
    await runVatScript(store);
    for (let i = 0; i < 3000; i += 1) {
      store.kernelStorage.kvStore.set(`key ${i}`, 'x'.repeat(1000));
    }
    await store.hostStorage.commit();
    const expected = store.debug.dump();
    const progress: CopyProgress[] = [];
    const copying = copySwingStore(from, to, { onProgress: step => progress.push(step) });
    store.kernelStorage.kvStore.set('later', '1');
    await store.hostStorage.commit();
    await copying;
    await store.hostStorage.close();
    expect(progress.length).to.be.at.least(1);
    expect(progress.at(-1)!.totalPages).to.be.greaterThan(700);

    const copy = openSwingStore(to);
    expect(copy.debug.dump()).to.deep.equal(expected);
    copy.kernelStorage.kvStore.set('copy', 'only');
    await copy.hostStorage.commit();
    await copy.hostStorage.close();
    const original = openSwingStore(from);
    expect(original.kernelStorage.kvStore.has('copy')).to.equal(false);
    expect(original.kernelStorage.kvStore.has('later')).to.equal(true);
    await original.hostStorage.close();
  });

  it('replaces nothing', async () => {
    const [from, to] = [tempDir(), tempDir()];
    for (const dirPath of [from, to]) {
      await initSwingStore(dirPath).hostStorage.close();
    }
    expect(await failureOf(copySwingStore(from, to)))
      .to.be.instanceOf(StoreExistsError)
      .that.includes({
        code: 'STORE_EXISTS',
        dirPath: to,
        message: `"${to}" already holds a store, which is never replaced: choose an empty directory`,
      });
    const missing = tempDir();
    expect(await failureOf(copySwingStore(missing, tempDir()))).to.be.instanceOf(
      NotASwingStoreError,
    );
    expect(existsSync(missing)).to.equal(false);
  });

  it('leaves no half a copy when it is stopped', async () => {
    const [from, to] = [tempDir(), tempDir()];
    const { kernelStorage, hostStorage } = initSwingStore(from);
    for (let i = 0; i < 8000; i += 1) {
      kernelStorage.kvStore.set(`key ${i}`, 'x'.repeat(1000));
    }
    await hostStorage.commit();
    await hostStorage.close();
    const controller = new AbortController();
    const error = await failureOf(
      copySwingStore(from, to, {
        signal: controller.signal,
        onProgress: () => controller.abort(new RangeError('enough')),
      }),
    );
    expect(error).to.be.instanceOf(RangeError);
    expect(existsSync(to)).to.equal(false);
    await copySwingStore(from, to);
    const copy = openSwingStore(to);
    expect(copy.kernelStorage.kvStore.get('key 7999')).to.have.length(1000);
    await copy.hostStorage.close();
  });
});
