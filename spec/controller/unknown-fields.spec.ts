import { expect } from 'chai';
import { buildVatController } from '../../lib/controller/build-vat-controller.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import type { BadOptionsError } from '../../lib/controller/errors.js';
import { initializeSwingset } from '../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { computronCounter } from '../../lib/controller/run-policies.js';
import { checkFields } from '../../lib/controller/validate.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import { isMisspeltGuard, warnOfField } from '../../lib/unknown-fields.js';
import { ambientWarningsOf } from '../support/ambient-warnings.js';
import { errorOf, fixture, makeConfig, silent, withoutSystemVats } from './support.js';

const counter = { sourceSpec: fixture('counter') };

/** A console that keeps warnings, each of one line. */
const recordWarnings = () => {
  const warnings: string[] = [];
  const warn = (...args: unknown[]) => void warnings.push(args.join(' '));
  return { warnings, console: { ...silent, warn } };
};

describe('fields that the kernel does not know', () => {
  describe('in a configuration', () => {
    const check = (config: object, options: { strict?: boolean } = {}) => {
      const { warnings, console } = recordWarnings();
      checkFields('swingset-config', config, 'config', { ...options, console });
      return warnings;
    };
    const config = {
      bundels: {},
      vats: {
        'a b': { ...counter, sourcSpec: 1, creationOptions: { criticl: true } },
      },
      devices: { d: { ...counter, creationOptions: { unendoed: true } } },
      platformEpoch: 'spring',
    };

    it('are warnings, a line each, with the nearest name or the place where they belong', () => {
      expect(check(config)).to.have.members([
        'config.bundels: unknown field; did you mean bundles?',
        'config.vats["a b"].sourcSpec: unknown field; did you mean sourceSpec?',
        'config.vats["a b"].creationOptions.criticl: unknown field; did you mean critical?',
        'config.devices.d.creationOptions.unendoed: unknown field; did you mean unendowed?',
        'config.platformEpoch: unknown field; it is an option of makeSwingsetController',
      ]);
    });

    it('list what is known if no name is near', () => {
      expect(check({ vats: { a: { ...counter, zzzzzzzz: 1 } } })[0]).to.match(
        /^config\.vats\.a\.zzzzzzzz: unknown field; known are .*parameters/,
      );
    });

    it('are errors for a strict host, all at once', async () => {
      const error = await errorOf(() => check(config, { strict: true }));
      expect(error.code).to.equal('BAD_OPTION');
      expect((error as BadOptionsError).problems).to.have.length(5);
    });

    it('do not hide an error elsewhere', async () => {
      const error = await errorOf(() => check({ bundels: {}, snapshotInitial: 'x' }));
      expect(error.message).to.equal(
        'config.snapshotInitial: expected a positive integer up to 2^53-1, got "x"',
      );
    });

    it('are errors if they are a misspelt option of a restart', async () => {
      for (const name of ['platformEpoc', 'platfromEpoch', 'platformepoch', 'platform_restart']) {
        const error = await errorOf(() => check({ [name]: 1 }));
        expect(error.message).to.match(new RegExp(`^config\\.${name}: unknown field`));
      }
    });

    it('are comments if they begin with $, wherever a configuration has names of its own', async () => {
      const { warnings, console } = recordWarnings();
      const store = initSwingStore();
      const $comment = 'for people';
      const commented = makeConfig('local', {
        $comment,
        $schema: './node_modules/swingset-kernel/schemas/swingset-config.schema.json',
        vats: {
          $comment,
          bootstrap: { sourceSpec: fixture('bootstrap'), $comment },
          counter: {
            ...counter,
            parameters: { $kept: 'as data' },
            creationOptions: { critical: true, $comment },
          },
        },
        bundles: { $comment },
        devices: { $comment },
      } as unknown as SwingSetConfig);
      const powers = { console, strict: true };
      const { kernelStorage } = store;
      await initializeSwingset(commented, [], kernelStorage, withoutSystemVats, powers);
      expect(warnings).to.deep.equal([]);
      const names = kernelStorage.kvStore.get('vat.names');
      expect(JSON.parse(names ?? '')).to.have.members(['bootstrap', 'vatAdmin', 'counter']);
      expect(JSON.stringify(store.debug.dump())).to.contain('$kept');
    });

    it('are told of once, by the first that reads the configuration', async () => {
      const { warnings, console } = recordWarnings();
      const { kernelStorage } = initSwingStore();
      const given = makeConfig('local', { newer: 1 } as SwingSetConfig);
      checkFields('swingset-config', given, 'config', { console });
      await initializeSwingset(given, [], kernelStorage, withoutSystemVats, { console });
      expect(warnings.map(line => line.split(';')[0])).to.deep.equal([
        'config.newer: unknown field',
      ]);
    });
  });

  describe('in options', () => {
    let store: SwingStore;

    before(async () => {
      store = initSwingStore();
      const { kernelStorage } = store;
      await initializeSwingset(makeConfig('local'), [], kernelStorage, withoutSystemVats);
    });

    const boot = async (options: object) => {
      const { warnings, console } = recordWarnings();
      const given = { console, ...options };
      const controller = await makeSwingsetController(store.kernelStorage, null, given);
      await controller.shutdown();
      return warnings.filter(line => line.includes(': '));
    };

    it('are warnings of makeSwingsetController, on its console', async () => {
      expect(
        await boot({
          slogSenders: 1,
          addComms: false,
          newer: undefined,
          warehousePolicy: { maxVatOnline: 3 },
          slogCallbacks: { delivry: () => undefined },
        }),
      ).to.deep.equal([
        'runtimeOptions.slogSenders: unknown field; did you mean slogSender?',
        'runtimeOptions.addComms: unknown field; it is an option of initializeSwingset',
        'runtimeOptions.warehousePolicy.maxVatOnline: unknown field; did you mean maxVatsOnline?',
        'runtimeOptions.slogCallbacks.delivry: unknown field; did you mean delivery?',
      ]);
    });

    const errors: readonly (readonly [object, string])[] = [
      [
        { slogSenders: 1, strict: true },
        'runtimeOptions.slogSenders: unknown field; did you mean slogSender?',
      ],
      [
        { platformRestart: { exmpt: ['bank'] } },
        'runtimeOptions.platformRestart.exmpt: unknown field; did you mean exempt?',
      ],
      [
        { platformRestart: { later: true } },
        'runtimeOptions.platformRestart.later: unknown field; known are mode, concurrency',
      ],
      [
        { platformGaurd: 'off' },
        'runtimeOptions.platformGaurd: unknown field; did you mean platformGuard?',
      ],
      [
        { PlatformEpoch: 2 },
        'runtimeOptions.PlatformEpoch: unknown field; did you mean platformEpoch?',
      ],
    ];
    for (const [options, message] of errors) {
      it(`are errors: ${Object.keys(options).join(', ')} of makeSwingsetController`, async () => {
        const before = store.debug.dump();
        const error = await errorOf(() => boot(options));
        expect(error.message.slice(0, message.length)).to.equal(message);
        expect(error.code).to.equal('BAD_OPTION');
        expect(store.debug.dump()).to.deep.equal(before);
      });
    }

    it('are warnings of initialization, unless another reader of the same bag knows them', async () => {
      const { warnings, console } = recordWarnings();
      const { kernelStorage } = initSwingStore();
      const powers = { console, slogSender: 'not read here', kernelBundles: {}, newer: 1 };
      const options = { ...withoutSystemVats, addCommz: false } as object;
      await initializeSwingset(makeConfig('local'), [], kernelStorage, options, powers);
      expect(warnings.map(line => line.split(';')[0])).to.deep.equal([
        'options.addCommz: unknown field',
        'runtimeOptions.newer: unknown field',
      ]);
    });

    it('are errors of strict initialization, whichever bag says so', async () => {
      const strict = { strict: true };
      for (const [options, powers] of [
        [{ ...strict, addCommz: false }, {}],
        [{ ...strict }, { newer: 1 }],
        [{ addCommz: false }, strict],
      ] as readonly (readonly [object, object])[]) {
        const { kernelStorage } = initSwingStore();
        const error = await errorOf(() =>
          initializeSwingset(makeConfig('local'), [], kernelStorage, options, powers),
        );
        expect(error.message).to.contain('unknown field');
      }
    });

    it('are warnings of buildVatController, once, and errors if they cost an epoch', async () => {
      const { warnings, console } = recordWarnings();
      const { kernelStorage } = initSwingStore();
      const options = { kernelStorage, console, ...withoutSystemVats };
      const newer = { ...options, newer: 1 };
      const controller = await buildVatController(makeConfig('local'), [], newer);
      await controller.shutdown();
      expect(warnings.map(line => line.split(';')[0])).to.deep.equal([
        'options.newer: unknown field',
      ]);
      const costly = { ...options, platformEpcoh: 2 };
      const error = await errorOf(() => buildVatController({}, [], costly));
      expect(error.message).to.match(/^options\.platformEpcoh: /);
    });

    it('go to the console of the process where there is no other', async () => {
      const misspelt = { misspelt: 1 } as object;
      const policies = await ambientWarningsOf(() => {
        computronCounter(1n, misspelt);
        // The same for the next block, in a bag of its own.
        computronCounter(1n, { ...misspelt });
      });
      expect(policies).to.have.length(1);
      expect(policies[0]).to.match(/^options\.misspelt: unknown field; known are cleanupBudget/);
      const [ofStore] = await ambientWarningsOf(() => initSwingStore(null, misspelt));
      expect(ofStore).to.match(/^options\.misspelt: unknown field/);
      const strict = { ...misspelt, strict: true };
      expect((await errorOf(() => initSwingStore(null, strict))).code).to.equal('BAD_OPTION');
    });
  });

  it('are told of in one printable line, to a console that may fail', () => {
    const { warnings, console } = recordWarnings();
    warnOfField({}, 'x', 'a\u001b[2J\nb', { console });
    expect(warnings).to.deep.equal(['a\\u001b[2J\\nb']);
    const warn = () => {
      throw Error('ENOSPC');
    };
    expect(() => warnOfField({}, 'x', 'y', { console: { warn } })).not.to.throw();
  });

  it('may have names that only resemble options of a restart', () => {
    const others = ['platform', 'platformPath', 'platformEpochKindChange', 'platformPolicy'];
    expect(others.filter(isMisspeltGuard)).to.deep.equal([]);
    const exact = ['platformEpoch', 'platformRestart', 'platformGuard'];
    expect(exact.filter(isMisspeltGuard)).to.deep.equal([]);
  });
});

describe('null in the place of none', () => {
  it('is taken where SwingSet takes it', async () => {
    const { kernelStorage } = initSwingStore();
    const none = { devices: null, bundles: null, bundleCachePath: null, bundleFormat: null };
    const config = makeConfig('local', {
      ...none,
      vats: { bootstrap: { sourceSpec: fixture('bootstrap'), parameters: null } },
    } as unknown as SwingSetConfig);
    const given = { kernelStorage, deviceEndowments: null, console: silent };
    const options = { ...given, slogSender: null, kernelBundles: null, env: null } as object;
    const controller = await buildVatController(config, [], options, null);
    await controller.shutdown();
    for (const args of [[null, null], [], [undefined, { slogCallbacks: null }]]) {
      const [endowments, runtime] = args as [null?, null?];
      const next = await makeSwingsetController(kernelStorage, endowments, runtime);
      await next.shutdown();
    }
    const bag = { kernelStorage, deviceEndowments: null, debugPrefix: null } as object;
    const last = await makeSwingsetController(bag as never);
    await last.shutdown();
  });

  it('is an error for options of ours', async () => {
    const { kernelStorage } = initSwingStore();
    const platformEpoch = null as never;
    await initializeSwingset(makeConfig('local'), null, kernelStorage, null, null);
    const error = await errorOf(() => makeSwingsetController({ kernelStorage, platformEpoch }));
    expect(error.message).to.equal('options.platformEpoch: expected a name or a number, got null');
  });
});
