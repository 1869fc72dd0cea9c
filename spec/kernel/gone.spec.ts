import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { startRawVats, type RawVats } from './support/raw-vats.js';

const THING = 'o+7';

/** Names of things that the host has kept without holding them. */
describe('what nobody holds any more', () => {
  let raw: RawVats;
  let thing: string;
  let atBen: string;

  beforeEach(async () => {
    raw = await startRawVats(['ann', 'ben']);
    thing = await raw.give('ann', THING, 'ben');
    atBen = raw.vref('ben', thing);
    await raw.act('ben', [['dropImports', [atBen]]]);
  });

  const errorOf = (act: () => unknown): Error => {
    try {
      act();
    } catch (error) {
      return error as Error;
    }
    throw Error('it was not refused');
  };

  const expectRejection = async (kref: string) => {
    raw.life.slog.length = 0;
    const kpid = raw.life.controller.queueToVatObject(kslot(kref), 'do', []);
    await raw.life.run();
    expect(errorOf(() => raw.life.resultOf(kpid)).message).to.equal(
      `${kref} is gone: nobody held it`,
    );
    expect(raw.life.slog.filter(({ type }) => type === 'deliver')).to.deep.equal([]);
    expect(raw.life.controller.getStatus().activeVats).to.have.length(3);
  };

  it('rejects messages of the host, once its vat was told to drop it', async () => {
    expect(raw.entry('ann', thing)).to.equal(`_ ${THING}`);
    await expectRejection(thing);
    expect(raw.entry('ann', thing)).to.equal(`_ ${THING}`);
  });

  it('rejects messages of the host, once it is retired', async () => {
    await raw.act('ben', [['retireImports', [atBen]]]);
    expect(raw.object(thing)).to.equal('gone');
    await expectRejection(thing);
    expect(
      raw.life.controller.queueToVatObject(kslot(thing), 'do', [], 'none'),
      'without a result',
    ).to.equal(undefined);
  });

  it('takes messages again when its vat has mentioned it', async () => {
    await raw.act('ann', [raw.sendTo('ann', 'ben', THING)]);
    expect(raw.entry('ann', thing)).to.equal(`R ${THING}`);
    raw.life.controller.queueToVatObject(kslot(thing), 'do', [[]], 'none');
    await raw.life.run();
    const delivered = raw.life.slog.filter(({ type }) => type === 'deliver');
    expect(delivered.at(-1)!['vd']).to.include('o+7');
  });

  it('can not be passed on by the host, so that no vat gets to name it', async () => {
    const { controller } = raw.life;
    const before = controller.dump();
    const calls: readonly (() => unknown)[] = [
      () => controller.queueToVatRoot('ben', 'do', [[], kslot(thing)]),
      () => controller.queueToVatRoot('ben', 'do', [[], kslot(thing)], 'none'),
      () => controller.queueToVatRoot('ben', 'do', [[], kslot('ko999')]),
      () => controller.queueToVatRoot('ben', 'do', [[], kslot('kp999', 'a promise')]),
      () => {
        controller.terminateVat(raw.id('ben'), { body: '#"$0"', slots: [thing] });
      },
    ];
    for (const call of calls) {
      expect(errorOf(call)).to.include({ code: 'BAD_OPTION' });
      expect(controller.dump()).to.deep.equal(before);
    }
  });

  it('can not be named by vats that know it', async () => {
    const ben = raw.id('ben');
    await raw.act('ben', [['send', atBen, { body: '#["do",[[]]]', slots: [] }]]);
    expect(raw.life.console.filter(line => line.startsWith('illegal'))).to.deep.equal([
      `illegal syscall of ${ben}: ${atBen} was dropped and can't be mentioned`,
    ]);
  });

  it('is no target of a promise that never was', async () => {
    const kpid = raw.life.controller.queueToVatObject(kslot('kp999', 'a promise'), 'do', []);
    await raw.life.run();
    expect(errorOf(() => raw.life.resultOf(kpid)).message).to.equal(
      'kp999 is gone: nobody held it',
    );
  });
});
