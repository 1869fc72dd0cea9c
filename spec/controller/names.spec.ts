/** Issue 10, section 7: names that JavaScript objects have fields of are names like any other. */
import { expect } from 'chai';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { startLife } from '../support/swingset.js';
import { errorOf, fixture, silent } from './support.js';

const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];

/** As a file would have it: `__proto__` is a field of its own. */
const byName = (value: unknown): string =>
  names.map(name => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join();

const makeConfig = (devices: string): SwingSetConfig => {
  const source = { sourceSpec: fixture('names') };
  return JSON.parse(`{
    "bootstrap": "boot",
    "vats": {
      "boot": { "sourceSpec": ${JSON.stringify(source.sourceSpec)}, "parameters": {${byName(1)}} },
      ${byName(source)}
    },
    "bundles": {${byName(source)}},
    "devices": {${devices}}
  }`) as SwingSetConfig;
};

const device = { sourceSpec: fixture('device-adder') };

describe('names that every JavaScript object has fields of', () => {
  it('name vats, devices, bundles and parameters', async () => {
    const life = await startLife({ config: makeConfig(byName(device)), worker: 'local' });
    for (const name of names) life.controller.pinVatRoot(name);
    await life.run();
    expect(life.resultOf(life.bootstrapResult)).to.deep.equal([
      [...names, 'boot', 'vatAdmin'].sort(),
      [...names, 'vatAdmin'].sort(),
      [...names, 'argv'].sort(),
    ]);
    for (const name of names) {
      expect(await life.call(name, 'hello')).to.equal('hello');
      expect(life.kernelStorage.kvStore.has(`namedBundleID.${name}`)).to.equal(true);
    }
  });

  it('are endowed with what the host gives them and nothing that objects inherit', async () => {
    const unendowed = { ...device, creationOptions: { unendowed: true } };
    const config = makeConfig(`"toString": ${JSON.stringify(unendowed)}`);
    const life = await startLife({ config, worker: 'local', checkAtEnd: false });
    await life.controller.shutdown();
    const controller = await makeSwingsetController(life.kernelStorage, {}, { console: silent });
    await controller.shutdown();
    const error = await errorOf(() =>
      makeSwingsetController(life.kernelStorage, { toString: {} }, { console: silent }),
    );
    expect(error.code).to.equal('BAD_OPTION');
  });
});
