/** Issue 18: whatever a host gives for an epoch, the store is as before unless the epoch is sound. */
import { expect } from 'chai';
import { initializeSwingset } from '../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { openSoloHost } from '../../lib/host/solo-host.js';
import { rehearsePlatformEpoch } from '../../lib/host/rehearse-platform-epoch.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { silent, withoutSystemVats } from '../controller/support.js';
import { failureOf } from '../support/failure.js';
import { makeTempDir, startLife } from '../support/swingset.js';
import { hashTables, makeConfig } from './support/fixture.js';

const MEGABYTE = 2 ** 20;

/** Counts how often anyone looks. */
const makeTrap = () => {
  let looks = 0;
  const look = () => {
    looks += 1;
    return 3;
  };
  const value = {
    get epoch() {
      return look();
    },
    get name() {
      return look();
    },
    toString: look,
    valueOf: look,
    [Symbol.toPrimitive]: look,
  };
  return { value, looks: () => looks };
};

const throwing = {
  get toJSON(): never {
    throw Error('no JSON');
  },
  [Symbol.toPrimitive](): never {
    throw Error('no text');
  },
};

const badEpochs: readonly (readonly [what: string, value: unknown, code?: string])[] = [
  ['a lower number', 1, 'PLATFORM_EPOCH_REGRESSION'],
  ['zero', 0, 'PLATFORM_EPOCH_REGRESSION'],
  ['minus zero', -0, 'PLATFORM_EPOCH_REGRESSION'],
  ['a name after a number', 'three', 'PLATFORM_EPOCH_KIND'],
  ['digits as a name', '3', 'PLATFORM_EPOCH_KIND'],
  ['NaN', NaN],
  ['a negative number', -3],
  ['a fraction', 2.5],
  ['infinity', Infinity],
  ['2^53', 2 ** 53],
  ['the largest number', Number.MAX_VALUE],
  ['nothing in quotes', ''],
  ['a space of no width', '\u200b'],
  ['a megabyte', 'x'.repeat(MEGABYTE)],
  ['a megabyte of pairs', '🦔'.repeat(MEGABYTE / 4)],
  ['null', null],
  ['true', true],
  ['a bigint', 3n],
  ['a symbol', Symbol('three')],
  ['a list', [3]],
  ['a number in a box', Object(3)],
  ['a text in a box', Object('three')],
  ['a function', () => 3],
  ['a date', new Date(3)],
  ['a record with getters', makeTrap().value],
  ['a record whose getters throw', throwing],
  ['a proxy that throws', new Proxy({}, { get: () => expect.fail('looked into') })],
];

describe('a bad platform epoch', () => {
  const insistRefusal = (error: unknown, what: string, code?: string) => {
    const expected = code === undefined ? ['BAD_OPTION', 'BAD_PLATFORM_EPOCH'] : [code];
    expect((error as { code?: string }).code, what).to.be.oneOf(expected);
    expect((error as Error).message.length, what).to.be.lessThan(600);
  };

  it('is refused by each way to boot, before any write', async () => {
    const life = await startLife({
      config: makeConfig(),
      worker: 'local',
      store: 'directory',
      platformEpoch: 1,
    });
    await life.run();
    await life.reboot({ platformEpoch: 2 });
    await life.controller.shutdown();
    await life.hostStorage.commit();
    const before = hashTables(life.store);
    const changes = life.store.debug.getDatabase().prepare('SELECT total_changes()').pluck();
    const written = changes.get();
    const { kernelStorage } = life;
    const ways: readonly ((epoch: never) => Promise<unknown>)[] = [
      epoch => makeSwingsetController({ kernelStorage, console: silent, platformEpoch: epoch }),
      epoch => makeSwingsetController(kernelStorage, {}, { console: silent, platformEpoch: epoch }),
    ];
    for (const [what, value, code] of badEpochs) {
      for (const boot of ways) insistRefusal(await failureOf(boot(value as never)), what, code);
      expect(changes.get(), what).to.equal(written);
    }
    expect(hashTables(life.store)).to.deep.equal(before);
  });

  it('is refused by rehearsals and by the solo host, which leave the store as it was', async () => {
    const path = `${makeTempDir()}/store`;
    const getConfig = async () => makeConfig();
    const solo = { home: path, getConfig, initializationOptions: withoutSystemVats };
    const host = await openSoloHost({
      ...solo,
      runtimeOptions: { console: silent, platformEpoch: 2 },
    });
    await host.run();
    await host.close();
    const look = async () => {
      const store = openSwingStore(path);
      const tables = hashTables(store);
      await store.hostStorage.close();
      return tables;
    };
    const before = await look();
    for (const [what, value, code] of badEpochs) {
      const platformEpoch = value as never;
      const runtimeOptions = { console: silent, platformEpoch };
      insistRefusal(await failureOf(openSoloHost({ ...solo, runtimeOptions })), what, code);
      const rehearsal = rehearsePlatformEpoch(path, {
        platformEpoch,
        runtimeOptions: { console: silent },
      });
      insistRefusal(await failureOf(rehearsal), what, code);
    }
    expect(await look()).to.deep.equal(before);
  });

  it('is refused by initializeSwingset, and the store stays empty', async () => {
    const config = { defaultManagerType: 'local', ...makeConfig() } as const;
    const path = `${makeTempDir()}/store`;
    const store = openSwingStore(path);
    for (const [what, value, code] of badEpochs) {
      // A new store has no epoch to be lower than, and takes either kind.
      if (code !== undefined) continue;
      const refused = initializeSwingset(config, [], store.kernelStorage, withoutSystemVats, {
        platformEpoch: value as never,
      });
      insistRefusal(await failureOf(refused), what);
    }
    expect(store.debug.dump().kvEntries).to.deep.equal({});
    await store.hostStorage.close();
  });
});

describe('options with getters', () => {
  /** Gives the first value once, and the others from then on. */
  const turning = <T>(first: T, later: unknown) => {
    let reads = 0;
    return () => {
      reads += 1;
      return reads === 1 ? first : (later as T);
    };
  };

  const boot = (kernelStorage: KernelStorage, options: object) =>
    makeSwingsetController({ kernelStorage, console: silent, ...options });

  it('are read once: what was checked is what is used', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    await life.controller.shutdown();
    const mode = turning('lazy', 'sideways');
    const exempt = turning([], ['nobody', 7]);
    const onVatFailure = turning('suspend', {});
    const epoch = turning(2, '9'.repeat(MEGABYTE));
    const platformRestart = {
      get mode() {
        return mode();
      },
      get exempt() {
        return exempt();
      },
      get onVatFailure() {
        return onVatFailure();
      },
    };
    const options = Object.defineProperty({ platformRestart }, 'platformEpoch', {
      enumerable: true,
      get: epoch,
    });
    const controller = await makeSwingsetController(
      life.kernelStorage,
      {},
      Object.defineProperties(
        {},
        {
          ...Object.getOwnPropertyDescriptors(options),
          console: { enumerable: true, value: silent },
        },
      ),
    );
    expect(controller.getEpochLedger().at(-1)).to.deep.include({
      epoch: 2,
      options: { mode: 'lazy', onVatFailure: 'suspend', exempt: [] },
    });
    await controller.shutdown();
    await life.reboot({ platformEpoch: 2, platformRestart: { mode: 'lazy' } });
    expect(await life.call('alice', 'lives')).to.equal(2);
  });

  it('are found where a class has them', async () => {
    class Restart {
      get allow() {
        return false;
      }
    }
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    await life.controller.shutdown();
    const before = hashTables(life.store);
    const refused = boot(life.kernelStorage, {
      platformEpoch: 2,
      platformRestart: new Restart(),
    });
    expect(await failureOf(refused)).to.include({ code: 'PLATFORM_RESTART_NOT_ALLOWED' });
    expect(hashTables(life.store)).to.deep.equal(before);
  });
});
