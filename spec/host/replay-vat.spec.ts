/** Rebuilds a lost snapshot of a real vat, with and without a heap rule. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { initializeSwingset } from '../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { makeSnapshotReplay } from '../../lib/host/replay-vat.js';
import { readHeapHead } from '../../lib/platform/heap-format.js';
import { countSlotsNeeded } from '../../lib/platform/heap-slots.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import { repairStore } from '../../lib/store/repair.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import type { VatID } from '../../lib/types/ids.js';
import type { HeapRule } from '../../lib/types/vat-options.js';
import { bundleCachePath } from '../support/bundle-cache.js';
import { sourceOf } from '../support/swingset.js';

const holder = { sourceSpec: sourceOf(import.meta.url, '../kernel/vats/holder.js') };

const readSnapshot = async (
  path: string,
  vatID: VatID,
): Promise<{ hash: string; bytes: Buffer }> => {
  const { kernelStorage, hostStorage } = openSwingStore(path);
  const pieces: Uint8Array[] = [];
  for await (const piece of kernelStorage.snapStore.loadSnapshot(vatID)) pieces.push(piece);
  const hash = kernelStorage.snapStore.getSnapshotInfo(vatID)?.hash ?? '';
  await hostStorage.close();
  return { hash, bytes: Buffer.concat(pieces) };
};

describe('a lost heap snapshot', () => {
  let path: string;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'replay-vat-'));
  });
  afterEach(() => rmSync(path, { recursive: true }));

  /** Two lives of a kernel, and several snapshots of one vat, whose vatID is returned. */
  const live = async (heapRule: HeapRule | undefined): Promise<VatID> => {
    const { kernelStorage, hostStorage } = initSwingStore(path);
    const config = {
      ...{ bundleCachePath, defaultManagerType: 'xsnap' as const, vats: { alice: holder } },
      ...{ snapshotInitial: 3, snapshotInterval: 4 },
    };
    const platform = heapRule ? ('own' as const) : ('stock' as const);
    const without = { addComms: false, addVattp: false, addTimer: false, platform };
    await initializeSwingset(config, [], kernelStorage, without);
    const vatID = new KernelState(kernelStorage).vats.getByName('alice');
    await hostStorage.commit();
    for (let life = 0; life < 2; life += 1) {
      const controller = await makeSwingsetController(kernelStorage, {}, { platform });
      controller.pinVatRoot('alice');
      for (let call = 0; call < 4; call += 1) {
        controller.queueToVatRoot('alice', 'makeObject');
        await controller.run();
      }
      await hostStorage.commit();
      await controller.shutdown();
    }
    await hostStorage.close();
    return vatID;
  };

  for (const heapRule of [undefined, 1] as const) {
    it(`is rebuilt by a replay (${heapRule ? `heap rule ${heapRule}` : 'no heap rule'})`, async () => {
      const vatID = await live(heapRule);
      const { hash, bytes } = await readSnapshot(path, vatID);
      const needed = countSlotsNeeded([bytes]);
      expect(readHeapHead(bytes)?.slots).to.equal(heapRule ? needed : 256 * 1024);

      const db = new Database(join(path, 'swingstore.sqlite'));
      const snapshots = db
        .prepare('SELECT snapPos FROM snapshots WHERE vatID = ?')
        .pluck()
        .all(vatID);
      expect(snapshots).to.have.length.greaterThan(1);
      db.prepare('UPDATE snapshots SET compressedSnapshot = NULL WHERE vatID = ?').run(vatID);
      db.close();
      const { repairs, ok } = await repairStore(path, {
        replay: makeSnapshotReplay({
          platform: await loadPlatform(),
          workers: makeNodeWorkerPowers(),
        }),
      });
      expect(repairs.map(({ result }) => result)).to.deep.equal([
        'rebuilt by a replay of its transcript',
      ]);
      expect(ok).to.equal(true);
      const rebuilt = await readSnapshot(path, vatID);
      expect(rebuilt.hash).to.equal(hash);
      expect(Buffer.compare(rebuilt.bytes, bytes)).to.equal(0);
    });
  }
});
