/** Issue 12, item 2: the modules behind SwingSet's paths do what their users expect. */
import '@agoric/swingset-liveslots/tools/prepare-test-env.js';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Far } from '@endo/far';
import { applyVatOptionUpdates } from '../../lib/controller/vat-option-updates.js';
import { buildPlugin } from '../../lib/devices/plugin/plugin.js';
import { makeWorkerBundleHandler, makeXsnapBundleData } from '../../lib/drop-in/bundle-handler.js';
import { provideBundleCache, unsafeMakeBundleCache } from '../../lib/drop-in/bundle-tool.js';
import { computeSha512 } from '../../lib/drop-in/controller.js';
import { buildVatAndDeviceBundles } from '../../lib/drop-in/initialize-swingset.js';
import { buildManualTimer } from '../../lib/drop-in/manual-timer.js';
import { makeRunUtils } from '../../lib/drop-in/run-utils.js';
import { parseReachableAndVatSlot } from '../../lib/drop-in/reachable.js';
import { dropInSourcePath } from '../../lib/package-paths.js';
import { bundleIDFromName } from '../../lib/store/export-names.js';
import { getKeyType } from '../../lib/store/kv-store.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { failureOf } from '../support/failure.js';
import { sourceOf, startLife } from '../support/swingset.js';

const tool = (name: string) => ({ sourceSpec: dropInSourcePath(`${name}.js`) });

const startRelay = async () => {
  const life = await startLife({
    config: {
      bootstrap: 'bootstrap',
      vats: { bootstrap: tool('bootstrap-relay') },
      bundles: { puppet: tool('vat-puppet'), puppet2: tool('vat-puppet-v2') },
    },
    worker: 'local',
  });
  await life.run();
  return life;
};

describe('bootstrap-relay and vat-puppet, driven by run-utils', () => {
  it('create, upgrade and end vats, and log calls', async () => {
    const { controller } = await startRelay();
    const { EV } = makeRunUtils(controller);
    const relay = EV.vat('bootstrap');
    const puppet: unknown = await relay.createVat!({ name: 'p', bundleCapName: 'puppet' });
    const fruit: unknown = await EV(puppet).makeRemotable!('Fruit', { color: 'red', size: 3 });
    expect(await EV(fruit).color!('a')).to.equal('red');
    expect(await EV(fruit).size!()).to.equal(3);
    expect(await EV(puppet).getCallLogForRemotable!(fruit)).to.deep.equal([
      ['color', 'a'],
      ['size'],
    ]);
    expect(await EV(puppet).holdInBaggage!(1, 2)).to.equal(2);
    expect(await EV(puppet).holdInHeap!(fruit)).to.equal(1);

    const order = { name: 'p', bundleCapName: 'puppet2' };
    // A method may be a symbol; what the language asks of a proxy is no method.
    expect(String(await failureOf(EV(puppet)[Symbol.asyncIterator]!()))).to.contain(
      'has no method "[Symbol(Symbol.asyncIterator)]"',
    );
    expect(EV(puppet).then).to.equal(undefined);

    expect(await relay.upgradeVat!(order)).to.deep.equal({ incarnationNumber: 1 });
    expect(await EV(puppet).getVersion!()).to.equal(2);
    await EV.sendOnly(puppet).dieHappy!('enough');
    expect(String(await failureOf(EV(puppet).getVersion!()))).to.contain('vat terminated');
  });

  it('make objects, promises and a timer, and follow paths', async () => {
    const { controller } = await startRelay();
    const { EV } = makeRunUtils(controller);
    const relay = EV.vat('bootstrap');
    const object: unknown = await relay.makeRemotable!('Thing', { name: 'x' });
    await EV(object).name!(1n);
    expect(await relay.getLogForRemotable!(object)).to.deep.equal([['name', 1n]]);
    const { promise, resolver } = (await relay.makePromiseKit!()) as Record<string, unknown>;
    await EV(resolver).resolve!(harden({ deep: { value: 'found' } }));
    expect(await relay.awaitVatObject!(promise, ['deep', 'value'])).to.equal('found');
    expect(await EV.get(promise).deep).to.deep.equal({ value: 'found' });
    const timer: unknown = await relay.getTimer!();
    expect(await EV(timer).advanceTo!(5n)).to.equal(5n);
    expect(String(await failureOf(relay.getVatRoot!('nobody')))).to.contain(
      'unknown vat name: "nobody"',
    );
  });

  it('run one message at a time, with the policy of the harness', async () => {
    const { controller } = await startRelay();
    let policies = 0;
    const { EV, queueAndRun } = makeRunUtils(controller, {
      provideRunPolicy: () => {
        policies += 1;
        return undefined;
      },
    });
    const failed = failureOf(
      queueAndRun(() => {
        throw Error('not queued');
      }),
    );
    const answers = ['a', 'b', 'c'].map(word => EV.vat('bootstrap').awaitVatObject!(word));
    expect(String(await failed)).to.contain('not queued');
    expect(await Promise.all(answers)).to.deep.equal(['a', 'b', 'c']);
    expect(policies).to.equal(3);
  });
});

describe('the manual timer', () => {
  it('wakes what is due when its time moves, and not before', async () => {
    const calls: unknown[] = [];
    const timer = buildManualTimer({
      startTime: 10n,
      callbacks: {
        setWakeup: (now, when) => calls.push(['setWakeup', now, when]),
        wake: now => calls.push(['wake', now]),
        advanceTo: (when, message) => calls.push(['advanceTo', when, message]),
      },
    });
    const handler = Far('handler', {
      wake: (time: { absValue: bigint }) => calls.push(['woken', time.absValue]),
    });
    timer.setWakeup(15n, handler);
    expect(timer.advanceBy(4n, 'soon')).to.equal(14n);
    expect(timer.advanceTo({ absValue: 16n })).to.equal(16n);
    await new Promise(resolve => setImmediate(resolve));
    expect(calls).to.deep.equal([
      ['setWakeup', 10n, 15n],
      ['advanceTo', 14n, 'soon'],
      ['advanceTo', 16n, undefined],
      ['wake', 16n],
      ['woken', 16n],
    ]);
    expect(timer.getCurrentTimestamp().absValue).to.equal(16n);
    expect(() => timer.advanceTo(16n)).to.throw('advanceTo');
    expect(() => buildManualTimer({ start: 1n } as never)).to.throw('unknown options');
  });
});

describe('the bundle tool', () => {
  it('keeps bundles in a directory, and one cache for each', async () => {
    // The cache imports its files as modules, so it needs a package of type `module` around it.
    const directory = mkdtempSync(join(import.meta.dirname, '../../tmp-bundles-'));
    try {
      const cache = await unsafeMakeBundleCache(directory);
      const bundle = (await cache.load(dropInSourcePath('vat-puppet-v2.js'), 'puppet')) as {
        readonly moduleFormat: string;
      };
      expect(bundle.moduleFormat).to.equal('endoZipBase64');
      expect(readdirSync(directory)).to.include('bundle-puppet.js');
      const load = (specifier: string) => import(specifier);
      const first = provideBundleCache(directory, {}, load);
      expect(provideBundleCache(directory, {}, load)).to.equal(first);
      expect(provideBundleCache(directory, { dev: true }, load)).not.to.equal(first);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('the plugin manager', () => {
  it('speaks with a module of the host, and again after a reset', async () => {
    const queue: (() => void)[] = [];
    let starts = 0;
    const echoTo = (prefix: string) => Far('echo', { echo: (word: string) => `${prefix} ${word}` });
    const bootPlugin = () =>
      Far('plugin', {
        start: ({ prefix }: { prefix: string }) => {
          starts += 1;
          return Far('root', {
            echo: (word: string) => `${prefix} ${word}, ${starts}`,
            inner: () => echoTo('inside'),
          });
        },
      });
    const plugin = buildPlugin(
      '/plugins',
      async () => ({ bootPlugin }),
      thunk => queue.push(thunk),
    );
    const life = await startLife({
      config: {
        bootstrap: 'user',
        vats: { user: { sourceSpec: sourceOf(import.meta.url, './vats/plugin-user.js') } },
        devices: { plugin: { sourceSpec: plugin.srcPath } },
      },
      worker: 'local',
      deviceEndowments: { plugin: plugin.endowments },
    });
    const settle = async () => {
      // A thunk comes when the module's answer has crossed the host's promises.
      for (let quiet = 0; quiet < 20; quiet += 1) {
        await new Promise(resolve => setImmediate(resolve));
        for (const thunk of queue.splice(0)) {
          thunk();
          quiet = 0;
        }
        await life.run();
      }
    };
    const ask = async (method: string, ...args: unknown[]) => {
      const kpid = life.controller.queueToVatRoot('user', method, args);
      await life.run();
      await settle();
      return life.resultOf(kpid);
    };
    expect(await ask('echo', 'hello')).to.equal('host says hello, 1');
    expect(await ask('walk', 'out')).to.equal('inside out');
    plugin.reset();
    await settle();
    expect(await ask('echo', 'again')).to.equal('host says again, 2');
    expect(await ask('resets')).to.deep.equal([false, true]);
  });
});

describe('applyVatOptionUpdates', () => {
  it('changes `critical` of dynamic vats, once, and checks all before it writes', async () => {
    const life = await startRelay();
    const { EV } = makeRunUtils(life.controller);
    await EV.vat('bootstrap').createVat!({ name: 'p', bundleCapName: 'puppet' }, { name: 'pup' });
    const vatID = life.controller.dump().vatTables.at(-1)!.vatID as string;
    const { kvStore } = life.kernelStorage;
    const isCritical = () =>
      (JSON.parse(kvStore.get(`${vatID}.options`)!) as { critical: boolean }).critical;
    for (const wrong of ['v1', 'v99', 'nonsense']) {
      const updates = [
        { vatID, critical: true },
        { vatID: wrong, critical: true },
      ];
      expect(() => applyVatOptionUpdates(kvStore, updates)).to.throw(
        `updates[1].vatID: expected a dynamic vat that has not ended, got "${wrong}"`,
      );
    }
    expect(isCritical()).to.equal(false);
    expect(applyVatOptionUpdates(kvStore, [{ vatID, critical: true }])).to.deep.equal([
      `${vatID} (pup)`,
    ]);
    expect(isCritical()).to.equal(true);
    expect(applyVatOptionUpdates(kvStore, [{ vatID, critical: true }])).to.deep.equal([]);
    expect(applyVatOptionUpdates(kvStore)).to.deep.equal([]);
  });
});

describe('small modules', () => {
  it('keep the bundles of lockdown and supervisor in a store', async () => {
    const { kernelStorage, hostStorage } = initSwingStore();
    const data = makeXsnapBundleData();
    const handler = makeWorkerBundleHandler(kernelStorage.bundleStore, data);
    const ids = await handler.getCurrentBundleIDs();
    expect(ids).to.deep.equal([
      `b0-${await data.getLockdownBundleSHA256()}`,
      `b0-${await data.getSupervisorBundleSHA256()}`,
    ]);
    expect(await handler.getCurrentBundleIDs()).to.deep.equal(ids);
    expect(await handler.getBundle(ids[0]!)).to.deep.equal({ ...(await data.getLockdownBundle()) });
    await hostStorage.close();
  });

  it('read rows, keys, names and hashes', async () => {
    expect(parseReachableAndVatSlot('R o+5')).to.deep.equal({ isReachable: true, vatSlot: 'o+5' });
    expect(parseReachableAndVatSlot('_ p-1').isReachable).to.equal(false);
    expect(() => parseReachableAndVatSlot('X o+5')).to.throw('flag');
    expect(['host.a', 'local.a', 'v1.c.ko1'].map(getKeyType)).to.deep.equal([
      'host',
      'local',
      'consensus',
    ]);
    expect(bundleIDFromName('bundle.b1-00')).to.equal('b1-00');
    expect(() => bundleIDFromName('snapshot.v1.3')).to.throw('bundle.<bundleID>');
    const bytes = Buffer.from('swingset');
    expect(computeSha512(bytes)).to.equal(createHash('sha512').update(bytes).digest('hex'));
    const bundles = await buildVatAndDeviceBundles();
    expect(Object.keys(bundles)).to.have.members([
      ...['adminDevice', 'adminVat', 'comms', 'vattp', 'timer'],
    ]);
  });
});
