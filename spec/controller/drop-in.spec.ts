import { expect } from 'chai';
import * as original from '@agoric/swingset-vat';
import { makeRunUtils } from '@agoric/swingset-vat/tools/run-utils.js';
import * as kernel from '../../lib/index.js';
import { mustMatch } from '@endo/patterns';
import { startOriginal } from '../support/original.js';
import { failureOf } from '../support/failure.js';
import { startDemo } from '../kernel/support/demo.js';

/** Names of methods, with those of `debug` behind a dot. */
const methodsOf = (object: object, prefix = ''): string[] =>
  Object.entries(object).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? methodsOf(value, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  );

describe('the package in the place of @agoric/swingset-vat', () => {
  it('exports all that SwingSet exports, under the same names', () => {
    expect(Object.keys(kernel)).to.include.members(Object.keys(original));
  });

  it('has every method of the controller', async () => {
    const theirs = await startOriginal({ config: {}, worker: 'local' });
    const { controller } = await startDemo('local');
    const expected = methodsOf(theirs.controller);
    await theirs.close();
    expect(expected).to.include.members(['upgradeStaticVat', 'debug.addDeviceHook']);
    expect(methodsOf(controller)).to.include.members(expected);
  });

  it("is driven by SwingSet's own test tools", async () => {
    const { controller } = await startDemo('local');
    const { EV } = makeRunUtils(controller);
    const bob = await EV.vat('bob').self();
    const other = await EV(bob).other();
    expect(await EV(other).ping()).to.equal('pong of the other');
    const refusal = await failureOf(EV.vat('bob').refuse('not today'));
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
