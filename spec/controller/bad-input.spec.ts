import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildVatController } from '../../lib/controller/build-vat-controller.js';
import { bundleFile } from '../../lib/controller/bundling.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import type { BadOptionsError } from '../../lib/controller/errors.js';
import { initializeSwingset } from '../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { upgradeSwingset } from '../../lib/controller/schema-version.js';
import { openSoloHost } from '../../lib/host/solo-host.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import type { Bundle } from '../../lib/store/types.js';
import { errorOf, fixture, makeConfig, silent, withoutSystemVats } from './support.js';

/** A list in a list in a list. */
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

const counter = { sourceSpec: fixture('counter') };

/** The error that `action` ends with, having left the store as it was. */
const harmlessErrorOf = async (store: SwingStore, action: () => unknown) => {
  const before = store.debug.dump();
  const error = await errorOf(action);
  expect(store.debug.dump()).to.deep.equal(before);
  return error;
};

const initialize = (store: SwingStore, config: unknown, ...others: unknown[]) =>
  initializeSwingset(
    config as SwingSetConfig,
    others[0] ?? [],
    store.kernelStorage,
    others[1] ?? withoutSystemVats,
    others[2] ?? {},
  );

describe('bad input', () => {
  describe('in a configuration', () => {
    const cases: readonly (readonly [string, unknown, string, string])[] = [
      [
        'an ill-typed field',
        { snapshotInterval: 'sometimes' },
        'BAD_OPTION',
        'config.snapshotInterval: expected a positive integer up to 2^53-1 or "never", got "sometimes"',
      ],
      [
        'a number that could not be read again',
        { snapshotInitial: 2 ** 53 },
        'BAD_OPTION',
        'config.snapshotInitial: expected a positive integer up to 2^53-1, got 9007199254740992',
      ],
      [
        'parameters that are too deep',
        { vats: { alice: { ...counter, parameters: { x: nested(3000) } } } },
        'BAD_OPTION',
        'config.vats.alice.parameters.x[0][0][0]…: expected JSON data at most 200 levels deep',
      ],
      [
        'a worker type that is not one',
        { vats: { alice: { ...counter, creationOptions: { managerType: 'xnsap' } } } },
        'BAD_OPTION',
        'config.vats.alice.creationOptions.managerType: expected one of "xsnap", "local", got "xnsap"',
      ],
      [
        'a vat without code',
        { vats: { alice: {} } },
        'BAD_OPTION',
        'config.vats.alice: expected exactly one of sourceSpec, bundleSpec, bundle, bundleName, got none',
      ],
      [
        'a vat with two codes',
        { vats: { alice: { ...counter, bundleName: 'x' } } },
        'BAD_OPTION',
        'config.vats.alice: expected exactly one of sourceSpec, bundleSpec, bundle, bundleName, got sourceSpec, bundleName',
      ],
      [
        'a bootstrap vat that is not one of the vats',
        { bootstrap: 'alcie', vats: { alice: counter } },
        'BAD_OPTION',
        'config.bootstrap: "alcie" is not an entry of config.vats; did you mean alice?',
      ],
      [
        'a bundleName that nothing has',
        { vats: { alice: { bundleName: 'x' } } },
        'BAD_OPTION',
        'config.vats.alice.bundleName: "x" is not an entry of config.bundles',
      ],
      [
        'a vat with the name of a built-in one',
        { vats: { vatAdmin: counter } },
        'BAD_OPTION',
        'config.vats.vatAdmin: a built-in vat has this name; rename it, or pass addVatAdmin: false',
      ],
      [
        'parameters that are not JSON data',
        { vats: { alice: { ...counter, parameters: { deep: [1n] } } } },
        'BAD_OPTION',
        'config.vats.alice.parameters.deep[0]: expected JSON data, got "1n"',
      ],
      [
        'a source that is not there',
        { vats: { alice: { sourceSpec: '/nowhere/vat.js' } } },
        'MISSING_SOURCE',
        'config.vats.alice.sourceSpec: there is no file /nowhere/vat.js',
      ],
      [
        'a bundle file that is not there',
        { bundles: { b: { bundleSpec: '/nowhere/bundle.json' } } },
        'MISSING_SOURCE',
        'config.bundles.b.bundleSpec: there is no file /nowhere/bundle.json',
      ],
      [
        'no object at all',
        'swingset.json',
        'BAD_OPTION',
        'config: expected an object, got "swingset.json"',
      ],
    ];

    for (const [what, config, code, message] of cases) {
      it(`says what is wrong: ${what}`, async () => {
        const store = initSwingStore();
        const error = await harmlessErrorOf(store, () => initialize(store, config));
        expect({ code: error.code, message: error.message }).to.deep.equal({ code, message });
      });
    }

    it('lists all mistakes at once', async () => {
      const store = initSwingStore();
      const config = {
        bootstrap: 1,
        vats: { a: { sourceSpec: 2, creationOptions: { critical: 'yes' } } },
      };
      const error = await harmlessErrorOf(store, () => initialize(store, config));
      expect((error as BadOptionsError).problems.map(({ field, value }) => [field, value])).to.eql([
        ['config.bootstrap', 1],
        ['config.vats.a.sourceSpec', 2],
        ['config.vats.a.creationOptions.critical', 'yes'],
      ]);
    });
  });

  describe('in code', () => {
    let dir: string;
    let bundle: Bundle;

    before(async () => {
      dir = await mkdtemp(join(tmpdir(), 'bad-input-'));
      await writeFile(join(dir, 'package.json'), '{ "type": "module" }');
      bundle = await bundleFile(fixture('counter'), 'spec');
    });

    after(() => rm(dir, { recursive: true }));

    const bundleErrorOf = async (given: unknown) => {
      const store = initSwingStore();
      const error = await harmlessErrorOf(store, () =>
        initialize(store, { vats: { alice: { bundle: given } } }),
      );
      return error;
    };

    it('names a source that does not parse, and where', async () => {
      const path = join(dir, 'syntax.js');
      await writeFile(path, 'export const buildRootObject = ( => 3;\n');
      const store = initSwingStore();
      const error = await harmlessErrorOf(store, () =>
        initialize(store, { vats: { alice: { sourceSpec: path } } }),
      );
      expect(error.code).to.equal('BAD_BUNDLE');
      expect(error.message).to.match(
        /^config\.vats\.alice\.sourceSpec: .*syntax\.js can not be bundled/,
      );
      expect(error.message).to.contain('(1:33)');
    });

    it('names an import that is not there', async () => {
      const path = join(dir, 'imports.js');
      await writeFile(path, `import './gone.js';\nexport const buildRootObject = () => 3;\n`);
      const store = initSwingStore();
      const error = await harmlessErrorOf(store, () =>
        initialize(store, { vats: { alice: { sourceSpec: path } } }),
      );
      expect(error.code).to.equal('BAD_BUNDLE');
      expect(error.message).to.contain('gone.js');
    });

    it('refuses bundles that are malformed, cut off, or not what their hash says', async () => {
      expect((await bundleErrorOf({ moduleFormat: 'zip' })).message).to.equal(
        'config.vats.alice.bundle.moduleFormat: expected one of "endoZipBase64", "nestedEvaluate", got "zip"',
      );
      const zip = String(bundle.endoZipBase64);
      const cutOff = await bundleErrorOf({ ...bundle, endoZipBase64: zip.slice(0, 4000) });
      expect(cutOff.code).to.equal('BAD_BUNDLE');
      expect(cutOff.message).to.match(/^config\.vats\.alice\.bundle: the bundle fails its check: /);
      const other = await bundleErrorOf({ ...bundle, endoZipBase64Sha512: 'a'.repeat(128) });
      expect(other.code).to.equal('BAD_BUNDLE');
      expect(other.message).to.contain('integrity check');
    });

    it('refuses code whose bundleHash is another', async () => {
      const store = initSwingStore();
      const config = { vats: { alice: { ...counter, bundleHash: `b1-${'0'.repeat(128)}` } } };
      const error = await harmlessErrorOf(store, () => initialize(store, config));
      expect(error.code).to.equal('BAD_BUNDLE');
      expect(error.message).to.match(
        /^config\.vats\.alice\.bundleHash: expected b1-0+, the code is b1-/,
      );
    });

    it('refuses bundle files that hold none', async () => {
      const path = join(dir, 'not-a-bundle.json');
      await writeFile(path, 'PK');
      const store = initSwingStore();
      const error = await harmlessErrorOf(store, () =>
        initialize(store, { bundles: { b: { bundleSpec: path } } }),
      );
      expect(error.code).to.equal('BAD_BUNDLE');
      expect(error.message).to.match(
        /^config\.bundles\.b\.bundleSpec: .*not-a-bundle\.json holds no bundle/,
      );
    });

    it('refuses to install damaged bundles, and bundles that are not the alleged ones', async () => {
      const store = initSwingStore();
      await initialize(store, makeConfig('local'));
      const controller = await makeSwingsetController(store.kernelStorage);
      const damaged = { ...bundle, endoZipBase64: 'abc' };
      const error = await harmlessErrorOf(store, () =>
        controller.validateAndInstallBundle(damaged),
      );
      expect(error.code).to.equal('BAD_BUNDLE');
      const alleged = await harmlessErrorOf(store, () =>
        controller.validateAndInstallBundle(bundle, 'b1-00'),
      );
      expect(alleged.message).to.match(
        /^alleged bundleID "b1-00" does not match actual "b1-[0-9a-f]{128}"$/,
      );
      await controller.shutdown();
    });
  });

  describe('in options', () => {
    const cases: readonly (readonly [string, object, string])[] = [
      [
        'a misspelt epoch',
        { platfromEpoch: 1 },
        'runtimeOptions.platfromEpoch: unknown field; did you mean platformEpoch?',
      ],
      [
        'an ill-typed option',
        { slogSender: 'x' },
        'runtimeOptions.slogSender: expected a function, got "x"',
      ],
      [
        'a bad policy',
        { warehousePolicy: { maxVatsOnline: 0 } },
        'runtimeOptions.warehousePolicy.maxVatsOnline: expected a positive integer up to 1000000, got 0',
      ],
      [
        'a bad restart option',
        { platformRestart: { onVatFailure: 'shrug' } },
        'runtimeOptions.platformRestart.onVatFailure: expected one of "suspend", "panic", "terminate", got "shrug"',
      ],
      ['an empty epoch', { platformEpoch: '' }, 'platformEpoch: expected a non-empty name, got ""'],
    ];
    let store: SwingStore;

    before(async () => {
      store = initSwingStore();
      await initialize(store, makeConfig('local'));
    });

    for (const [what, options, message] of cases) {
      it(`of makeSwingsetController: ${what}`, async () => {
        const error = await harmlessErrorOf(store, () =>
          makeSwingsetController(store.kernelStorage, {}, options),
        );
        expect(error.message).to.equal(message);
      });
    }

    it('of the single options bag, which takes no further arguments', async () => {
      const { kernelStorage } = store;
      const call = makeSwingsetController as (...args: unknown[]) => Promise<unknown>;
      const mixed = await harmlessErrorOf(store, () =>
        call({ kernelStorage }, {}, { platformEpoch: 1 }),
      );
      expect(mixed.message).to.match(
        /^argument 3 \(runtimeOptions\): expected nothing beside a single/,
      );
      const strict = { kernelStorage, strict: true, epoch: 1 };
      const unknown = await harmlessErrorOf(store, () => call(strict));
      expect(unknown.message).to.match(/^options\.epoch: unknown field/);
      const none = await harmlessErrorOf(store, () => call({ platformEpoch: 1 }));
      expect(none.message).to.match(
        /^argument 1: expected a kernelStorage, or an options bag with one/,
      );
    });

    it('of initializeSwingset and buildVatController', async () => {
      const empty = initSwingStore();
      const admin = await harmlessErrorOf(empty, () =>
        initialize(empty, makeConfig('local'), [], { addVatAdmin: false }),
      );
      expect(admin.message).to.equal('a vat admin vat is required\na vat admin device is required');
      const powers = await harmlessErrorOf(empty, () =>
        initialize(empty, makeConfig('local'), [], withoutSystemVats, { verbose: 1 }),
      );
      expect(powers.message).to.equal('runtimeOptions.verbose: expected a boolean, got 1');
      const epochs = await harmlessErrorOf(empty, () =>
        initialize(empty, makeConfig('local'), [], { platformEpoch: 1 }, { platformEpoch: 2 }),
      );
      expect(epochs.code).to.equal('BAD_OPTION');
      const { kernelStorage } = empty;
      const bag = { kernelStorage, strict: true, deviceEndowment: {} } as object;
      const built = await harmlessErrorOf(empty, () =>
        buildVatController(makeConfig('local'), [], bag),
      );
      expect(built.message).to.match(
        /^options\.deviceEndowment: expected one of .*deviceEndowments, got \{\}$/,
      );
    });
  });

  describe('in stores', () => {
    let dir: string;

    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), 'bad-store-'));
    });

    afterEach(() => rm(dir, { recursive: true }));

    it('refuses to initialize a store twice', async () => {
      const store = initSwingStore();
      await initialize(store, makeConfig('local'));
      const error = await harmlessErrorOf(store, () => initialize(store, makeConfig('local')));
      expect(error.code).to.equal('ALREADY_INITIALIZED');
    });

    it('refuses a store that is not initialized', async () => {
      const store = initSwingStore();
      for (const use of [makeSwingsetController, upgradeSwingset]) {
        const error = await harmlessErrorOf(store, () => use(store.kernelStorage));
        expect(error.code).to.equal('NOT_INITIALIZED');
        expect(error.message).to.contain('initializeSwingset');
      }
    });

    it('refuses a store of another schema version', async () => {
      const store = initSwingStore();
      await initialize(store, makeConfig('local'));
      store.kernelStorage.kvStore.set('version', '2');
      const old = await harmlessErrorOf(store, () => makeSwingsetController(store.kernelStorage));
      expect(old.code).to.equal('SCHEMA_VERSION');
      expect(old.message).to.contain('upgradeSwingset');
      store.kernelStorage.kvStore.delete('version');
      store.kernelStorage.kvStore.set('initialized', 'true');
      const oldest = await harmlessErrorOf(store, () =>
        makeSwingsetController(store.kernelStorage),
      );
      expect(oldest).to.include({ code: 'SCHEMA_VERSION', found: 0 });
      store.kernelStorage.kvStore.set('version', '4');
      for (const use of [makeSwingsetController, upgradeSwingset]) {
        const newer = await harmlessErrorOf(store, () => use(store.kernelStorage));
        expect(newer.message).to.contain('newer software');
      }
    });

    it('says that a current store needs no upgrade', async () => {
      const store = initSwingStore();
      await initialize(store, makeConfig('local'));
      const before = store.debug.dump();
      expect(upgradeSwingset(store.kernelStorage)).to.deep.equal({ modified: false });
      expect(store.debug.dump()).to.deep.equal(before);
    });

    it('leaves a directory alone that is not a swingstore', async () => {
      await writeFile(join(dir, 'letter.txt'), 'dear reader');
      const getConfig = async () => makeConfig('local');
      const error = await errorOf(() => openSoloHost({ home: dir, getConfig }));
      expect(error.code).to.equal('NOT_A_SWINGSTORE');
      expect(error.message).to.contain(dir);
    });

    it('refuses a store that somebody else has open, and leaves them at work', async () => {
      const home = join(dir, 'home');
      const getConfig = async () => makeConfig('local');
      const initializationOptions = withoutSystemVats;
      const runtimeOptions = { console: silent };
      const options = { home, getConfig, initializationOptions, runtimeOptions };
      const host = await openSoloHost(options);
      const error = await errorOf(() => openSoloHost(options));
      expect(error.code).to.equal('STORE_LOCKED');
      expect(error.message).to.contain(home);
      expect(await host.run()).to.be.greaterThan(3);
      await host.close();
      const store = openSwingStore(home, { mustExist: true });
      await store.hostStorage.close();
    });
  });
});
