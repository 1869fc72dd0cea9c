import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { startLife, type Life } from '../support/swingset.js';
import { makeConfig, vatIDs } from './support/fixture.js';

const { bob } = vatIDs;
const carol = 'v5';

/** Nobody holds bob's root: only the argument of `bootstrap` mentioned it, and boot keeps alice's. */
const start = async (): Promise<Life> => {
  const config = makeConfig();
  const life = await startLife({
    config: { ...config, defaultReapInterval: 1 },
    worker: 'local',
    platformEpoch: 1,
  });
  await life.run();
  await life.call('boot', 'create', 'carol');
  await life.call('boot', 'forget', 'bob');
  await life.call('boot', 'forget', 'carol');
  return life;
};

/** The kref of a vat's root, and what the kernel's tables say of it. */
const rootRows = ({ controller }: Life, vatID: string) => {
  const { kernelTable, objects } = controller.dump();
  const [kref] = kernelTable.find(([, owner, vref]) => owner === vatID && vref === 'o+0') ?? [];
  return objects.find(([each]) => each === kref);
};

/** GC deliveries that name the vat's root. */
const takenFrom = (life: Life, vatID: string) =>
  life.slog.filter(
    ({ type, vatID: each, vd }) =>
      type === 'deliver' &&
      each === vatID &&
      /^\["(drop|retire)Exports",.*"o\+0"/.test(JSON.stringify(vd)),
  );

const lazily = { platformRestart: { mode: 'lazy' } } as const;

const changes: readonly [string, (life: Life) => Promise<unknown>][] = [
  ['ordinary garbage collection', life => life.run()],
  ['a reboot', life => life.reboot()],
  ['an epoch', life => life.reboot({ platformEpoch: 2 })],
  ['a lazy epoch', life => life.reboot({ platformEpoch: 2, ...lazily })],
  [
    'two epochs, the first of them lazy',
    async life => {
      await life.reboot({ platformEpoch: 2, ...lazily });
      await life.reboot({ platformEpoch: 3 });
    },
  ],
  [
    'a suspension',
    async life => {
      for (const vatID of [bob, carol]) {
        await life.controller.suspendVat(vatID);
        await life.run();
        await life.controller.resumeVat(vatID);
      }
    },
  ],
];

describe("a vat's root that nobody refers to", () => {
  for (const [what, change] of changes) {
    it(`stays the vat's through ${what}`, async () => {
      const life = await start();
      const before = [rootRows(life, bob), rootRows(life, carol)];
      expect(before.map(row => row?.slice(1))).to.deep.equal([
        [bob, 0, 0],
        [carol, 0, 0],
      ]);
      expect(await life.call('bob', 'bump')).to.deep.equal([1, 1]);
      await change(life);
      life.controller.reapAllVats();
      await life.run();
      for (const vatID of [bob, carol]) expect(takenFrom(life, vatID)).to.deep.equal([]);
      expect([rootRows(life, bob), rootRows(life, carol)]).to.deep.equal(before);
      expect(await life.call('bob', 'bump')).to.include(2);

      const root = life.controller.getRootObject(carol);
      const bumped = life.controller.queueToVatObject(kslot(root), 'bump', []);
      await life.run();
      expect(life.resultOf(bumped)).to.deep.equal([1, 1]);
    });
  }

  it("stays the vat's through an upgrade", async () => {
    const life = await start();
    const before = rootRows(life, bob);
    const subject = life.kernelStorage.kvStore.get('namedBundleID.subject') ?? '';
    const upgraded = life.controller.upgradeStaticVat('bob', false, subject);
    await life.run();
    expect(life.resultOf(upgraded)).to.deep.equal({ incarnationNumber: 1 });
    expect(await life.call('bob', 'lives')).to.equal(2);
    expect(rootRows(life, bob)).to.deep.equal(before);
  });

  it("stays a dynamic vat's through upgrades, also a failed one", async () => {
    const life = await start();
    const before = rootRows(life, carol);
    const root = life.controller.getRootObject(carol);
    const bump = async () => {
      const bumped = life.controller.queueToVatObject(kslot(root), 'bump');
      await life.run();
      return life.resultOf(bumped);
    };
    const upgrade = (vatParameters = {}) =>
      life.call('boot', 'upgrade', 'carol', 'subject', vatParameters);
    expect(await bump()).to.deep.equal([1, 1]);
    expect(await upgrade()).to.deep.equal({ incarnationNumber: 1 });
    expect(await bump()).to.deep.equal([1, 2]);
    await upgrade({ failInLife: 2 }).then(
      () => expect.fail('it did not fail'),
      (error: unknown) => expect(String(error)).to.include('vat-upgrade failure'),
    );
    life.controller.reapAllVats();
    await life.run();
    expect(await bump()).to.deep.equal([2, 3]);
    expect(takenFrom(life, carol)).to.deep.equal([]);
    expect(rootRows(life, carol)).to.deep.equal(before);
  });

  it('goes when the vat ends', async () => {
    const life = await start();
    life.controller.terminateVat(carol, { body: '#"enough"', slots: [] });
    await life.run();
    expect(rootRows(life, carol)).to.equal(undefined);
  });

  it('is missed by the checker when it is taken from the vat', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', checkAtEnd: false });
    await life.run();
    const [kref] = rootRows(life, bob) ?? [];
    life.kernelStorage.kvStore.set(`${bob}.c.${kref}`, '_ o+0');
    expect(() => {
      life.check();
    }).to.throw(`object: ${bob}.c.${kref}: the root of a live vat is missing`);
    life.kernelStorage.kvStore.delete(`${bob}.c.${kref}`);
    life.kernelStorage.kvStore.delete(`${bob}.c.o+0`);
    expect(() => {
      life.check();
    }).to.throw(`object: ${bob}.c.o+0: the root of a live vat is missing`);
  });
});
