import { expect } from 'chai';
import { sourceOf } from '../support/swingset.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { buildBridge } from '../../lib/devices/bridge/bridge.js';
import { vatSourcePath } from '../../lib/package-paths.js';
import type { Bundle } from '../../lib/store/types.js';
import type { BundleID } from '../../lib/types/ids.js';
import { originalKernelBundles } from '../support/original-bundles.js';
import type { EitherLife } from '../support/original.js';
import { bundleOf } from '../support/shared-bundles.js';
import { demoConfig } from './support/demo.js';
import { expectSameLife, hostOf, listening } from './support/side-by-side.js';

const juggler = { sourceSpec: sourceOf(import.meta.url, './vats/juggler.js') };

/** A bringOutYourDead before a snapshot counts otherwise (docs/differences.md). */
const rarelySaved = { snapshotInitial: 1000, snapshotInterval: 1000 };

describe('this kernel beside SwingSet', () => {
  it('makes the same cranks, deliveries, syscalls, references, computrons and snapshots', async () => {
    const config = demoConfig({ vats: { ann: juggler } });
    const compared = await expectSameLife(config, async life => {
      const host = hostOf(life);
      const learnt = [
        await host('send', 'alice', 'echo', 1, 2n, 'x', null, [true]),
        await host('send', 'bob', 'refuse', 'not today'),
        await host('pipeline', 'alice', 'self', 'other'),
        await host('relay', 'bob', 'ask', 'ann', 'ring'),
        await host('createVat', 'carol', 'contract', { name: 'carol', vatParameters: { n: 7n } }),
      ];
      await host('keep', 'purse', 'carol', 'makePurse', 10n);
      await host('keep', 'heap', 'carol', 'makeHeapObject');
      await host('give', 'alice', 'hold', 'purse', 'heap');
      await host('promise', 'p', 'carol', 'later');
      await host('send', 'carol', 'put', 'key', 'value');
      learnt.push(
        await host('send', 'carol', 'get', 'key'),
        await host('send', 'purse', 'deposit', 5n),
        await host('send', 'heap', 'ping'),
        await host('createVat', 'dave', 'contract', { vatParameters: { fail: 'unfit' } }),
      );
      await host('forget', 'purse');
      await host('send', 'alice', 'drop');
      learnt.push(
        await host('send', 'carol', 'exit', 'so long'),
        await host('outcome', 'carol:done'),
        await host('outcome', 'p'),
        await host('send', 'carol', 'echo'),
      );
      return learnt;
    });
    expect(compared).to.be.greaterThan(1000);
  });

  it('does the same with entangled promises, symbols, and a vat that takes messages early', async () => {
    const pipeliner = {
      sourceSpec: sourceOf(import.meta.url, './vats/pipeliner.js'),
      creationOptions: { managerType: 'local', enableSetup: true, enablePipelining: true },
    } as const;
    const config = demoConfig({ vats: { ann: juggler, ben: juggler, pipeliner } });
    const compared = await expectSameLife(config, async life => {
      const host = hostOf(life);
      const learnt = [];
      for (const method of ['ring', 'loop', 'tree']) {
        learnt.push(await host('relay', 'ben', 'goRound', 'ann', method, 2));
      }
      await host('promise', 'p', 'ben', 'forwarded', 'follower');
      await host('keep', 'leader', 'ann', 'promise', 'leader');
      await host('relay', 'ben', 'follow', 'follower', 'leader');
      await host('send', 'ann', 'resolve', 'leader', 'led');
      learnt.push(await host('outcome', 'p'), await host('give', 'ben', 'symbols', 'ann'));
      await host('promise', 'q', 'pipeliner', 'later');
      for (const text of ['one', 'two']) {
        life.controller.queueToVatRoot('host', 'send', ['q', 'note', text], 'none');
      }
      await life.run();
      learnt.push(await host('send', 'pipeliner', 'early'));
      await host('give', 'pipeliner', 'become', 'bob');
      learnt.push(await host('send', 'bob', 'inbox'));
      await host('keep', 'r', 'ann', 'promise', 'r');
      life.controller.queueToVatRoot('host', 'relay', ['ben', 'callPromise', 'r', 'x'], 'none');
      await life.run();
      learnt.push(await host('send', 'ann', 'reject', 'r', Error('contagion')));
      return learnt;
    });
    expect(compared).to.be.greaterThan(1000);
  });

  it('collects the same garbage at the same moments', async () => {
    const config = demoConfig();
    const compared = await expectSameLife(config, async life => {
      const host = hostOf(life);
      for (const [name, method] of [
        ['heap', 'makeHeapObject'],
        ['bank', 'bank'],
      ] as const) {
        await host('keep', name, 'alice', method);
        await host('give', 'bob', 'hold', name);
        await host('give', 'bob', 'see', name);
        await host('forget', name);
      }
      await host('keep', 'purse', 'alice', 'makePurse', 1n);
      await host('give', 'bob', 'keepVirtually', 'purse', 'bob');
      await host('send', 'bob', 'drop');
      await host('forget', 'purse');
      await host('createVat', 'carol', 'contract');
      await host('keep', 'of carol', 'carol', 'makeHeapObject');
      await host('give', 'alice', 'hold', 'of carol', 'carol');
      await host('send', 'carol', 'exit', 'over');
      return [await host('send', 'of carol', 'ping'), await host('send', 'alice', 'inbox')];
    });
    expect(compared).to.be.greaterThan(1000);
  });

  it('sends messages on to another machine at once, and keeps interface names', async () => {
    const makeConfig = (bundle: Bundle): SwingSetConfig => {
      const comms = {
        bundle,
        creationOptions: {
          managerType: 'local',
          enableSetup: true,
          enablePipelining: true,
          useTranscript: false,
        },
      } as const;
      const user = { sourceSpec: sourceOf(import.meta.url, '../vats/fixtures/comms-user.js') };
      return {
        bootstrap: 'user',
        pinBootstrapRoot: true,
        defaultReapInterval: 'never',
        vats: { user, a: comms, b: comms },
      };
    };
    const play = async (life: EitherLife) => {
      const ask = (method: string, ...args: unknown[]) =>
        life.controller.queueToVatRoot('user', method, args, 'none');
      ask('name', 'alice.answer', '$carol');
      ask('name', 'carol.answer', 'a text');
      ask('call', '$a', 'addEgress', ['b', 1, '$alice']);
      ask('call', '$b', 'addIngress', ['a', 1, 'alice'], 'theirs');
      await life.run();
      for (const [target, as] of [
        ['theirs', 'q'],
        ['q.promise', 'r'],
        ['r.promise', 's'],
      ]) {
        ask('call', `$${target}`, 'call', ['$bob'], as);
      }
      await life.run();
      return life.slog.filter(({ type }) => type === 'deliver').map(({ vatID, vd }) => [vatID, vd]);
    };
    const theirs = makeConfig((await originalKernelBundles())['comms'] as Bundle);
    const ours = makeConfig(await bundleOf(vatSourcePath('comms/vat-comms.js')));
    await expectSameLife({ theirs, ours }, play, {}, { learntOnly: true });
  });

  it('keeps the same of devices, and logs the same', async () => {
    const endowments = buildBridge(() => undefined).endowments;
    const config = demoConfig({
      vats: { meddler: { sourceSpec: sourceOf(import.meta.url, './vats/meddler.js') } },
      devices: { bridge: { sourceSpec: buildBridge().srcPath } },
    });
    const play = async (life: EitherLife) => {
      await hostOf(life)('relay', 'meddler', 'call', 'device:bridge', 'callOutbound', []);
      const { kvStore } = life.kernelStorage;
      const rows: [string, string | undefined][] = [];
      for (let key = kvStore.getNextKey('d'); key?.startsWith('d'); key = kvStore.getNextKey(key)) {
        if (!key.endsWith('.source')) rows.push([key, kvStore.get(key)]);
      }
      const reaped = Object.keys(life.controller.reapAllVats()).sort();
      return [rows, life.controller.dump().log, reaped];
    };
    await expectSameLife(config, play, { bridge: endowments }, { learntOnly: true });
  });

  it('takes the same from meters', async () => {
    await expectSameLife(demoConfig(), async life => {
      const host = hostOf(life);
      const learnt: unknown[] = [];
      const read = async () => learnt.push(await host('meter', 'm'));
      await host('createMeter', 'm', 200_000_000n, 1_000n);
      await host('createVat', 'carol', 'contract', { meter: 'm' });
      await read();
      await host('send', 'carol', 'echo', 1);
      await read();
      await host('relay', 'carol', 'ask', 'alice', 'echo');
      await read();
      await host('keep', 'heap', 'carol', 'makeHeapObject');
      await host('forget', 'heap');
      await read();
      return learnt;
    });
  });

  it('upgrades vats in the same way, or fails to, and charges the same for it', async () => {
    await expectSameLife(demoConfig(rarelySaved), async life => {
      const { controller } = life;
      const host = hostOf(life);
      const learnt: unknown[] = [];
      await host('createMeter', 'm', 400_000_000n, 1_000n);
      await host('createVat', 'carol', 'contract', { name: 'carol', meter: 'm' });
      await host('keep', 'purse', 'carol', 'makePurse', 10n);
      await host('promise', 'p', 'carol', 'later');
      await host('send', 'carol', 'put', 'key', 'value');
      const look = async () => {
        for (const question of ['incarnations', 'parameters', 'inbox']) {
          learnt.push(await host('send', 'carol', question));
        }
        learnt.push(await host('send', 'purse', 'balance'), await host('meter', 'm'));
      };
      const upgrade = async (options?: object) => {
        learnt.push(await host('upgrade', 'carol', 'contract', options));
        await look();
      };
      await upgrade({ vatParameters: { fail: 'unfit' } });
      await upgrade({ vatParameters: { n: 1n }, upgradeMessage: 'better' });
      learnt.push(await host('outcome', 'p'));
      await host('createMeter', 'n', 34_000_000n, 100_000n);
      await host('createVat', 'dave', 'contract', { name: 'dave', meter: 'n' });
      await host('upgrade', 'dave', 'contract');
      await host('send', 'n', 'addRemaining', 1_000_000n);
      learnt.push(await host('send', 'dave', 'incarnations'), await host('meter', 'n'));
      const source = life.kernelStorage.kvStore.get(`${controller.vatNameToID('alice')}.source`);
      const { bundleID } = JSON.parse(source ?? '') as { bundleID: BundleID };
      controller.upgradeStaticVat('alice', false, bundleID, { vatParameters: { n: 2n } });
      await life.run();
      learnt.push(await host('send', 'alice', 'incarnations'));
      return learnt;
    });
  });

  it('ends vats in the same way, and changes their options', async () => {
    await expectSameLife(demoConfig(rarelySaved), async life => {
      const host = hostOf(life);
      const learnt: unknown[] = [];
      await host('createMeter', 'm', 400_000_000n, 1_000n);
      const ends: readonly (readonly [string, ...unknown[]])[] = [
        ['send', 'carol', 'exit', 'so long'],
        ['send', 'carol', 'exitWithFailure', 'no'],
        ['send', 'carol', 'spin'],
      ];
      for (const [method, ...args] of ends) {
        await host('createVat', 'carol', 'contract', { name: 'carol', meter: 'm' });
        await host('send', 'carol:admin', 'changeOptions', { reapInterval: 2 });
        await host('promise', 'p', 'carol', 'never');
        learnt.push(await host(method, ...args), await host('outcome', 'carol:done'));
        learnt.push(await host('outcome', 'p'), await host('send', 'carol', 'echo'));
        learnt.push(await host('meter', 'm'));
      }
      return learnt;
    });
  });

  it('does the same when the host ends a vat, after which it has one crank more', async () => {
    const play = async (life: EitherLife) => {
      const { controller } = life;
      const bob = controller.vatNameToID('bob');
      controller.pinVatRoot('bob');
      const asked = controller.queueToVatRoot('bob', 'echo', [1]);
      await controller.step();
      controller.terminateVat(bob, { body: '#"runaway"', slots: [] });
      await life.run();
      return [controller.kpStatus(asked), await hostOf(life)('send', 'bob', 'echo', 2)];
    };
    await expectSameLife(demoConfig(rarelySaved), play, {}, { hostEndsVats: true });
  });

  it('lets vats learn the same when an adminNode ends a vat, one crank later', async () => {
    const play = async (life: EitherLife) => {
      const host = hostOf(life);
      await host('createVat', 'carol', 'contract', { name: 'carol' });
      await host('promise', 'p', 'carol', 'never');
      const learnt = [await host('terminate', 'carol', 'bye')];
      for (const name of ['carol:done', 'p']) learnt.push(await host('outcome', name));
      learnt.push(await host('send', 'carol', 'echo'), await host('send', 'carol:admin', 'done'));
      return learnt;
    };
    await expectSameLife(demoConfig(rarelySaved), play, {}, { learntOnly: true });
  });

  it('tells run policies the same, but more of upgrades', async () => {
    await expectSameLife(demoConfig(rarelySaved), async life => {
      const host = hostOf(life);
      const told: unknown[] = [];
      const hear = async (method: string, ...args: unknown[]) => {
        life.controller.queueToVatRoot('host', method, args, 'none');
        await life.run(listening(told));
      };
      const unfit = { vatParameters: { fail: 'unfit' } };
      await host('createMeter', 'm', 90_000_000n, 1_000n);
      await hear('createVat', 'carol', 'contract', { meter: 'm' });
      await hear('createVat', 'dave', 'contract', unfit);
      await hear('upgrade', 'carol', 'contract', unfit);
      await hear('send', 'carol', 'work', 2_000_000);
      await hear('createVat', 'eve', 'contract');
      await hear('send', 'eve', 'exitWithFailure', 'no');
      return told;
    });
  });
});
