import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import type { VatForParameters } from '../../lib/platform-epoch/types.js';
import { startLife } from '../support/swingset.js';
import { failureOf } from '../support/failure.js';
import { hashTables, makeConfig, rawVat, resultFor, suspensionOf } from './support/fixture.js';
import { openShops, REFUSAL, retainedBy } from './support/market.js';

const nested = (levels: number): unknown => {
  let value: unknown = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
};

const shop = 'v4';
const stall = 'v5';

describe('platformRestart.vatParameters', () => {
  it('is the only way for a vat that refuses what it was created with', async () => {
    const life = await openShops(['shop']);
    await life.reboot({ platformEpoch: 2 });
    const { result, error, parameters } = resultFor(life, shop);
    expect({ result, error, parameters }).to.deep.equal({
      result: 'suspended',
      error: `Error: ${REFUSAL}`,
      parameters: 'retained',
    });
    // The next epoch tries again, and what has waited for the vat is delivered.
    const sale = life.controller.queueToVatRoot('market', 'sell', ['shop']);
    await life.run();
    expect(life.controller.kpStatus(sale)).to.equal('unresolved');
    await life.reboot({
      platformEpoch: 3,
      platformRestart: { vatParameters: { [shop]: { price: 5 } } },
    });
    expect(resultFor(life, shop)).to.include({ result: 'restarted', parameters: 'given' });
    expect(await life.call('market', 'sell', 'shop')).to.deep.equal([3, 5, 13]);
  });

  const modes = [
    ['eager', {}, 'local'],
    ['eager, two at a time', { concurrency: 2 }, 'xsnap'],
    ['lazy', { mode: 'lazy' }, 'local'],
  ] as const;
  for (const [title, options, worker] of modes) {
    it(`wins over what is retained, and is retained: ${title}`, async () => {
      const life = await openShops(['shop'], { worker, store: 'directory' });
      const [till] = retainedBy(life, shop).slots;
      const countOf = () => life.kernelStorage.kvStore.get(`${till}.refCount`);
      const before = countOf();
      const platformRestart = { ...options, vatParameters: { [shop]: { price: 5 } } };
      await life.reboot({ platformEpoch: 2, platformRestart });
      expect(retainedBy(life, shop)).to.deep.equal({ body: '#{"price":5}', slots: [] });
      expect(resultFor(life, 'v3')).to.include({ result: 'restarted', parameters: 'retained' });
      expect(await life.call('market', 'sell', 'shop')).to.deep.equal([2, 5, 8]);
      expect([before, countOf()], 'references to the till').to.deep.equal(['3,3', '2,2']);

      await life.reboot({ platformEpoch: 2, platformRestart });
      expect(life.controller.getPlatformRestartReport()).to.equal(undefined);
      expect(await life.call('market', 'sell', 'shop'), 'replayed').to.deep.equal([3, 5, 13]);

      await life.reboot({ platformEpoch: 3, platformRestart: options });
      expect(await life.call('market', 'sell', 'shop'), 'retained').to.deep.equal([4, 5, 18]);
    });
  }

  it('is asked for each live vat before the first write, if it is a function', async () => {
    const life = await openShops(['shop', 'stall']);
    const before = hashTables(life.store);
    const asked: VatForParameters[] = [];
    await life.reboot({
      platformEpoch: 2,
      platformRestart: {
        exempt: ['till'],
        vatParameters: vat => {
          expect(hashTables(life.store)).to.deep.equal(before);
          asked.push(vat);
          return vat.name === 'stall' ? { price: 7 } : undefined;
        },
      },
    });
    expect(asked.map(({ vatID, name, isStatic }) => [vatID, name, isStatic])).to.deep.equal([
      ['v1', 'market', true],
      ['v2', 'vatAdmin', true],
      ['v3', 'till', true],
      ['v4', 'shop', false],
      ['v5', 'stall', false],
    ]);
    expect(asked[3]?.retained).to.deep.equal({
      body: '#{"price":3,"till":"$0.Alleged: root"}',
      slots: [life.controller.pinVatRoot('till')],
    });
    expect(asked[3]?.incarnation).to.equal(0);
    expect(asked[3]?.bundleID)
      .to.match(/^b[01]-[0-9a-f]+$/)
      .and.equal(asked[4]?.bundleID);
    expect(resultFor(life, shop)).to.include({ error: `Error: ${REFUSAL}` });
    expect(resultFor(life, stall)).to.include({ result: 'restarted', parameters: 'given' });
    await life.reboot({
      platformEpoch: 2,
      platformRestart: { vatParameters: () => expect.fail('nothing restarts') },
    });
    expect(await life.call('market', 'sell', 'stall')).to.deep.equal([2, 7, 13]);
  });

  it('may be marshalled already, and may hold references', async () => {
    const life = await startLife({ config: makeConfig(), worker: 'local', platformEpoch: 1 });
    await life.run();
    const root = life.controller.pinVatRoot('alice');
    const marshalled = { body: '#{"failInLife":1}', slots: [] };
    await life.reboot({
      platformEpoch: 2,
      platformRestart: { vatParameters: { v4: { friend: kslot(root) }, v3: marshalled } },
    });
    expect(resultFor(life, 'v3')).to.include({ error: 'Error: life 1 is one too many' });
    expect(retainedBy(life, 'v3'), 'also by a vat that fails').to.deep.equal(marshalled);
    expect(resultFor(life, 'v4')).to.include({ result: 'restarted' });
    expect(retainedBy(life, 'v4').slots).to.deep.equal([root]);
  });

  const field = 'platformRestart.vatParameters';
  const refused: readonly [what: string, vatParameters: unknown, message: string][] = [
    ['a name', { shop: {} }, `${field}: expected a record by vatID, such as v7, got "shop"`],
    ['a function in it', { v4: { now: Date.now } }, `${field} for v4: expected passable data`],
    [
      'nonsense',
      { v4: { body: 'nonsense', slots: [] } },
      `${field} for v4: expected passable data`,
    ],
    [
      'a reference to nothing',
      { v4: [kslot('ko7777')] },
      `${field} for v4: expected no reference to ko7777, which does not exist, got `,
    ],
    ['a promise', async () => ({}), `${field} for v1: expected passable data`],
    [
      'an error',
      () => {
        throw Error('no idea');
      },
      `${field} for v1: expected a function that does not throw, got "no idea"`,
    ],
    ['a list', [], `${field}: expected a record by vatID, or a function, got []`],
    [
      'too deep',
      { v4: nested(60) },
      `${field} for v4: expected no more than vats can take: depth 40`,
    ],
    ['3,000 levels deep', { v4: nested(3_000) }, `${field} for v4: expected `],
    ['3,000 levels deep, of a function', () => nested(3_000), `${field} for v1: expected `],
    [
      'an odd key',
      JSON.parse('{"__proto__":{}}'),
      `${field}: expected a record by vatID, such as v7`,
    ],
  ];
  it('refuses what no vat can be given, names the vat and the value, and writes nothing', async () => {
    const life = await openShops(['shop']);
    await life.controller.shutdown();
    const before = hashTables(life.store);
    for (const [what, vatParameters, message] of refused) {
      const platformRestart = { vatParameters } as object;
      const failure = await failureOf(life.reboot({ platformEpoch: 2, platformRestart }));
      expect(failure, what).to.include({ code: 'BAD_OPTION' });
      expect(String(failure), what).to.include(message);
      expect(hashTables(life.store), what).to.deep.equal(before);
    }
    await life.reboot();
  });

  it('warns of parameters for vats that do not restart', async () => {
    const { vats, ...config } = makeConfig();
    const life = await startLife({
      config: { ...config, vats: { ...vats, raw: rawVat } },
      worker: 'local',
      platformEpoch: 1,
    });
    const warnings = () => life.controller.getPlatformRestartReport()?.warnings;
    let left = 3;
    const goOn = () => (left -= 1) > 0;
    await life.run({ vatCreated: goOn, crankComplete: goOn, crankFailed: goOn, emptyCrank: goOn });
    await life.reboot({
      platformEpoch: 2,
      platformRestart: {
        exempt: ['alice'],
        vatParameters: { v77: {}, v5: { not: 'this' }, v3: {} },
      },
    });
    expect(warnings()).to.deep.equal([
      `${field}: not used for v3, which is exempt and keeps its incarnation`,
      `${field}: not used for v5, which has not started yet: its first incarnation gets the parameters that it was created with`,
      `${field}: not used for v77, which is no live vat`,
    ]);
    expect(life.console).to.include.members([...warnings()!]);
    await life.run();
    await life.reboot({
      platformEpoch: 3,
      platformRestart: { vatParameters: { v5: { not: 'this' }, v4: { but: 'this' } } },
    });
    expect(warnings()).to.deep.equal([
      `${field}: not used for v5, which is started once and for all`,
    ]);
    expect([3, 4, 5].map(id => retainedBy(life, `v${id}`).body)).to.deep.equal([
      '#{}',
      '#{"but":"this"}',
      '#{}',
    ]);
  });

  it('counts as it was when the restart began, whatever a boot that goes on passes', async () => {
    const life = await openShops(['shop', 'stall'], { store: 'directory' });
    const restart = (price: number, checkpoint: () => Promise<void>) => ({
      checkpoint,
      vatParameters: { [shop]: { price }, [stall]: { price: 7 } },
    });
    const commit = () => life.hostStorage.commit();
    const faultPoint = (point: string) => {
      if (point === 'platform-restart:before:v4') throw Error('power cut');
    };
    const options = { platformEpoch: 2, platformRestart: restart(5, commit) };
    expect(String(await failureOf(life.reboot({ ...options, faultPoint })))).to.include(
      'power cut',
    );

    await life.crash({ ...options, platformRestart: restart(6, commit) });
    const report = life.controller.getPlatformRestartReport()!;
    expect(report).to.include({ decision: 'resume', doneBefore: 3 });
    expect(report.vats.map(({ vatID, parameters }) => [vatID, parameters])).to.deep.equal([
      [shop, 'given'],
      [stall, 'given'],
    ]);
    expect(report.warnings).to.deep.equal([
      `${field}: not used for v4, because a restart goes on: the parameters that were recorded when the restart began count`,
    ]);
    expect(await life.call('market', 'sell', 'shop')).to.deep.equal([2, 5, 11]);
    expect(await life.call('market', 'sell', 'stall')).to.deep.equal([2, 7, 18]);
  });

  it('is not called by a boot that goes on, and is called by a later epoch', async () => {
    const life = await openShops(['shop'], { store: 'directory' });
    const commit = () => life.hostStorage.commit();
    const faultPoint = (point: string) => {
      if (point === 'platform-restart:before:v4') throw Error('power cut');
    };
    const vatParameters = ({ vatID }: VatForParameters) =>
      vatID === shop ? { price: 5 } : undefined;
    const platformRestart = { checkpoint: commit, vatParameters };
    await failureOf(life.reboot({ platformEpoch: 2, platformRestart, faultPoint }));
    await failureOf(life.crash({ platformEpoch: 2, platformRestart, faultPoint }));
    const late = life.console.filter(line => line.includes('vatParameters'));
    expect(late).to.deep.equal([
      `${field}: not called, because a restart goes on: the parameters that were recorded when the restart began count`,
    ]);
    const seen: unknown[] = [];
    await life.crash({
      platformEpoch: 3,
      platformRestart: {
        vatParameters: ({ vatID, retained }) => {
          if (vatID === shop) seen.push(retained);
          return undefined;
        },
      },
    });
    expect(seen, 'what the unfinished epoch gave').to.deep.equal([
      { body: '#{"price":5}', slots: [] },
    ]);
    expect(resultFor(life, shop)).to.include({ result: 'restarted', parameters: 'retained' });
    expect(await life.call('market', 'sell', 'shop')).to.deep.equal([2, 5, 8]);
  });

  it('shows in a lazy restart with the first delivery only: until then nothing was tried', async () => {
    const life = await openShops(['shop', 'stall']);
    const vatParameters = { [stall]: { price: 7 } };
    await life.reboot({ platformEpoch: 2, platformRestart: { mode: 'lazy', vatParameters } });
    const { vats } = life.controller.getPlatformRestartReport()!;
    expect(vats.map(({ vatID, sleeps, parameters }) => [vatID, sleeps, parameters])).to.deep.equal([
      ['v1', false, 'retained'],
      ['v2', false, 'retained'],
      ['v3', false, 'retained'],
      [shop, true, 'retained'],
      [stall, true, 'given'],
    ]);
    life.controller.queueToVatRoot('market', 'sell', ['shop']);
    expect(await life.call('market', 'sell', 'stall')).to.deep.equal([2, 7, 13]);
    expect(suspensionOf(life, shop)).to.include({ error: `Error: ${REFUSAL}` });
  });
});
