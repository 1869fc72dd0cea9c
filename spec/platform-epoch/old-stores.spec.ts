/**
 * Issue 18: stores that earlier releases of SwingSet made (spec/fixtures/stores) open, upgrade, restart
 * and reboot here. SwingSet's own upgrade is the oracle for the upgraded rows.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { upgradeSwingset as originalUpgrade } from '@agoric/swingset-vat/src/controller/upgradeSwingset.js';
import { expect } from 'chai';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { upgradeSwingset } from '../../lib/controller/schema-version.js';
import { DamagedRowError } from '../../lib/errors.js';
import { openSoloHost } from '../../lib/host/solo-host.js';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import { STORE_FILE } from '../../lib/store/schema.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { verifyStore } from '../../lib/store/verify.js';
import { kernelChecks } from '../../lib/cli/store-checks.js';
import { silent } from '../controller/support.js';
import { failureOf } from '../support/failure.js';
import { makeTempDir, startLife, type Life } from '../support/swingset.js';
import { hashTables } from './support/fixture.js';

const versions = [0, 1, 2, 3] as const;
type Version = (typeof versions)[number];

const recorded = (version: Version): Buffer => {
  const name = `../fixtures/stores/schema-${version}.sqlite.br`;
  return brotliDecompressSync(readFileSync(new URL(name, import.meta.url)));
};

const serializedOf = async (version: Version): Promise<Buffer> => {
  if (version !== 1) return recorded(version);
  const { kernelStorage, hostStorage, debug } = initSwingStore(null, { serialized: recorded(2) });
  kernelStorage.kvStore.delete('vats.terminated');
  kernelStorage.kvStore.set('version', '1');
  await hostStorage.commit();
  const serialized = debug.serialize();
  await hostStorage.close();
  return serialized;
};

/** The original prints what it does. */
const upgradeByOriginal = (kernelStorage: KernelStorage): unknown => {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  try {
    return (originalUpgrade as (storage: KernelStorage) => unknown)(kernelStorage);
  } finally {
    process.stdout.write = write;
  }
};

for (const version of versions) {
  describe(`a store of SwingSet's schema ${version}`, () => {
    let serialized: Buffer;
    const open = () => initSwingStore(null, { serialized });

    before(async () => {
      serialized = await serializedOf(version);
    });

    it('has that schema', async () => {
      const { kernelStorage, hostStorage } = open();
      const { kvStore } = kernelStorage;
      expect(kvStore.get('version')).to.equal(version === 0 ? undefined : `${version}`);
      expect(kvStore.has('initialized')).to.equal(version === 0);
      await hostStorage.close();
    });

    it('is upgraded as SwingSet upgrades it, row for row, and once', async () => {
      const [ours, theirs] = [open(), open()];
      const modified = version < 3;
      expect(upgradeSwingset(ours.kernelStorage)).to.deep.equal({ modified });
      expect(upgradeByOriginal(theirs.kernelStorage)).to.deep.equal({ modified });
      expect(ours.debug.dump()).to.deep.equal(theirs.debug.dump());
      if (version < 3) {
        expect(ours.kernelStorage.kvStore.get('upgradeEvents')).to.match(/"type":"notify"/);
      }
      await ours.hostStorage.commit();
      const before = hashTables(ours);
      expect(upgradeSwingset(ours.kernelStorage)).to.deep.equal({ modified: false });
      expect(hashTables(ours)).to.deep.equal(before);
      for (const { hostStorage } of [ours, theirs]) await hostStorage.close();
    });

    /** What the vats kept from SwingSet. */
    const expectAllKept = async (life: Life, lives: number) => {
      expect(await life.call('alice', 'lives')).to.equal(lives);
      expect(await life.call('alice', 'read')).to.deep.equal(['a note']);
      expect(await life.call('boot', 'send', 'carol', 'lives')).to.equal(lives + 1);
      expect(await life.call('boot', 'send', 'erin', 'lives')).to.equal(lives);
    };

    const check = ({ kernelStorage }: Life) => {
      const findings = checkKernelState(kernelStorage, { hostHeld: 'unknown' });
      expect(findings.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
    };

    it('opens, upgrades, restarts, and reboots twice without a change', async () => {
      const path = join(makeTempDir(), 'store');
      mkdirSync(path);
      writeFileSync(join(path, STORE_FILE), serialized);
      const store = openSwingStore(path);
      upgradeSwingset(store.kernelStorage);
      await store.hostStorage.commit();
      await store.hostStorage.close();

      const life = await startLife({
        config: {},
        store: { path },
        platformEpoch: 'first',
        // SwingSet retains parameters since schema 3.
        ...(version < 3 && { platformRestart: { vatParameters: () => ({}) } }),
        checkAtEnd: false,
      });
      life.controller.injectQueuedUpgradeEvents();
      const results = life.controller.getPlatformRestartReport()?.vats;
      expect(results?.map(({ name, result }) => [name, result])).to.deep.equal(
        ['boot', 'vatAdmin', 'alice', 'bob', 'carol', 'erin'].map(name => [name, 'restarted']),
      );
      await life.run();
      await expectAllKept(life, 2);
      // The queued message counts, in the new incarnation.
      expect(await life.call('alice', 'bump')).to.deep.equal([2, 4]);
      expect(await life.call('bob', 'use', 'thing').catch(String)).to.be.a('string');
      expect(life.kernelStorage.kvStore.has('upgradeEvents')).to.equal(false);
      check(life);

      const before = hashTables(life.store);
      for (const platformEpoch of ['first', 'first']) {
        await life.reboot({ platformEpoch });
        expect(life.controller.getPlatformRestartReport()).to.equal(undefined);
        expect(hashTables(life.store)).to.deep.equal(before);
      }
      await expectAllKept(life, 2);
      await life.reboot({ platformEpoch: 'second' });
      await life.run();
      await expectAllKept(life, 3);
      check(life);
      await life.close();
      expect((await verifyStore(path, { checks: kernelChecks })).problems).to.deep.equal([]);
    });
  });
}

describe('a store of an older schema', () => {
  it('is refused until it is upgraded', async () => {
    const store = initSwingStore(null, { serialized: recorded(2) });
    const error = await failureOf(
      makeSwingsetController(store.kernelStorage, {}, { console: silent }),
    );
    expect(error).to.include({ code: 'SCHEMA_VERSION', found: 2 });
    expect((error as Error).message).to.include('upgradeSwingset');
    await store.hostStorage.close();
  });

  it('is upgraded by the solo host, and committed', async () => {
    const home = join(makeTempDir(), 'store');
    mkdirSync(home);
    writeFileSync(join(home, STORE_FILE), recorded(0));
    const runtimeOptions = { console: silent, platformEpoch: 1 };
    const host = await openSoloHost({ home, runtimeOptions });
    expect(await host.run()).to.be.greaterThan(0);
    await host.close();
    const store = openSwingStore(home);
    expect(store.kernelStorage.kvStore.get('version')).to.equal('3');
    await store.hostStorage.close();
  });

  it('is left as it was if a row is damaged', async () => {
    const damages: readonly (readonly [key: string, value: string | undefined])[] = [
      ['kernel.defaultReapInterval', 'x'],
      ['v1.reapInterval', undefined],
      ['v4.reapCountdown', 'never'],
      ['v3.options', '{'],
      ['vat.dynamicIDs', '["x"]'],
      ['vat.dynamicIDs', '["v5","v5"]'],
      ['runQueue', '[1]'],
    ];
    for (const [key, value] of damages) {
      const store = initSwingStore(null, { serialized: recorded(0) });
      const { kvStore } = store.kernelStorage;
      if (value === undefined) kvStore.delete(key);
      else kvStore.set(key, value);
      const before = store.debug.dump();
      const error = await failureOf(() => upgradeSwingset(store.kernelStorage), key);
      if (key !== 'v4.reapCountdown') expect(error).to.be.instanceOf(DamagedRowError);
      expect((error as { code?: string }).code, key).to.match(/^(DAMAGED_ROW|KERNEL_STATE)$/);
      expect(store.debug.dump(), key).to.deep.equal(before);
      await store.hostStorage.close();
    }
  });
});
