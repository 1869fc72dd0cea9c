import { expect } from 'chai';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { sourceOf, startLife } from '../support/swingset.js';
import { withBundles } from '../support/shared-bundles.js';
import { startRawVats, type RawVats } from './support/raw-vats.js';

const THING = 'o+7';
const soakVat = (name: string) => sourceOf(import.meta.url, `../soak/vats/${name}.js`);

describe('an object that other vats import', () => {
  let raw: RawVats;
  let thing: string;
  /** The importers' names of it. */
  let atBen: string;
  let atCat: string;
  beforeEach(async () => {
    raw = await startRawVats(['ann', 'ben', 'cat']);
    thing = await raw.give('ann', THING, 'ben', 'cat');
    atBen = raw.vref('ben', thing);
    atCat = raw.vref('cat', thing);
    raw.forget();
  });
  const toldAll = () => ['ann', 'ben', 'cat'].map(raw.told);

  it('is counted once per importer', () => {
    expect(raw.object(thing)).to.equal(`${raw.id('ann')} 2,2`);
    expect(raw.entry('ann', thing)).to.equal(`R ${THING}`);
    expect(raw.entry('ben', thing)).to.equal(`R ${atBen}`);
  });

  it('is dropped when the last importer drops it, and retired when the last retires it', async () => {
    await raw.act('ben', [['dropImports', [atBen]]]);
    expect(raw.object(thing)).to.equal(`${raw.id('ann')} 1,2`);
    expect(raw.entry('ben', thing)).to.equal(`_ ${atBen}`);
    await raw.act('ben', [['retireImports', [atBen]]]);
    expect(raw.object(thing)).to.equal(`${raw.id('ann')} 1,1`);
    expect(raw.entry('ben', thing)).to.equal(undefined);
    expect(toldAll()).to.deep.equal([[], [], []]);

    await raw.act('cat', [['dropImports', [atCat]]]);
    expect(raw.told('ann')).to.deep.equal([`dropExports ${THING}`]);
    expect(raw.entry('ann', thing)).to.equal(`_ ${THING}`);
    expect(raw.object(thing)).to.equal(`${raw.id('ann')} 0,1`);
    await raw.act('cat', [['retireImports', [atCat]]]);
    expect(raw.told('ann')).to.deep.equal([`dropExports ${THING}`, `retireExports ${THING}`]);
    expect(raw.entry('ann', thing)).to.equal(undefined);
    expect(raw.object(thing)).to.equal('gone');
    expect(toldAll().slice(1)).to.deep.equal([[], []]);
  });

  it('is dropped and retired in one go, drop first', async () => {
    raw.queue('ben', [
      ['dropImports', [atBen]],
      ['retireImports', [atBen]],
    ]);
    await raw.act('cat', [
      ['dropImports', [atCat]],
      ['retireImports', [atCat]],
    ]);
    expect(raw.told('ann')).to.deep.equal([`dropExports ${THING}`, `retireExports ${THING}`]);
    expect(raw.object(thing)).to.equal('gone');
  });

  it('may be retired by its exporter first, which those hear who still recognize it', async () => {
    await raw.act('ben', [['dropImports', [atBen]]]);
    await raw.act('cat', [
      ['dropImports', [atCat]],
      ['retireImports', [atCat]],
    ]);
    raw.forget();
    await raw.act('ann', [['retireExports', [THING]]]);
    expect(toldAll()).to.deep.equal([[], [`retireImports ${atBen}`], []]);
    expect(raw.entry('ben', thing)).to.equal(undefined);
    expect(raw.object(thing)).to.equal('gone');
  });

  it('may be abandoned: importers keep it, messages to it are rejected', async () => {
    await raw.act('ann', [['abandonExports', [THING]]]);
    expect(toldAll()).to.deep.equal([[], [], []]);
    expect(raw.entry('ann', thing)).to.equal(undefined);
    expect(raw.object(thing)).to.equal('undefined 2,2');
    const result = 'p+5';
    await raw.act('ben', [
      ['send', atBen, { body: '#["hello",[]]', slots: [] }, result],
      ['subscribe', result],
    ]);
    const notified = raw.life.slog.find(
      ({ type, dispatch }) => type === 'deliver' && dispatch === 'notify',
    );
    expect(JSON.stringify(notified?.['vd'])).to.match(/p\+5",true.*vat terminated/);

    await raw.act('ben', [['dropImports', [atBen]]]);
    expect(raw.object(thing)).to.equal('undefined 1,2');
    await raw.act('cat', [
      ['dropImports', [atCat]],
      ['retireImports', [atCat]],
    ]);
    // Nobody can reach it any more, and no exporter is left to retire it: the kernel does.
    expect(toldAll()).to.deep.equal([[], [`retireImports ${atBen}`], []]);
    expect(raw.object(thing)).to.equal('gone');
  });

  it('can be imported again from a message in transit, under its old name', async () => {
    await raw.act('cat', [
      ['dropImports', [atCat]],
      ['retireImports', [atCat]],
    ]);
    raw.queue('ann', [raw.sendTo('ann', 'ben', THING)]);
    await raw.act('ben', [['dropImports', [atBen]]]);
    expect(raw.entry('ben', thing)).to.equal(`R ${atBen}`);
    expect(raw.object(thing)).to.equal(`${raw.id('ann')} 1,1`);
    expect(raw.told('ann')).to.deep.equal([]);
  });

  it('can be exported again after it was dropped, and after it was retired', async () => {
    await raw.act('ben', [['dropImports', [atBen]]]);
    await raw.act('cat', [['dropImports', [atCat]]]);
    expect(raw.entry('ann', thing)).to.equal(`_ ${THING}`);
    await raw.act('ann', [raw.sendTo('ann', 'ben', THING)]);
    expect(raw.entry('ann', thing)).to.equal(`R ${THING}`);
    expect(raw.entry('ben', thing)).to.equal(`R ${atBen}`);
    expect(raw.entry('cat', thing)).to.equal(`_ ${atCat}`);

    await raw.act('ben', [['dropImports', [atBen]]]);
    await raw.act('ann', [['retireExports', [THING]]]);
    raw.forget();
    const again = await raw.give('ann', THING, 'ben');
    expect(again).not.to.equal(thing);
    expect(raw.vref('ben', again)).not.to.equal(atBen);
    expect(raw.object(again)).to.equal(`${raw.id('ann')} 1,1`);
  });

  it('is not taken from an exporter that could not be told before it came back', async () => {
    const { controller } = raw.life;
    controller.pauseVat(raw.id('ann'));
    for (const [vat, vref] of [
      ['ben', atBen],
      ['cat', atCat],
    ] as const) {
      await raw.act(vat, [
        ['dropImports', [vref]],
        ['retireImports', [vref]],
      ]);
    }
    expect(raw.object(thing)).to.equal(`${raw.id('ann')} 0,0`);
    expect(controller.dump().gcActions).to.deep.equal([
      `${raw.id('ann')} dropExport ${thing}`,
      `${raw.id('ann')} retireExport ${thing}`,
    ]);
    await raw.act('ben', [], thing);
    controller.unpauseVat(raw.id('ann'));
    await raw.life.run();
    expect(toldAll()).to.deep.equal([[], [], []]);
    expect(raw.entry('ann', thing)).to.equal(`R ${THING}`);
    expect(raw.object(thing)).to.equal(`${raw.id('ann')} 1,1`);
    expect(controller.dump().gcActions).to.deep.equal([]);
  });

  it('outlives its exporter for as long as somebody reaches it', async () => {
    raw.life.controller.terminateVat(raw.id('ann'), { body: '#"over"', slots: [] });
    await raw.life.run();
    expect(raw.object(thing)).to.equal('undefined 2,2');
    await raw.act('ben', [['dropImports', [atBen]]]);
    await raw.act('cat', [['dropImports', [atCat]]]);
    expect(raw.told('ben')).to.deep.equal([`retireImports ${atBen}`]);
    expect(raw.told('cat')).to.deep.equal([`retireImports ${atCat}`]);
    expect(raw.object(thing)).to.equal('gone');
  });

  it('is dropped and retired for importers that end', async () => {
    for (const vat of ['ben', 'cat']) {
      raw.life.controller.terminateVat(raw.id(vat), { body: '#"over"', slots: [] });
    }
    await raw.life.run();
    expect(raw.told('ann')).to.deep.equal([`dropExports ${THING}`, `retireExports ${THING}`]);
    expect(raw.object(thing)).to.equal('gone');
  });
});

describe('a promise that a vat waits for', () => {
  it('forgets the vat when that ends', async () => {
    const raw = await startRawVats(['ann', 'ben']);
    await raw.give('ann', 'p+9', 'ben');
    const promise = () =>
      raw.life.controller.dump().promises.find(({ decider }) => decider === raw.id('ann'));
    const vref = raw.vref('ben', promise()?.['id'] as string);
    await raw.act('ben', [['subscribe', vref]]);
    expect(promise()).to.deep.include({ subscribers: [raw.id('ben')], refCount: 2 });
    raw.life.controller.terminateVat(raw.id('ben'), { body: '#"over"', slots: [] });
    await raw.life.run();
    expect(promise()).to.deep.include({ subscribers: [], refCount: 1 });
  });
});

describe('promises that hold each other', () => {
  let raw: RawVats;
  const start = async (checkAtEnd = true) => {
    raw = await startRawVats(['ann', 'ben', 'cat'], {}, {}, { checkAtEnd });
    const { controller } = raw.life;
    const roots = ['ben', 'cat'].map(name => controller.getRootObject(raw.id(name)));
    await raw.act('ann', [], ...roots);
  };
  beforeEach(() => start());

  const list = (...slots: string[]) => ({
    body: `#${JSON.stringify(slots.map((slot, index) => `${slot.startsWith('p') ? '&' : '$'}${index}`))}`,
    slots,
  });
  const tell = (root: string, ...slots: string[]) =>
    ['send', root, { body: `#["do",[[],${list(...slots).body.slice(2, -1)}]]`, slots }] as const;
  /** Those that ann told others of: results are the host's. */
  const left = () =>
    raw.life.controller
      .dump()
      .promises.filter(({ data }) => (data as { body: string } | undefined)?.body !== '#"done"')
      .map(({ id }) => id as string);
  const atBen = (kref: string) => raw.vref('ben', kref);

  it('are collected with what they hold when nobody else holds them', async () => {
    await raw.act('ann', [tell('o-50', 'p+5', 'p+6', 'p+7', 'p+8')]);
    const [first, , loop, failed] = left();
    expect(left()).to.have.length(4);
    await raw.act('ann', [
      [
        'resolve',
        [
          ['p+5', false, list('p+6', THING)],
          ['p+6', false, list('p+5')],
          ['p+7', false, list('p+7', 'p+7')],
          ['p+8', true, { body: '#"&0"', slots: ['p+8'] }],
        ],
      ],
    ]);
    const thing = raw.life.controller.dump().kernelTable.find(([, , vref]) => vref === THING)?.[0];
    expect(raw.object(thing!)).to.equal(`${raw.id('ann')} 1,1`);
    expect(left(), 'ben holds them').to.have.length(4);

    raw.forget();
    await raw.act('ben', [['subscribe', atBen(loop!)]]);
    await raw.act('ben', [['subscribe', atBen(failed!)]]);
    expect(left()).to.have.length(2);
    // The notification has the whole ring in it, and the thing, which ben lets go in turn.
    await raw.act('ben', [['subscribe', atBen(first!)]]);
    expect(left()).to.deep.equal([]);
    expect(raw.told('ann')).to.deep.equal([]);
    await raw.act('ben', [
      ['dropImports', [atBen(thing!)]],
      ['retireImports', [atBen(thing!)]],
    ]);
    expect(raw.told('ann')).to.deep.equal([`dropExports ${THING}`, `retireExports ${THING}`]);
    expect(raw.object(thing!)).to.equal('gone');
  });

  it('stay while anybody holds one of them, or a promise that leads to them', async () => {
    await raw.act('ann', [tell('o-50', 'p+5', 'p+6'), tell('o-51', 'p+9')]);
    const [first, second, leading] = left();
    await raw.act('ann', [
      [
        'resolve',
        [
          ['p+5', false, list('p+6')],
          ['p+6', false, list('p+5', 'p+10')],
          ['p+9', false, list('p+6')],
        ],
      ],
    ]);
    await raw.act('ben', [['subscribe', atBen(second!)]]);
    // cat holds the promise that leads there; p+10 is unresolved.
    expect(left()).to.include.members([first, second, leading]).and.have.length(4);
    await raw.act('cat', [['subscribe', raw.vref('cat', leading!)]]);
    expect(left()).to.have.length(1);
    await raw.act('ann', [['resolve', [['p+10', false, { body: '#"late"', slots: [] }]]]]);
    expect(left()).to.have.length(1);
    const late = left()[0]!;
    await raw.act('ben', [['subscribe', atBen(late)]]);
    await raw.act('cat', [['subscribe', raw.vref('cat', late)]]);
    expect(left()).to.deep.equal([]);
  });

  it('are looked for among a thousand, and reported where there are more', async () => {
    await start(false);
    const ringOf = async (size: number) => {
      await raw.act('ann', [tell('o-50', 'p+1')]);
      const kref = left().at(-1)!;
      const ring = Array.from({ length: size }, (_, index) => `p+${index + 1}`);
      const resolutions = ring.map((vref, index) => [vref, false, list(ring[(index + 1) % size]!)]);
      await raw.act('ann', [['resolve', resolutions]]);
      await raw.act('ben', [['subscribe', atBen(kref)]]);
    };
    await ringOf(1000);
    expect(left()).to.deep.equal([]);
    await ringOf(1001);
    expect(left()).to.have.length(1001);
    const findings = checkKernelState(raw.life.kernelStorage, { quiescent: true });
    expect(findings).to.have.length(1001);
    expect(new Set(findings.map(({ severity, kind }) => `${severity} ${kind}`))).to.deep.equal(
      new Set(['leak left-over']),
    );
  });

  it('are collected when a vat ends that alone held them', async () => {
    await raw.act('ann', [tell('o-50', 'p+5')]);
    await raw.act('ann', [
      [
        'resolve',
        [
          ['p+5', false, list('p+6', THING)],
          ['p+6', false, list('p+5')],
        ],
      ],
    ]);
    expect(left()).to.have.length(2);
    raw.forget();
    raw.life.controller.terminateVat(raw.id('ben'), { body: '#"enough"', slots: [] });
    await raw.life.run();
    expect(left()).to.deep.equal([]);
    expect(raw.told('ann')).to.deep.equal([`dropExports ${THING}`, `retireExports ${THING}`]);
  });
});

describe('what else holds objects', () => {
  it('a pin, which is one however often it is made', async () => {
    const raw = await startRawVats(['ann']);
    const root = raw.life.controller.pinVatRoot('ann');
    expect(raw.object(root)).to.equal(`${raw.id('ann')} 1,1`);
    for (let times = 0; times < 3; times += 1) raw.life.controller.pinVatRoot('ann');
    await raw.life.reboot();
    raw.life.controller.pinVatRoot('ann');
    await raw.life.run();
    expect(raw.object(root)).to.equal(`${raw.id('ann')} 1,1`);
    expect(raw.told('ann')).to.deep.equal([]);
  });

  it('a device, from its first mention for ever', async () => {
    const raw = await startRawVats(
      ['ann', 'ben'],
      {},
      { devices: { keeper: { sourceSpec: sourceOf(import.meta.url, './vats/device-keeper.js') } } },
    );
    const thing = await raw.give('ann', THING, 'ben');
    const vref = raw.vref('ben', thing);
    const device = raw.life.controller.dump().kernelTable.length;
    expect(device).to.be.greaterThan(0);
    await raw.act('ben', [], 'kd30');
    raw.forget();
    const node = raw.vref('ben', 'kd30');
    const keep = ['callNow', node, 'keep', { body: '#["$0.Alleged: thing"]', slots: [vref] }];
    await raw.act('ben', [
      keep as [string, ...unknown[]],
      ['dropImports', [vref]],
      ['retireImports', [vref]],
    ]);
    expect(raw.object(thing)).to.equal(`${raw.id('ann')} 1,1`);
    await raw.life.reboot();
    await raw.life.run();
    expect(raw.told('ann')).to.deep.equal([]);
    expect(raw.entry('ann', thing)).to.equal(`R ${THING}`);
  });

  it('vatParameters, for as long as their vat lives and no longer', async () => {
    const life = await startLife({
      worker: 'xsnap',
      config: await withBundles({
        bootstrap: 'driver',
        pinBootstrapRoot: true,
        vats: { driver: { sourceSpec: soakVat('driver') } },
        bundles: {
          player: { sourceSpec: soakVat('player') },
          raw: { sourceSpec: sourceOf(import.meta.url, './vats/raw.js') },
        },
      }),
    });
    await life.run();
    await life.call('driver', 'create', 'maker', 'player', {});
    const kpid = life.controller.queueToVatRoot('driver', 'fetch', [
      'thing',
      'maker',
      'make',
      'thing',
      'heap',
    ]);
    await life.run();
    const [thing] = life.controller.kpResolution(kpid, { incref: false }).slots;
    const exists = async () => {
      for (let times = 0; times < 3; times += 1) {
        life.controller.reapAllVats();
        await life.run();
      }
      return life.controller.dump().objects.some(([kref]) => kref === thing);
    };
    await life.call('driver', 'create', 'holder', 'player', {}, 'thing');
    await life.call('driver', 'drop', 'thing');
    expect(await exists()).to.equal(true);
    expect(await life.call('driver', 'tell', 'holder', 'askParameter')).to.deep.equal([
      'fulfilled',
      'thing',
    ]);
    // The device between vat-admin and kernel, through which they went, holds nothing.
    await life.call('driver', 'end', 'holder', 'terminate', 'enough');
    expect(await exists()).to.equal(false);
  });
});

describe('bringOutYourDead', () => {
  const reapsOf = ({ life, id }: RawVats, vat: string) =>
    life.slog.filter(
      ({ type, vatID, dispatch }) =>
        type === 'deliver' && vatID === id(vat) && dispatch === 'bringOutYourDead',
    ).length;

  it('comes after so many deliveries', async () => {
    const raw = await startRawVats(['ann', 'ben'], { reapInterval: 3 });
    for (let times = 0; times < 7; times += 1) await raw.act('ann', []);
    // The first life of a vat is a delivery as well, and bringOutYourDead is none.
    expect([reapsOf(raw, 'ann'), reapsOf(raw, 'ben')]).to.deep.equal([2, 0]);
  });

  it('comes after so many references in GC deliveries', async () => {
    const raw = await startRawVats(['ann', 'ben'], { reapGCKrefs: 4 });
    const things = ['o+7', 'o+8', 'o+9'];
    const krefs: string[] = [];
    for (const thing of things) krefs.push(await raw.give('ann', thing, 'ben'));
    const vrefs = krefs.map(kref => raw.vref('ben', kref));
    await raw.act('ben', [['dropImports', vrefs]]);
    expect(raw.told('ann')).to.deep.equal(['dropExports o+7 o+8 o+9']);
    expect(reapsOf(raw, 'ann')).to.equal(0);
    await raw.act('ben', [['retireImports', vrefs.slice(0, 1)]]);
    expect([reapsOf(raw, 'ann'), reapsOf(raw, 'ben')]).to.deep.equal([1, 0]);
  });

  it('never comes, where that is asked for', async () => {
    const raw = await startRawVats(['ann'], { neverReap: true }, { defaultReapInterval: 1 });
    for (let times = 0; times < 5; times += 1) await raw.act('ann', []);
    expect(reapsOf(raw, 'ann')).to.equal(0);
    raw.life.controller.reapAllVats();
    await raw.life.run();
    expect(reapsOf(raw, 'ann')).to.equal(1);
  });

  it('comes after so many computrons', async () => {
    const config: SwingSetConfig = await withBundles({
      vats: { ann: { sourceSpec: soakVat('player') } },
      defaultReapInterval: 'never',
      defaultReapGCKrefs: 'never',
      // A snapshot has a bringOutYourDead before it.
      snapshotInitial: 1000,
    });
    const life = await startLife({ config, worker: 'xsnap' });
    life.controller.pinVatRoot('ann');
    await life.run();
    const state = new KernelState(life.kernelStorage);
    const threshold = { deliveries: 'never', gcKrefs: 'never', computrons: 2_000_000 } as const;
    await life.controller.shutdown();
    state.settings.defaultReapDirtThreshold = threshold;
    await life.reboot();
    life.slog.length = 0;
    const ann = life.controller.vatNameToID('ann');
    const reaps = () =>
      life.slog.filter(
        ({ type, vatID, dispatch }) =>
          type === 'deliver' && vatID === ann && dispatch === 'bringOutYourDead',
      ).length;
    await life.call('ann', 'count');
    expect(reaps()).to.equal(0);
    await life.call('ann', 'burn', 200_000);
    expect(reaps()).to.equal(1);
  });

  it('comes to all vats, or to those that something happened to since the last time', async () => {
    const raw = await startRawVats(['ann', 'ben']);
    const { controller } = raw.life;
    const positions = controller.reapAllVats();
    expect(positions).to.include.keys(raw.id('ann'), raw.id('ben'));
    await raw.life.run();
    expect([reapsOf(raw, 'ann'), reapsOf(raw, 'ben')]).to.deep.equal([1, 1]);
    await raw.act('ann', []);
    const next = controller.reapAllVats(positions);
    const ann = raw.id('ann');
    expect(next).to.deep.equal({ ...positions, [ann]: (positions[ann] ?? 0) + 2 });
    await raw.life.run();
    expect([reapsOf(raw, 'ann'), reapsOf(raw, 'ben')]).to.deep.equal([2, 1]);
    expect(controller.reapAllVats(next)).to.deep.equal(next);
    await raw.life.run();
    expect([reapsOf(raw, 'ann'), reapsOf(raw, 'ben')]).to.deep.equal([2, 1]);
  });
});
