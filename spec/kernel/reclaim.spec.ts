import { expect } from 'chai';
import { kslot } from '@agoric/kmarshal';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { bundleOf, withBundles } from '../support/shared-bundles.js';
import { sourceOf, startLife, type Life, type LifeOptions } from '../support/swingset.js';
import { auditVatstore, readRows } from './support/vatstore-audit.js';
import { workers } from '../support/workers.js';

const source = (name: string) => sourceOf(import.meta.url, `vats/reclaim-${name}.js`);

interface Entry {
  readonly kref: string;
  readonly vref: string;
  readonly flag: string;
}

/** A source of objects and a holder of them; the holder is what restarts matter to. */
const startPair = async (
  worker: 'local' | 'xsnap',
  options: Partial<LifeOptions> = {},
  settings: Partial<SwingSetConfig> = {},
) => {
  const never = { managerType: worker, reapInterval: 'never', reapGCKrefs: 'never' } as const;
  const life = await startLife({
    config: await withBundles({
      bootstrap: 'source',
      vats: {
        source: {
          sourceSpec: source('source'),
          creationOptions: { ...never, managerType: 'local' },
        },
        holder: { sourceSpec: source('holder'), creationOptions: never },
      },
      // A snapshot has a bringOutYourDead before it, which would be in the way.
      snapshotInitial: 10_000,
      ...settings,
    }),
    platformEpoch: 1,
    ...options,
  });
  const { controller } = life;
  for (const name of ['source', 'holder']) controller.pinVatRoot(name);
  await life.run();
  const vatID = controller.vatNameToID('holder');
  const holder = kslot(controller.getRootObject(vatID));
  let epoch = 1;
  const pair = {
    life,
    holderID: vatID,
    sourceID: controller.vatNameToID('source'),
    /** The source gives so many new objects to a method of the holder. */
    give: (method: string, count: number) => life.call('source', 'give', holder, method, count),
    source: (method: string, ...args: unknown[]) => life.call('source', method, holder, ...args),
    holder: (method: string, ...args: unknown[]) => life.call('holder', method, ...args),
    restart: async () => {
      epoch += 1;
      life.slog.length = 0;
      // The source lives on, so that it can be seen what it is told.
      await life.reboot({ platformEpoch: epoch, platformRestart: { exempt: ['source'] } });
    },
    entries: (vat: string, prefix: string): Entry[] =>
      [...life.controller.dump().kernelTable]
        .filter(([, owner]) => owner === vat)
        .map(([kref, , vref]) => {
          const row = life.kernelStorage.kvStore.get(`${vat}.c.${kref}`);
          return { kref, flag: row?.slice(0, 1) ?? 'none', vref };
        })
        .filter(({ vref }) => vref.startsWith(prefix)),
    imports: (): Entry[] => pair.entries(vatID, 'o-'),
    rows: () => readRows(life.kernelStorage.kvStore, `${vatID}.vs.`),
    /** The records of the holder's data agree with the data, and its c-list with both. */
    check: () => {
      const { problems, referenced, recognized } = auditVatstore(life.kernelStorage.kvStore, vatID);
      expect(problems).to.deep.equal([]);
      for (const { vref, flag } of pair.imports()) {
        if (referenced.has(vref)) expect(flag, vref).to.equal('R');
        else expect(recognized.has(vref) && flag === '_', `${vref} is forgotten`).to.equal(true);
      }
    },
  };
  return pair;
};

const krefsOf = (entries: readonly Entry[]) => entries.map(({ kref }) => kref).sort();

/** Krefs that a vat was told of in GC deliveries. */
const told = (life: Life, vatID: string, dispatch: string): string[] =>
  life.slog
    .filter(
      (entry: SlogEntry) =>
        entry.type === 'deliver' && entry['vatID'] === vatID && entry['dispatch'] === dispatch,
    )
    .flatMap(entry => (entry['kd'] as [string, string[]])[1])
    .sort();

const reclaimedBy = (life: Life, vatID: string) => {
  const entry = life.slog.find(({ type, vatID: of }) => type === 'vat-reclaim' && of === vatID);
  const { imports, promises, devices, rows } = entry as Record<string, number>;
  return { imports, promises, devices, rows };
};

for (const worker of workers) {
  describe(`reclaim, ${worker}`, () => {
    it('drops and retires 1,000 imports that only RAM held, and keeps durable ones', async () => {
      const pair = await startPair(worker);
      await pair.give('holdInStrong', 10);
      await pair.give('holdInSet', 10);
      await pair.give('holdInBoxes', 10);
      const durable = pair.imports();
      await pair.give('holdInRAM', 1000);
      const lost = krefsOf(pair.imports().filter(({ kref }) => !krefsOf(durable).includes(kref)));
      expect([durable.length, lost.length]).to.deep.equal([30, 1000]);

      await pair.restart();
      expect(pair.imports()).to.deep.equal(durable);
      expect(reclaimedBy(pair.life, pair.holderID).imports).to.equal(1000);
      pair.check();
      await pair.life.run();
      expect(told(pair.life, pair.sourceID, 'dropExports')).to.deep.equal(lost);
      expect(told(pair.life, pair.sourceID, 'retireExports')).to.deep.equal(lost);
      expect(await pair.holder('sizes')).to.deep.equal([20, 10]);
      expect(await pair.source('askBack', '7')).to.equal('thing 7');
      expect(await pair.source('askBack', 'missing').catch((e: Error) => e.message)).to.match(
        /not found/,
      );
    });

    it('deletes 10,000 rows of virtual collections and gives back what they held', async () => {
      const pair = await startPair(worker);
      const before = pair.rows();
      await pair.source('giveRows', 10_000, 50);
      await pair.give('holdInVirtualKeys', 20);
      await pair.give('holdInVirtualObjects', 30);
      const lost = krefsOf(pair.imports());
      expect(lost.length).to.equal(100);
      expect(pair.rows().size - before.size).to.be.greaterThan(10_000);

      await pair.restart();
      expect(pair.imports()).to.deep.equal([]);
      pair.check();
      await pair.life.run();
      expect(told(pair.life, pair.sourceID, 'retireExports')).to.deep.equal(lost);
      // The next incarnation made as many virtual collections and kinds as the first.
      expect(pair.rows().size).to.equal(before.size);
      expect([...pair.rows().keys()].filter(key => key.startsWith('vom.o+v'))).to.deep.equal([]);
    });

    it('drops weak keys of durable collections, and retires keys of others', async () => {
      const pair = await startPair(worker);
      await pair.give('holdInWeak', 15);
      const weak = pair.imports();
      await pair.give('recognizeInRAM', 15);
      await pair.source('giveTo', ['holdInRAM', 'recognizeInRAM'], 15);
      await pair.source('giveTo', ['holdInWeak', 'holdInStrong', 'recognizeInVirtual'], 15);
      const strong = pair.imports().slice(-15);
      await pair.source('giveTo', ['holdInRAM', 'recognizeInVirtual'], 15);
      const all = pair.imports();
      expect(all.length).to.equal(75);

      await pair.restart();
      pair.check();
      const kept = pair.imports();
      expect(kept.map(({ kref, flag }) => [kref, flag])).to.deep.equal([
        ...weak.map(({ kref }) => [kref, '_']),
        ...strong.map(({ kref }) => [kref, 'R']),
      ]);
      await pair.life.run();
      const gone = krefsOf(all.filter(({ kref }) => !krefsOf(strong).includes(kref)));
      // The source let go of them as well: what was dropped is retired by it, and then by the weak map.
      expect(told(pair.life, pair.sourceID, 'dropExports')).to.deep.equal(gone);
      expect(told(pair.life, pair.sourceID, 'retireExports')).to.deep.equal(
        gone.filter(kref => !krefsOf(weak).includes(kref)),
      );
      expect(await pair.source('knownWeakly', '3')).to.equal(true);
      pair.life.controller.reapAllVats();
      await pair.life.run();
      expect(told(pair.life, pair.holderID, 'retireImports')).to.deep.equal(krefsOf(weak));
      expect(pair.imports().length).to.equal(15);
      pair.check();
    });

    it('deletes durable data that only RAM or virtual data held, and what hung on it', async () => {
      const pair = await startPair(worker);
      await pair.give('holdInStrong', 5);
      const kept = pair.imports();
      const before = pair.rows().size;
      await pair.give('holdInAbandonedCollections', 10);
      await pair.give('holdInLostBoxes', 10);
      await pair.source('giveOne', 'keepBoxInRAM');
      const lost = krefsOf(pair.imports()).slice(kept.length);
      expect(lost.length).to.equal(21);

      await pair.restart();
      expect(pair.imports()).to.deep.equal(kept);
      pair.check();
      expect(pair.rows().size).to.equal(before);
      await pair.life.run();
      expect(told(pair.life, pair.sourceID, 'retireExports')).to.deep.equal(lost);
    });

    it('leaves exact counts, so that durable data can be dropped and restarted again', async () => {
      const pair = await startPair(worker);
      await pair.source('giveOne', 'shareBetweenVirtualAndDurable');
      await pair.source('giveTo', ['holdInStrong', 'holdInRAM', 'holdInVirtualKeys'], 5);
      await pair.give('holdInSet', 5);
      const all = krefsOf(pair.imports());

      await pair.restart();
      pair.check();
      await pair.holder('deleteStrong', ['shared', '0', '1']);
      await pair.holder('deleteSet');
      pair.life.controller.reapAllVats();
      await pair.life.run();
      pair.check();
      expect(await pair.holder('strongKeys')).to.deep.equal(['2', '3', '4']);
      expect(told(pair.life, pair.sourceID, 'retireExports').length).to.equal(all.length - 3);

      await pair.restart();
      expect(reclaimedBy(pair.life, pair.holderID).imports).to.equal(0);
      pair.check();
      expect(await pair.source('askBack', '3')).to.equal('thing 3');
    });

    it('retires exports of durable objects that die with virtual data', async () => {
      const pair = await startPair(worker);
      await pair.source('takeKit');
      pair.life.controller.reapAllVats();
      await pair.life.run();
      const [kit] = pair.entries(pair.holderID, 'o+d').filter(({ vref }) => vref.endsWith(':0'));
      expect(kit?.flag).to.equal('_');

      await pair.restart();
      pair.check();
      expect(pair.entries(pair.holderID, 'o+d')).to.deep.equal([]);
      await pair.life.run();
      expect(told(pair.life, pair.sourceID, 'retireImports')).to.deep.equal([kit?.kref]);
      expect(pair.life.controller.dump().objects.map(([kref]) => kref)).not.to.include(kit?.kref);
    });

    it('tells durable watchers of own promises, also of those exported before', async () => {
      const pair = await startPair(worker);
      const kpid = pair.life.controller.queueToVatRoot('holder', 'exportOwn');
      await pair.life.run();
      await pair.holder('watchExported', 'exported');
      pair.life.controller.kpResolution(kpid, { incref: false });
      await pair.restart();
      expect(await pair.holder('told', 'exported')).to.deep.equal({
        name: 'vatUpgraded',
        upgradeMessage: 'platform epoch 2',
        incarnationNumber: 0,
      });
      expect(pair.entries(pair.holderID, 'p')).to.deep.equal([]);
    });

    it('forgets promises but those that durable watchers wait for', async () => {
      const pair = await startPair(worker);
      await pair.source('givePromise', 'watch', 'later', 'later');
      await pair.source('givePromise', 'watch', 'never', 'never');
      await pair.source('givePromises', 'awaitAll', ['a', 'b', 'c']);
      await pair.holder('watchOwn', 'own');
      const promises = () => pair.entries(pair.holderID, 'p');
      expect(promises().length).to.equal(6);

      await pair.restart();
      const restarted = pair.life.controller.getPlatformRestartReport()?.vats;
      expect(restarted?.find(({ vatID }) => vatID === pair.holderID)?.promisesRejected).to.equal(1);
      expect(promises().length).to.equal(3);
      await pair.life.call('source', 'settle', 'later', 'it came');
      for (const name of ['a', 'b', 'c']) await pair.life.call('source', 'settle', name, 'late');
      expect(await pair.holder('told', 'later')).to.equal('it came');
      expect(await pair.holder('told', 'own')).to.deep.equal({
        name: 'vatUpgraded',
        upgradeMessage: 'platform epoch 2',
        incarnationNumber: 0,
      });
      expect(promises().length).to.equal(1);
      const unresolved = pair.life.controller
        .dump()
        .promises.flatMap(promise => ('subscribers' in promise ? promise['subscribers'] : []));
      expect(unresolved).to.deep.equal([pair.holderID]);
    });
  });
}

describe('reclaim', () => {
  it('keeps device nodes that durable data mentions, and forgets others', async () => {
    const nodes = async (durably: boolean) => {
      const pair = await startPair('local');
      await pair.source('giveDevice', durably);
      expect(pair.entries(pair.holderID, 'd-').length).to.equal(1);
      await pair.restart();
      const left = pair.entries(pair.holderID, 'd-').length;
      if (durably) expect(await pair.holder('callDevice')).to.equal(true);
      return left;
    };
    expect([await nodes(true), await nodes(false)]).to.deep.equal([1, 0]);
  });

  it('keeps what vatParameters mention, in upgrades as in restarts', async () => {
    const pair = await startPair('local');
    const { controller } = pair.life;
    await pair.give('holdInRAM', 10);
    const [thing, ...others] = pair.imports();
    const bundleID = await controller.validateAndInstallBundle(await bundleOf(source('holder')));
    const vatParameters = { thing: kslot(thing!.kref) };
    const kpid = controller.upgradeStaticVat('holder', false, bundleID, { vatParameters });
    pair.life.slog.length = 0;
    await pair.life.run();
    expect(pair.life.resultOf(kpid)).to.deep.include({ incarnationNumber: 1 });
    expect(pair.imports()).to.deep.equal([thing]);
    expect(told(pair.life, pair.sourceID, 'retireExports')).to.deep.equal(krefsOf(others));
    await pair.restart();
    expect(pair.imports()).to.deep.equal([thing]);
    expect(await pair.holder('labelOfParameter')).to.equal('thing 0');
  });

  it('waits for the next incarnation of a suspended vat, and then happens once', async () => {
    const pair = await startPair('local');
    await pair.give('holdInRAM', 10);
    await pair.life.controller.suspendVat(pair.holderID);
    await pair.life.run();
    expect(pair.imports().length).to.equal(10);
    await pair.life.controller.resumeVat(pair.holderID);
    expect(pair.imports()).to.deep.equal([]);
    expect(reclaimedBy(pair.life, pair.holderID).imports).to.equal(10);
  });

  it('leaves rows alone under relaxed durability rules', async () => {
    const pair = await startPair('local', {}, { relaxDurabilityRules: true });
    await pair.source('giveRows', 20, 10);
    await pair.give('holdInRAM', 10);
    const rows = pair.rows().size;
    await pair.restart();
    expect(pair.imports().length).to.equal(10);
    expect(pair.rows().size).to.be.at.least(rows);
  });
});
