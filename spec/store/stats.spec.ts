import { expect } from 'chai';
import { StoreLockedError } from '../../lib/store/errors.js';
import { compactStore, getStoreStats } from '../../lib/store/stats.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { useTempDirs } from './support/dirs.js';
import { oneChunk, scriptBundle, scriptBundleID } from './support/script.js';

describe('store statistics', () => {
  const tempDir = useTempDirs();

  it('say what takes the space, by vat and kind', async () => {
    const dirPath = tempDir();
    const { kernelStorage, hostStorage } = initSwingStore(dirPath, { keepSnapshots: true });
    const { kvStore, transcriptStore, snapStore, bundleStore, imageStore } = kernelStorage;
    kvStore.set('vat.names', '["é"]');
    kvStore.set('v1.vs.a', '12');
    kvStore.set('v1.o.nextID', '3');
    kvStore.set('v12.x', '');
    transcriptStore.initTranscript('v1');
    transcriptStore.addItem('v1', 'old');
    transcriptStore.rolloverSpan('v1');
    transcriptStore.addItem('v1', 'né');
    transcriptStore.initTranscript('v2');
    transcriptStore.addItem('v2', 'ended');
    transcriptStore.stopUsingTranscript('v2');
    const { compressedSize } = await snapStore.saveSnapshot('v1', 1, oneChunk('heap'));
    bundleStore.addBundle(scriptBundleID, scriptBundle);
    await hostStorage.commit();
    const none = { count: 0, bytes: 0 };
    const stats = getStoreStats(dirPath);
    expect(stats).to.deep.include({
      kernelKV: { count: 1, bytes: 9 + 6 },
      bundles: { count: 1, bytes: JSON.stringify(scriptBundle).length },
      images: none,
      vats: {
        v1: {
          kv: { count: 2, bytes: 7 + 2 + 11 + 1 },
          currentItems: { count: 1, bytes: 3 },
          oldItems: { count: 1, bytes: 3 },
          snapshots: { count: 1, bytes: compressedSize },
        },
        v12: { kv: { count: 1, bytes: 5 }, currentItems: none, oldItems: none, snapshots: none },
        v2: {
          kv: none,
          currentItems: none,
          oldItems: { count: 1, bytes: 5 },
          snapshots: none,
        },
      },
    });
    expect(stats.file.journalBytes).to.be.greaterThan(0);
    imageStore.save(Buffer.from('image'));
    await hostStorage.commit();
    expect(getStoreStats(dirPath).images.count).to.equal(1);
    await hostStorage.close();
  });

  it('show what compacting gives back', async () => {
    const dirPath = tempDir();
    const first = initSwingStore(dirPath);
    for (let i = 0; i < 2000; i += 1) {
      first.kernelStorage.kvStore.set(`key ${i}`, 'x'.repeat(500));
    }
    await first.hostStorage.commit();
    for (let i = 1; i < 2000; i += 1) {
      first.kernelStorage.kvStore.delete(`key ${i}`);
    }
    await first.hostStorage.commit();
    expect(() => compactStore(dirPath)).to.throw(StoreLockedError);
    await first.hostStorage.close();
    const full = getStoreStats(dirPath).file;
    expect(full.freeBytes).to.be.greaterThan(900_000);
    const { before, after } = compactStore(dirPath);
    expect(before).to.be.at.least(full.bytes);
    expect(after).to.be.lessThan(100_000);
    expect(getStoreStats(dirPath).file).to.deep.equal({
      bytes: after,
      journalBytes: 0,
      freeBytes: 0,
    });
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    expect(kernelStorage.kvStore.get('key 0')).to.have.length(500);
    await hostStorage.close();
  });
});
