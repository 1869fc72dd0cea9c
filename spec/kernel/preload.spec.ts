/** Boots that load vats at other times and in other orders, on one store. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { LocalWarehousePolicy } from '../../lib/controller/option-types.js';
import { openSwingStore, type SwingStore } from '../../lib/store/swing-store.js';
import { hashLife } from '../scenarios/scenarios.js';
import { failureOf } from '../support/failure.js';
import { until } from '../support/processes.js';
import { makeRandom } from '../support/random.js';
import { makeTempDir, startLife, type Life, type LifeOptions } from '../support/swingset.js';
import { makeGate } from '../workers/support/gate.js';
import { makeReaper } from '../workers/support/reaper.js';
import { demoConfig, startDemo } from './support/demo.js';

const BACKGROUND: LocalWarehousePolicy = { preload: 'background', preloadConcurrency: 2 };

describe('a boot that preloads in the background', () => {
  const directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-preload-'));
  const original = join(directory, 'original');

  after(() => rmSync(directory, { recursive: true }));

  before('make a store of alice, bob, carol and dave, of whom some have snapshots', async () => {
    const demo = await startDemo('xsnap', {
      store: { path: original },
      config: { snapshotInterval: 10 },
    });
    for (const name of ['carol', 'dave']) {
      await demo.host('createVat', name, 'contract', { name });
    }
    for (const name of ['alice', 'carol', 'carol', 'dave']) {
      await demo.host('send', name, 'put', name, 1);
      await demo.host('send', name, 'note', 'before the boot');
    }
    await demo.finish();
  });

  /** Boots a copy of the store. */
  const bootCopy = async (
    options: Partial<LifeOptions>,
    change: (store: SwingStore) => void = () => undefined,
  ): Promise<Life> => {
    const path = join(makeTempDir(), 'copy');
    cpSync(original, path, { recursive: true });
    const store = openSwingStore(path);
    change(store);
    await store.hostStorage.commit();
    await store.hostStorage.close();
    return startLife({ config: demoConfig(), store: { path }, ...options });
  };

  const host = (life: Life, method: string, ...args: unknown[]) =>
    life.call('host', method, ...args);

  const inboxOf = (life: Life, name: string) => host(life, 'send', name, 'inbox');

  const isLoaded =
    ({ slog }: Life) =>
    () =>
      slog.some(({ type }) => type === 'preload-finish');

  it('comes to the same state as any other boot, whatever is loaded when', async () => {
    const names = ['alice', 'bob', 'carol', 'dave'];
    const work = async (policy: LocalWarehousePolicy) => {
      const life = await bootCopy({ warehousePolicy: policy });
      const random = makeRandom(16);
      const results: unknown[] = [];
      for (let step = 0; step < 8; step += 1) {
        const name = random.pick(names)!;
        results.push(
          await (random.chance(15)
            ? host(life, 'upgrade', 'carol', 'contract')
            : host(life, 'send', name, ...(random.chance(50) ? ['note', step] : ['inbox']))),
        );
      }
      results.push(await host(life, 'terminate', 'dave', 'no more'));
      results.push(await inboxOf(life, 'bob'));
      const hashes = hashLife(life);
      await life.finish();
      return { results, hashes };
    };
    const expected = await work({ preload: 'none' });
    for (const policy of [
      { preload: 'foreground', preloadConcurrency: 3 },
      { preload: 'background', preloadConcurrency: 1 },
      { preload: 'background', preloadConcurrency: 5 },
      { preload: 'background', preloadConcurrency: 3, maxVatsOnline: 2, spareWorkers: 1 },
    ] as const) {
      expect(await work(policy), JSON.stringify(policy)).to.deep.equal(expected);
    }
  });

  it('upgrades and terminates vats while they are being loaded', async () => {
    const gate = makeGate(':carol', ':dave');
    const life = await bootCopy({ warehousePolicy: BACKGROUND, spawn: gate.spawn });
    const plain = await bootCopy({ warehousePolicy: { preload: 'none' } });
    await until(() => gate.stopped.length === 2);
    gate.letNewIn();
    for (const each of [life, plain]) {
      expect(await host(each, 'terminate', 'dave', 'no more')).to.have.property('0', 'fulfilled');
      expect(await inboxOf(each, 'dave')).to.deep.equal(['rejected', 'vat terminated']);
      // The old incarnation brings out its dead first, so this waits for the load.
      const upgraded = host(each, 'upgrade', 'carol', 'contract');
      gate.open();
      expect(await upgraded).to.deep.equal(['fulfilled', { incarnationNumber: 1 }]);
      expect(await inboxOf(each, 'carol')).to.deep.equal(['fulfilled', []]);
    }
    const dave = gate.stopped.find(({ spawnargs }) => spawnargs[1]?.endsWith(':dave'));
    expect(dave?.signalCode).to.equal('SIGKILL');
    expect(hashLife(life)).to.deep.equal(hashLife(plain));
    expect(life.console.filter(line => line.includes('could not be loaded'))).to.deep.equal([]);
  });

  it('restarts a vat that is being loaded, at the word of the host', async () => {
    const gate = makeGate(':alice');
    const life = await bootCopy({ warehousePolicy: BACKGROUND, spawn: gate.spawn });
    const plain = await bootCopy({ warehousePolicy: { preload: 'none' } });
    await until(() => gate.stopped.length === 1);
    gate.letNewIn();
    for (const each of [plain, life]) {
      await each.controller.restartVat(each.controller.vatNameToID('alice'));
      expect(await host(each, 'send', 'alice', 'incarnations')).to.deep.equal(['fulfilled', 2]);
    }
    expect(gate.stopped[0]?.signalCode).to.equal('SIGKILL');
    expect(hashLife(life)).to.deep.equal(hashLife(plain));
  });

  it('goes on when a worker dies in the background, and replaces it at the next delivery', async () => {
    const reaper = makeReaper('alice');
    await reaper.kill(1);
    const life = await bootCopy({ warehousePolicy: BACKGROUND, spawn: reaper.spawn });
    await until(isLoaded(life));
    expect(life.slog.find(({ type }) => type === 'preload-finish')).to.include({ failed: 1 });
    expect(life.console.join('\n')).to.match(/could not be loaded in the background.*SIGKILL/);
    const plain = await bootCopy({ warehousePolicy: { preload: 'none' } });
    for (const each of [plain, life]) {
      expect(await inboxOf(each, 'alice')).to.deep.equal(['fulfilled', ['before the boot']]);
    }
    expect(hashLife(life)).to.deep.equal(hashLife(plain));
  });

  it('fails over a damaged vat where its delivery is, and nowhere else', async () => {
    const damage = ({ kernelStorage: { transcriptStore, kvStore } }: SwingStore) => {
      const bob = String(kvStore.get('vat.name.bob'));
      // An item that no delivery can have left, under a hash that is right.
      transcriptStore.addItem(bob, JSON.stringify({ d: ['save-snapshot'], sc: [], r: {} }));
    };
    const refused = await failureOf(bootCopy({}, damage));
    expect(refused).to.have.property('code', 'TRANSCRIPT_DAMAGED');
    const life = await bootCopy({ warehousePolicy: BACKGROUND, checkAtEnd: false }, damage);
    await until(isLoaded(life));
    expect(await inboxOf(life, 'alice')).to.deep.equal(['fulfilled', ['before the boot']]);
    const failure = await failureOf(inboxOf(life, 'bob'));
    expect(failure).to.have.property('code', 'KERNEL_PANIC');
    expect((failure as Error).cause).to.have.property('code', 'TRANSCRIPT_DAMAGED');
  });

  it('shuts down in the midst of loading, and leaves no process and no warning', async () => {
    const gate = makeGate(':alice', ':carol');
    const life = await bootCopy({ warehousePolicy: BACKGROUND, spawn: gate.spawn });
    await until(() => gate.stopped.length === 2);
    await life.controller.shutdown();
    expect(gate.stopped.map(({ signalCode }) => signalCode)).to.deep.equal(['SIGKILL', 'SIGKILL']);
    expect(life.console.filter(line => line.includes('could not be loaded'))).to.deep.equal([]);
  });
});
