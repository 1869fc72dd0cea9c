import * as swingStore from '@agoric/swing-store';
import { expect } from 'chai';
import type { ExportChange } from '../../lib/store/export-log.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { StoreClosedError, StoreUsageError } from '../../lib/store/errors.js';
import { useTempDirs } from './support/dirs.js';
import { runCrankScript, runVatScript, scriptBundleID } from './support/script.js';
import { failureOf } from '../support/failure.js';

/** Applies announcements as a host's Merkle tree would. */
const makeMirror = () => {
  const announced: ExportChange[][] = [];
  const data = new Map<string, string>();
  const exportCallback = (changes: ExportChange[]): void => {
    announced.push(changes);
    for (const [key, value] of changes) {
      if (value === null) {
        data.delete(key);
      } else {
        data.set(key, value);
      }
    }
  };
  return { announced, data, exportCallback };
};

describe('exportCallback', () => {
  const tempDir = useTempDirs();

  it('is told the same as swing-store’s, at the same moments', async () => {
    const ours = makeMirror();
    const theirs = makeMirror();
    const stores = [
      initSwingStore(null, { exportCallback: ours.exportCallback }),
      swingStore.initSwingStore(null, { exportCallback: theirs.exportCallback }),
    ];
    for (const store of stores) {
      await runVatScript(store);
      await store.hostStorage.commit();
      runCrankScript(store);
      await store.hostStorage.commit();
      const { transcriptStore, snapStore, bundleStore } = store.kernelStorage;
      await transcriptStore.stopUsingTranscript('v10');
      snapStore.stopUsingLastSnapshot('v10');
      await store.hostStorage.commit();
      transcriptStore.deleteVatTranscripts('v10', 2);
      transcriptStore.deleteVatTranscripts('v2');
      snapStore.deleteVatSnapshots('v2');
      snapStore.deleteVatSnapshots('v10', 1);
      await store.hostStorage.commit();
      bundleStore.deleteBundle(scriptBundleID);
      await store.hostStorage.commit();
    }
    expect(ours.announced).to.deep.equal(theirs.announced);
    expect(ours.announced).to.have.length.greaterThan(5);
  });

  it('mirrors the full export', async () => {
    const dirPath = tempDir();
    const mirror = makeMirror();
    const store = initSwingStore(dirPath, { exportCallback: mirror.exportCallback });
    await runVatScript(store);
    runCrankScript(store);
    await store.hostStorage.commit();
    const exporter = swingStore.makeSwingStoreExporter(dirPath);
    const full = new Map<string, string>();
    for await (const [key, value] of exporter.getExportData()) {
      full.set(key, value);
    }
    await exporter.close();
    await store.hostStorage.close();
    expect(Object.fromEntries(mirror.data)).to.deep.equal(Object.fromEntries(full));
  });

  it('orders keys by UTF-8 bytes and names each key once', async () => {
    const { announced, exportCallback } = makeMirror();
    const { kernelStorage, hostStorage } = initSwingStore(null, { exportCallback });
    for (const key of ['🗝', '\uffee', 'a', '🗝']) {
      kernelStorage.kvStore.set(key, '1');
      kernelStorage.kvStore.set(key, '2');
    }
    kernelStorage.kvStore.delete('a');
    await hostStorage.commit();
    await hostStorage.commit();
    expect(announced).to.deep.equal([
      [
        ['kv.a', null],
        ['kv.\uffee', '2'],
        ['kv.🗝', '2'],
      ],
    ]);
  });

  it('hears nothing of what a crank undid', () => {
    const { announced, exportCallback } = makeMirror();
    const { kernelStorage } = initSwingStore(null, { exportCallback });
    kernelStorage.startCrank();
    kernelStorage.kvStore.set('a', 'kept');
    kernelStorage.establishCrankSavepoint('one');
    kernelStorage.kvStore.set('a', 'undone');
    kernelStorage.establishCrankSavepoint('two');
    kernelStorage.kvStore.set('b', 'undone');
    kernelStorage.rollbackCrank('one');
    kernelStorage.establishCrankSavepoint('three');
    kernelStorage.kvStore.set('c', 'kept');
    expect(announced).to.deep.equal([]);
    kernelStorage.endCrank();
    expect(announced).to.deep.equal([
      [
        ['kv.a', 'kept'],
        ['kv.c', 'kept'],
      ],
    ]);
  });

  it('hears nothing while deferred, also over a commit and a restart, and then everything', async () => {
    const dirPath = tempDir();
    const first = makeMirror();
    const one = initSwingStore(dirPath, { exportCallback: first.exportCallback });
    one.kernelStorage.deferExports();
    one.kernelStorage.startCrank();
    one.kernelStorage.kvStore.set('a', '1');
    one.kernelStorage.kvStore.set('b', '1');
    one.kernelStorage.endCrank();
    await one.hostStorage.commit();
    one.kernelStorage.kvStore.set('c', 'not committed');
    expect(first.announced).to.deep.equal([]);
    await one.hostStorage.close();

    const second = makeMirror();
    const two = openSwingStore(dirPath, { exportCallback: second.exportCallback });
    two.kernelStorage.deferExports();
    two.kernelStorage.kvStore.set('b', '2');
    two.kernelStorage.resumeExports();
    expect(second.announced).to.deep.equal([]);
    await two.hostStorage.commit();
    expect(second.announced).to.deep.equal([
      [
        ['kv.a', '1'],
        ['kv.b', '2'],
      ],
    ]);
    await two.hostStorage.close();

    const third = makeMirror();
    const three = openSwingStore(dirPath, { exportCallback: third.exportCallback });
    await three.hostStorage.commit();
    expect(third.announced).to.deep.equal([]);
    await three.hostStorage.close();
  });

  it('hands over again what the host failed to take', async () => {
    let failing = true;
    const seen: ExportChange[][] = [];
    const { kernelStorage, hostStorage } = initSwingStore(null, {
      exportCallback: changes => {
        if (failing) {
          throw new RangeError('not now');
        }
        seen.push(changes);
      },
    });
    kernelStorage.kvStore.set('a', '1');
    const error = await failureOf(hostStorage.commit());
    expect(error).to.be.instanceOf(RangeError);
    failing = false;
    await hostStorage.commit();
    expect(seen).to.deep.equal([[['kv.a', '1']]]);
  });

  describe('announceExports', () => {
    it('announces what is pending outside of cranks, once, before the commit', async () => {
      const { announced, exportCallback } = makeMirror();
      const { kernelStorage, hostStorage } = initSwingStore(null, { exportCallback });
      kernelStorage.kvStore.set('a', '1');
      kernelStorage.kvStore.delete('b');
      hostStorage.announceExports();
      const expected = [
        [
          ['kv.a', '1'],
          ['kv.b', null],
        ],
      ];
      expect(announced).to.deep.equal(expected);
      hostStorage.announceExports();
      await hostStorage.commit();
      expect(announced).to.deep.equal(expected);
    });

    it('lets the callback write rows of the host, which the same commit makes durable', async () => {
      const dirPath = tempDir();
      const store = initSwingStore(dirPath, {
        exportCallback: changes => {
          store.hostStorage.kvStore.set('host.seen', JSON.stringify(changes));
        },
      });
      store.kernelStorage.kvStore.set('a', '1');
      store.hostStorage.announceExports();
      await store.hostStorage.commit();
      await store.hostStorage.close();
      const again = openSwingStore(dirPath);
      expect(again.hostStorage.kvStore.get('host.seen')).to.equal('[["kv.a","1"]]');
      await again.hostStorage.close();
    });

    it('is refused in a crank, and leaves the changes pending', () => {
      const { announced, exportCallback } = makeMirror();
      const { kernelStorage, hostStorage } = initSwingStore(null, { exportCallback });
      kernelStorage.startCrank();
      kernelStorage.kvStore.set('a', '1');
      expect(() => hostStorage.announceExports()).to.throw(
        StoreUsageError,
        'announceExports: a crank is in progress and may still be rolled back',
      );
      expect(announced).to.deep.equal([]);
      kernelStorage.endCrank();
      expect(announced).to.deep.equal([[['kv.a', '1']]]);
    });

    it('announces nothing while exports are deferred, and everything afterwards', () => {
      const { announced, exportCallback } = makeMirror();
      const { kernelStorage, hostStorage } = initSwingStore(null, { exportCallback });
      kernelStorage.deferExports();
      kernelStorage.kvStore.set('a', '1');
      hostStorage.announceExports();
      expect(announced).to.deep.equal([]);
      kernelStorage.resumeExports();
      hostStorage.announceExports();
      expect(announced).to.deep.equal([[['kv.a', '1']]]);
    });

    it('does nothing without a callback, and is refused once the store is closed', async () => {
      const { kernelStorage, hostStorage } = initSwingStore(null);
      kernelStorage.kvStore.set('a', '1');
      hostStorage.announceExports();
      await hostStorage.close();
      expect(() => hostStorage.announceExports()).to.throw(StoreClosedError);
    });
  });
});
