import { expect } from 'chai';
import * as original from '@agoric/swingset-vat';
import { makeRunUtils } from '@agoric/swingset-vat/tools/run-utils.js';
import * as kernel from '../../lib/index.js';
import { mustMatch } from '@endo/patterns';
import { startDemo } from '../kernel/support/demo.js';

/** What SwingSet's controller 0.33 and its documentation offer. */
const controllerMethods = [
  'changeKernelOptions',
  'debug',
  'deviceNameToID',
  'dump',
  'getActivityhash',
  'getStats',
  'getStatus',
  'injectQueuedUpgradeEvents',
  'kpRegisterInterest',
  'kpResolution',
  'kpStatus',
  'log',
  'pinVatRoot',
  'queueToVatObject',
  'queueToVatRoot',
  'reapAllVats',
  'resetAllMeters',
  'run',
  'shutdown',
  'slogDuration',
  'snapshotAllVats',
  'step',
  'terminateVat',
  'upgradeStaticVat',
  'validateAndInstallBundle',
  'vatNameToID',
  'verboseDebugMode',
  'writeSlogObject',
];

describe('the package in the place of @agoric/swingset-vat', () => {
  it('exports all that SwingSet exports, under the same names', () => {
    expect(Object.keys(kernel)).to.include.members(Object.keys(original));
  });

  it('has every method of the controller', async () => {
    const { controller } = await startDemo('local');
    expect(Object.keys(controller)).to.include.members(controllerMethods);
  });

  it("is driven by SwingSet's own test tools", async () => {
    const { controller } = await startDemo('local');
    const { EV } = makeRunUtils(controller);
    const bob = await EV.vat('bob').self();
    const other = await EV(bob).other();
    expect(await EV(other).ping()).to.equal('pong of the other');
    const refusal = await EV.vat('bob')
      .refuse('not today')
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(String(refusal)).to.contain('not today');
  });

  it('has patterns of configurations', () => {
    const { shape } = kernel;
    const config = {
      bootstrap: 'b',
      vats: { b: { sourceSpec: '/b.js' } },
      defaultManagerType: 'xsnap',
    };
    expect(() => mustMatch(harden(config), shape.SwingSetConfig)).not.to.throw();
    const wrong = { ...config, defaultManagerType: 'fast' };
    expect(() => mustMatch(harden(wrong), shape.SwingSetConfig)).to.throw(/fast/);
  });
});
