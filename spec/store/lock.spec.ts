import { once } from 'node:events';
import * as swingStore from '@agoric/swing-store';
import { expect } from 'chai';
import { StoreLockedError } from '../../lib/store/errors.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { killNow, nextMessage, startWriter } from './support/child.js';
import { useTempDirs } from './support/dirs.js';

describe('the writer’s lock', () => {
  const tempDir = useTempDirs();

  const expectLocked = (dirPath: string): void => {
    for (const open of [openSwingStore, initSwingStore]) {
      expect(() => open(dirPath))
        .to.throw(StoreLockedError)
        .that.includes({ code: 'STORE_LOCKED', dirPath });
    }
  };

  it('keeps a second writer of the same process out until the first closes', async () => {
    const dirPath = tempDir();
    const first = initSwingStore(dirPath);
    first.kernelStorage.kvStore.set('a', '1');
    await first.hostStorage.commit();
    expectLocked(dirPath);
    expect(first.kernelStorage.kvStore.get('a')).to.equal('1');
    await first.hostStorage.close();
    const second = openSwingStore(dirPath);
    expect(second.kernelStorage.kvStore.get('a')).to.equal('1');
    await second.hostStorage.close();
  });

  it('keeps other processes out and goes with its process, however that ends', async () => {
    const dirPath = tempDir();
    const first = initSwingStore(dirPath);
    first.kernelStorage.kvStore.set('a', '1');
    await first.hostStorage.commit();
    const refused = startWriter(dirPath, 'hold');
    const message = await nextMessage<{ code: string; error: string }>(refused);
    expect(message.code).to.equal('STORE_LOCKED');
    expect(message.error).to.contain(dirPath);
    await once(refused, 'exit');
    await first.hostStorage.close();

    const holder = startWriter(dirPath, 'hold');
    await nextMessage(holder);
    expectLocked(dirPath);
    await killNow(holder);
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    expect(kernelStorage.kvStore.get('a')).to.equal('1');
    expect(kernelStorage.kvStore.has('held')).to.equal(false);
    await hostStorage.close();
  });

  it('lets readers of both packages in, while changes are pending', async () => {
    const dirPath = tempDir();
    const { kernelStorage, hostStorage } = initSwingStore(dirPath);
    kernelStorage.kvStore.set('a', '1');
    await hostStorage.commit();
    kernelStorage.kvStore.set('a', '2');
    for (const make of [makeSwingStoreExporter, swingStore.makeSwingStoreExporter]) {
      const exporter = make(dirPath);
      const data = [];
      for await (const entry of exporter.getExportData()) {
        data.push(entry);
      }
      expect(data).to.deep.equal([['kv.a', '1']]);
      await exporter.close();
    }
    await hostStorage.commit();
    await hostStorage.close();
  });

  it('notices that a program without the lock has written', async () => {
    const dirPath = tempDir();
    const ours = initSwingStore(dirPath);
    ours.kernelStorage.kvStore.set('a', '1');
    await ours.hostStorage.commit();
    const theirs = swingStore.openSwingStore(dirPath);
    theirs.kernelStorage.kvStore.set('a', '2');
    await theirs.hostStorage.commit();
    await theirs.hostStorage.close();
    expect(() => ours.kernelStorage.kvStore.set('b', '1')).to.throw(/another program/);
    await ours.hostStorage.close();
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    expect(kernelStorage.kvStore.get('a')).to.equal('2');
    await hostStorage.close();
  });
});
