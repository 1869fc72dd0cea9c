import { expect } from 'chai';
import { bundleFile } from '../../lib/controller/bundling.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { buildSwingsetKernelConfig } from '../../lib/controller/kernel-config.js';
import { vatSourcePath } from '../../lib/package-paths.js';
import { computeBundleID } from '../../lib/platform/bundle-id.js';
import { startDemo } from '../kernel/support/demo.js';
import { errorOf, fixture, withoutSystemVats } from './support.js';

const build = (config: SwingSetConfig, argv?: unknown, env = {}) =>
  buildSwingsetKernelConfig(config, argv, withoutSystemVats, { env });

const counter = { sourceSpec: fixture('counter') };

describe('the configuration that a kernel is initialized with', () => {
  it('fills in the defaults', async () => {
    const config = await build({ vats: { counter } });
    const { vats: _v, idToBundle: _i, ...others } = config;
    expect(others).to.deep.equal({
      devices: { vatAdmin: {} },
      namedBundleIDs: {},
      defaultManagerType: 'xsnap',
      defaultReapDirtThreshold: { deliveries: 1, gcKrefs: 20, computrons: 'never' },
      computronLimit: 1_000_000_000,
      snapshotInitial: 3,
      snapshotInterval: 200,
      relaxDurabilityRules: false,
      pinBootstrapRoot: false,
    });
  });

  it('takes every field over', async () => {
    const config = await build(
      {
        bootstrap: 'counter',
        vats: {
          counter: {
            ...counter,
            parameters: { deep: { list: [1, 'two', null] } },
            creationOptions: { managerType: 'xs-worker', reapInterval: 'never', critical: true },
          },
        },
        devices: { dev: { ...counter, parameters: 3, creationOptions: { unendowed: true } } },
        bundles: { spare: counter },
        defaultManagerType: 'xs-worker',
        defaultReapInterval: 'never',
        defaultReapGCKrefs: 7,
        computronLimit: 'never',
        snapshotInitial: 4,
        snapshotInterval: 'never',
        relaxDurabilityRules: true,
        pinBootstrapRoot: true,
      },
      { bootMsg: ['a'] },
    );
    const bundleID = computeBundleID(await bundleFile(counter.sourceSpec, 'spec'));
    expect(config).to.deep.include({
      bootstrap: 'counter',
      devices: {
        dev: { bundleID, parameters: 3, creationOptions: { unendowed: true } },
        vatAdmin: {},
      },
      namedBundleIDs: { spare: bundleID },
      defaultManagerType: 'xsnap',
      defaultReapDirtThreshold: { deliveries: 'never', gcKrefs: 7, computrons: 'never' },
      computronLimit: 'never',
      snapshotInitial: 4,
      snapshotInterval: 'never',
      relaxDurabilityRules: true,
      pinBootstrapRoot: true,
      argv: { bootMsg: ['a'] },
    });
    expect(config.vats.counter).to.deep.equal({
      bundleID,
      parameters: { deep: { list: [1, 'two', null] } },
      creationOptions: { managerType: 'xsnap', reapInterval: 'never', critical: true },
    });
    expect(config.idToBundle.has(bundleID)).to.equal(true);
  });

  it('numbers vats as SwingSet does: bootstrap, built-in ones, then the others by name', async () => {
    const config = await build({
      bootstrap: 'm',
      vats: { z: counter, m: counter, b: counter },
      devices: { zz: counter, aa: counter },
    });
    expect(Object.keys(config.vats)).to.deep.equal(['m', 'vatAdmin', 'b', 'z']);
    expect(Object.keys(config.devices)).to.deep.equal(['aa', 'vatAdmin', 'zz']);
  });

  it('finds code by bundleName, bundle and bundleSpec, and keeps each bundle once', async () => {
    const bundle = await bundleFile(counter.sourceSpec, 'spec');
    const config = await build({
      vats: {
        byName: { bundleName: 'shared' },
        byVatName: { bundleName: 'whole' },
        whole: { bundle: { ...bundle } },
        source: counter,
      },
      bundles: { shared: counter },
    });
    const bundleIDs = Object.entries(config.vats).map(([, vat]) => vat.bundleID);
    expect(new Set(bundleIDs).size).to.equal(2);
    expect(config.idToBundle.size).to.equal(2);
  });

  it('lets the environment name the default worker, if the host passes it', async () => {
    const config = { vats: { counter } };
    const xs = await build(config, [], { SWINGSET_WORKER_TYPE: 'xs-worker' });
    const local = await build(config, [], { SWINGSET_WORKER_TYPE: 'local' });
    expect([xs.defaultManagerType, local.defaultManagerType]).to.deep.equal(['xsnap', 'local']);
    const { SWINGSET_WORKER_TYPE: before } = process.env;
    process.env['SWINGSET_WORKER_TYPE'] = 'local';
    try {
      for (const env of [{}, { SWINGSET_WORKER_TYPE: '' }]) {
        expect((await build(config, [], env)).defaultManagerType).to.equal('xsnap');
      }
    } finally {
      if (before === undefined) delete process.env['SWINGSET_WORKER_TYPE'];
      else process.env['SWINGSET_WORKER_TYPE'] = before;
    }
    const error = await errorOf(() => build(config, [], { SWINGSET_WORKER_TYPE: 'fast' }));
    expect(error.message).to.equal(
      'env.SWINGSET_WORKER_TYPE: expected one of "xsnap", "local", got "fast"',
    );
  });

  it('runs vats of the manager type node-subprocess locally', async () => {
    const config = await build({
      vats: {
        counter: {
          ...counter,
          creationOptions: { managerType: 'node-subprocess', nodeOptions: ['--expose-gc'] },
        },
      },
      defaultManagerType: 'node-subprocess',
    });
    expect(config.defaultManagerType).to.equal('local');
    expect(config.vats.counter?.creationOptions).to.deep.equal({ managerType: 'local' });
    const error = await errorOf(() =>
      build({
        vats: { counter: { ...counter, creationOptions: { nodeOptions: ['--expose-gc'] } } },
      }),
    );
    expect(error.message).to.equal(
      "nodeOptions requires managerType 'node-subprocess', at " +
        'config.vats.counter.creationOptions.nodeOptions',
    );
  });

  it("takes a vat-admin of the configuration's own", async () => {
    const demo = await startDemo('local', {
      config: {
        vats: { vatAdmin: { sourceSpec: vatSourcePath('vat-admin/vat-vat-admin.js') } },
        devices: { vatAdmin: { ...counter, creationOptions: { unendowed: true } } },
      },
      initialization: { addVatAdmin: false, addComms: false, addVattp: false, addTimer: false },
    });
    await demo.host('createVat', 'carol', 'contract', { name: 'carol' });
    expect(await demo.host('send', 'carol', 'echo', 1)).to.deep.equal(
      await demo.host('send', 'alice', 'echo', 1),
    );
  });

  it('does not keep or freeze what the caller passed', async () => {
    const parameters = { list: [1] };
    const config = await build({ vats: { counter: { ...counter, parameters } } });
    parameters.list.push(2);
    expect(config.vats.counter?.parameters).to.deep.equal({ list: [1] });
  });
});
