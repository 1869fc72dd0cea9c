import { existsSync } from 'node:fs';
import * as swingStore from '@agoric/swing-store';
import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { NotASwingStoreError, StoreLockedError, StoreUsageError } from '../../lib/store/errors.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { killNow, nextMessage, startWriter, untilEnded } from './support/child.js';
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
    await untilEnded(refused);
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

  it('lets in who opens to read only, who sees one commit and writes nothing', async () => {
    const dirPath = tempDir();
    expect(() => openSwingStore(dirPath, { readOnly: true })).to.throw(NotASwingStoreError);
    expect(existsSync(dirPath)).to.equal(false);
    expect(() => initSwingStore(dirPath, { readOnly: true })).to.throw(BadOptionError, /readOnly/);

    const writer = initSwingStore(dirPath);
    const { kernelStorage, hostStorage } = writer;
    kernelStorage.kvStore.set('a', '1');
    await hostStorage.commit();
    kernelStorage.kvStore.set('a', '2');
    const reader = openSwingStore(dirPath, { readOnly: true });
    expect(reader.kernelStorage.kvStore.get('a')).to.equal('1');
    await hostStorage.commit();
    expect(reader.kernelStorage.kvStore.get('a')).to.equal('1');
    const other = openSwingStore(dirPath, { readOnly: true });
    expect(other.kernelStorage.kvStore.get('a')).to.equal('2');
    for (const write of [
      () => reader.kernelStorage.kvStore.set('b', '1'),
      () => reader.hostStorage.kvStore.set('host.b', '1'),
      () => reader.kernelStorage.transcriptStore.initTranscript('v1'),
      () => reader.kernelStorage.startCrank(),
    ]) {
      expect(write).to.throw(StoreUsageError, /read-only/);
    }
    await reader.hostStorage.commit();
    await reader.hostStorage.close();
    await other.hostStorage.close();
    kernelStorage.kvStore.set('a', '3');
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
