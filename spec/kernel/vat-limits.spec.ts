import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { isDeeperThan } from '../../lib/kernel/delivery/capdata-limits.js';
import type { VatLimits } from '../../lib/types/vat-limits.js';
import { makeTempDir, sourceOf } from '../support/swingset.js';
import { startRawVats, type RawVats } from './support/raw-vats.js';

const data = (body: unknown, ...slots: string[]) => ({ body: `#${JSON.stringify(body)}`, slots });

const text = (length: number) => 'x'.repeat(length);
/** The same, once raw.js makes it of it. */
const long = (length: number) => `~${length}~`;
const nested = (depth: number): unknown =>
  depth === 0 ? 'end' : Array.from({ length: 1 }, () => nested(depth - 1));

const start = (limits: Partial<VatLimits>): Promise<RawVats> =>
  startRawVats(['raw', 'other'], {}, {}, { limits });

const outcomeOf = ({ life }: RawVats, kpid: string) => [
  life.controller.kpStatus(kpid),
  life.controller.kpResolution(kpid, { incref: false }).body,
];

type Steps = readonly (readonly [string, ...unknown[]])[];

const act = async (raw: RawVats, steps: Steps) => {
  const kpid = raw.queue('raw', steps);
  await raw.life.run();
  return outcomeOf(raw, kpid);
};

const namesOf = ({ life }: RawVats) =>
  life.controller.getStatus().activeVats.map(({ options }) => options.name);

describe('a limit of what a vat does at once', () => {
  // Syscalls of one delivery, the first list within the limit and the second above it.
  const resolutions = (count: number) =>
    Array.from({ length: count }, (_, index) => [`p+${index + 5}`, false, data('x')]);
  const sends = (count: number): Steps =>
    Array.from({ length: count }, (_, index) => ['send', `o+${index + 5}`, data(['x', []])]);
  const send = (methargs: unknown): Steps => [['send', 'o+5', methargs]];
  const cases: readonly [keyof VatLimits, number, within: Steps, above: Steps, what: string][] = [
    [
      'syscall',
      5000,
      [['vatstoreSet', 'key', text(5000 - '["vatstoreSet","key",""]'.length)]],
      [['vatstoreSet', 'key', text(5001 - '["vatstoreSet","key",""]'.length)]],
      'a syscall of more than 5000 characters',
    ],
    [
      'syscallsOfDelivery',
      30_000,
      [1, 2].map(key => ['vatstoreSet', `${key}`, text(10_000)]),
      [1, 2, 3].map(key => ['vatstoreSet', `${key}`, text(10_000)]),
      'syscalls and their results of more than 30000 characters in one delivery',
    ],
    [
      'body',
      5000,
      send(data(['x', [[], long(5000 - '#["x",[[],""]]'.length)]])),
      send(data(['x', [[], long(5001 - '#["x",[[],""]]'.length)]])),
      'limit exceeded: marshalled data of 5001 characters; at most 5000 (body)',
    ],
    [
      'slots',
      3,
      send(data(['x', [[], '$0', '$1', '$2']], 'o+6', 'o+7', 'o+8')),
      send(data(['x', [[], '$0', '$1', '$2', '$3']], 'o+6', 'o+7', 'o+8', 'o+9')),
      'limit exceeded: marshalled data with 4 references; at most 3 (slots)',
    ],
    [
      'depth',
      20,
      send(data(['x', [[], nested(18)]])),
      send(data(['x', [[], nested(19)]])),
      'limit exceeded: marshalled data with lists or records in each other; at most 20 (depth)',
    ],
    [
      'method',
      30,
      send(data([text(30), []])),
      send(data([text(31), []])),
      'limit exceeded: a method name of 31 characters; at most 30 (method)',
    ],
    [
      'vatstoreKey',
      50,
      [['vatstoreSet', text(50), 'value']],
      [['vatstoreSet', text(51), 'value']],
      'limit exceeded: a key of the vatstore: 51; at most 50 (vatstoreKey)',
    ],
    [
      'vatstoreValue',
      5000,
      [['vatstoreSet', 'key', text(5000)]],
      [['vatstoreSet', 'key', text(5001)]],
      'limit exceeded: a value for the vatstore: 5001; at most 5000 (vatstoreValue)',
    ],
    [
      'resolutions',
      2,
      [['resolve', resolutions(2)]],
      [['resolve', resolutions(3)]],
      'limit exceeded: promises resolved at once: 3; at most 2 (resolutions)',
    ],
    [
      'exports',
      4,
      sends(4),
      sends(5),
      'limit exceeded: objects and promises exported in one delivery: 5; at most 4 (exports)',
    ],
  ];
  for (const [limit, most, within, above, what] of cases) {
    it(`${limit}: is no hindrance up to it, and ends who goes beyond, and nobody else`, async () => {
      const raw = await start({ [limit]: most });
      expect(await act(raw, within), raw.life.console.join('\n')).to.deep.equal([
        'fulfilled',
        '#"done"',
      ]);
      const rawID = raw.id('raw');
      expect(await act(raw, [['vatstoreSet', 'before', 'x'], ...above])).to.deep.equal([
        'rejected',
        '#{"#error":"vat terminated","name":"Error"}',
      ]);
      expect(namesOf(raw)).not.to.include('raw');
      expect(namesOf(raw)).to.include('other');
      const ends = raw.life.slog.filter(({ type }) => type === 'terminate');
      expect(ends).to.have.length(1);
      expect(JSON.stringify(ends[0]?.info)).to.include(what);
      // Its crank was undone.
      expect(raw.life.kernelStorage.kvStore.has(`${rawID}.vs.before`)).to.equal(false);
    });
  }
});

describe('what a vat gets from devices', () => {
  it('is limited (imports): more ends the vat that asks for it, and nobody else', async () => {
    const mirror = { sourceSpec: sourceOf(import.meta.url, 'vats/device-mirror.js') };
    const raw = await startRawVats(
      ['raw', 'other'],
      {},
      { devices: { mirror } },
      { limits: { imports: 4 } },
    );
    const [device] =
      raw.life.controller.dump().kernelTable.find(([kref]) => kref.startsWith('kd')) ?? [];
    if (device === undefined) throw Error('there is no device node');
    await raw.act('raw', [], device);
    const show = (...things: string[]) =>
      [
        'callNow',
        raw.vref('raw', device),
        'show',
        data(
          things.map((_, index) => `$${index}`),
          ...things,
        ),
      ] as const;
    const two = show('o+5', 'o+6');
    expect(await act(raw, [two, two])).to.deep.equal(['fulfilled', '#"done"']);
    expect(await act(raw, [two, two]), 'another delivery').to.deep.equal(['fulfilled', '#"done"']);
    expect(await act(raw, [two, two, show('o+7')])).to.have.property('0', 'rejected');
    expect(namesOf(raw)).not.to.include('raw');
    expect(namesOf(raw)).to.include('other');
    expect(JSON.stringify(raw.life.slog.find(({ type }) => type === 'terminate')?.info)).to.include(
      'limit exceeded: references got from devices in one delivery: 5; at most 4 (imports)',
    );
  });
});

describe('what a vat prints', () => {
  it('is left out beyond the limit (console), with a warning, and the vat goes on', async () => {
    const raw = await start({ console: 100 });
    const { console: lines } = raw.life;
    const print = (...lengths: number[]) =>
      act(
        raw,
        lengths.map(length => ['print', text(length)]),
      );
    lines.length = 0;
    expect(await print(60, 40)).to.deep.equal(['fulfilled', '#"done"']);
    expect(lines).to.deep.equal([text(60), text(40)]);
    lines.length = 0;
    expect(await print(60, 41, 1)).to.deep.equal(['fulfilled', '#"done"']);
    const warning = `${raw.id('raw')} printed more than 100 characters in one delivery; the rest is dropped`;
    expect(lines).to.deep.equal([text(60), warning]);
    lines.length = 0;
    await print(100);
    expect(lines, 'in its next delivery').to.deep.equal([text(100)]);
    const said = raw.life.slog.filter(({ type }) => type === 'console');
    expect(said.map(({ args }) => String(args).length)).to.deep.equal([60, 40, 60, 100]);
  });
});

describe('a message that is too long, in the queue of a store that was written without limits', () => {
  it('is rejected when its turn comes; one that is just short enough is delivered', async () => {
    const path = makeTempDir();
    const before = await startRawVats(['raw', 'other'], {}, {}, { store: { path } });
    const queueLong = (length: number) => before.queue('raw', [['print', text(length)]]);
    const [longest, tooLong] = [queueLong(4000), queueLong(4001)];
    const after = before.queue('raw', []);
    const { acceptanceQueue } = before.life.controller.dump();
    const { length } = (acceptanceQueue[0] as { msg: { methargs: { body: string } } }).msg.methargs
      .body;
    await before.life.hostStorage.commit();
    await before.life.close();

    const raw = await startRawVats(
      ['raw', 'other'],
      {},
      {},
      { store: { path }, limits: { delivery: length } },
    );
    expect(outcomeOf(raw, longest)).to.deep.equal(['fulfilled', '#"done"']);
    expect(outcomeOf(raw, tooLong)[0]).to.equal('rejected');
    expect(outcomeOf(raw, tooLong)[1]).to.include(
      `the message is too long: ${length + 1} characters, at most ${length}`,
    );
    expect(outcomeOf(raw, after)).to.deep.equal(['fulfilled', '#"done"']);
    expect(namesOf(raw)).to.include.members(['raw', 'other']);
  });
});

describe('what a host passes', () => {
  it('is refused before it is queued when no vat could take it', async () => {
    const { life } = await start({ body: 5000, slots: 1, depth: 20 });
    const queue = (...args: unknown[]) => life.controller.queueToVatRoot('other', 'x', args);
    const queued = life.controller.dump().acceptanceQueue.length;
    expect(() => queue(text(5000))).to.throw(BadOptionError, /body 5000, got .*50\d\d characters/);
    expect(() => queue(nested(25))).to.throw(BadOptionError, /depth 20/);
    const roots = ['raw', 'other'].map(name =>
      kslot(life.controller.getRootObject(life.controller.vatNameToID(name))),
    );
    expect(() => queue(...roots)).to.throw(BadOptionError, /slots 1, got .*2 references/);
    expect(life.controller.dump().acceptanceQueue).to.have.length(queued);
    expect(queue(text(4000))).to.match(/^kp\d+$/);
  });
});

describe('what leads to too many objects or promises', () => {
  const splits = [
    [2, ['dropExports o+5 o+6', 'dropExports o+7 o+8', 'dropExports o+9']],
    [5, ['dropExports o+5 o+6 o+7 o+8 o+9']],
  ] as const;
  for (const [gcObjects, deliveries] of splits) {
    it(`GC deliveries are split when they are longer than that (${gcObjects})`, async () => {
      const raw = await start({ gcObjects });
      const { act: doAct, give } = raw;
      const things = ['o+5', 'o+6', 'o+7', 'o+8', 'o+9'];
      const krefs: string[] = [];
      for (const thing of things) krefs.push(await give('raw', thing, 'other'));
      raw.forget();
      const vrefs = krefs.map(kref => raw.vref('other', kref));
      await doAct('other', [['dropImports', vrefs]]);
      expect(raw.told('raw')).to.deep.equal(deliveries);
    });
  }
});

describe('the depth of JSON', () => {
  it('counts lists and records, and no brackets within texts', () => {
    expect(isDeeperThan('#[[{"a":[]}]]', 4)).to.equal(false);
    expect(isDeeperThan('#[[{"a":[]}]]', 3)).to.equal(true);
    expect(isDeeperThan('#["[[[[", "\\"[[[[", "\\\\", [1], [2]]', 2)).to.equal(false);
  });
});

describe('a notification', () => {
  type RawResolution = readonly [vref: string, rejected: boolean, data: object];
  const resolution = (vref: string, body: unknown, ...slots: string[]): RawResolution => [
    vref,
    false,
    data(body, ...slots),
  ];
  /** What `other` hears, notification by notification: `p-60=[&0] p-61=...`, without the long texts. */
  const told = ({ life }: RawVats) =>
    life.slog.flatMap(({ type, vatID, vd }) => {
      const [kind, resolutions] = (vd ?? []) as [
        string?,
        (readonly [string, boolean, { body: string }])[]?,
      ];
      if (type !== 'deliver' || vatID !== life.controller.vatNameToID('other')) return [];
      if (kind !== 'notify') return [];
      return [
        (resolutions ?? []).map(
          ([vref, rejected, { body }]) =>
            `${vref}${rejected ? ' rejected ' : '='}${body.slice(1).replaceAll(/x{2,}/g, '…')}`,
        ),
      ];
    });

  /** `other` imports the first promise, and asks for it and all that it hears of. */
  const startWith = async (limits: Partial<VatLimits>) => {
    const raw = await start(limits);
    await raw.give('raw', 'p+5', 'other');
    await raw.act('other', [['subscribe', 'p-60']]);
    return raw;
  };

  const resolve = (raw: RawVats, ...each: readonly RawResolution[]) =>
    raw.act('raw', [['resolve', each]]);

  it('is split where it would be too long, and parents come first', async () => {
    const raw = await startWith({ delivery: 5000 });
    await resolve(
      raw,
      resolution('p+7', `c~2500~`),
      resolution('p+6', [`b~2500~`, '&0'], 'p+7'),
      resolution('p+5', ['&0'], 'p+6'),
    );
    expect(told(raw)).to.deep.equal([['p-60=["&0"]', 'p-62=["b…","&0"]']]);
    await raw.act('other', [['subscribe', 'p-63']]);
    expect(told(raw).slice(1)).to.deep.equal([['p-63="c…"']]);
    expect(namesOf(raw)).to.include.members(['raw', 'other']);
  });

  it('keeps a ring together', async () => {
    const raw = await startWith({ delivery: 5000 });
    await resolve(
      raw,
      resolution('p+8', `d~3000~`),
      resolution('p+7', ['&0', '&1', `c~2000~`], 'p+8', 'p+6'),
      resolution('p+6', ['&0', `b~2000~`], 'p+7'),
      resolution('p+5', ['&0', '&1'], 'p+6', 'p+8'),
    );
    expect(told(raw)).to.deep.equal([
      ['p-60=["&0","&1"]', 'p-62=["&0","b…"]', 'p-64=["&0","&1","c…"]'],
    ]);
  });

  it('rejects the promise that closes a ring which is too long, and ends nobody', async () => {
    const raw = await startWith({ delivery: 5000 });
    await resolve(
      raw,
      resolution('p+6', ['&0', `b~3000~`], 'p+5'),
      resolution('p+5', ['&0', `a~3000~`], 'p+6'),
    );
    expect(told(raw)).to.have.length(1);
    expect(told(raw)[0]?.[0]).to.match(/^p-60 rejected .*lead back to it/);
    expect(namesOf(raw)).to.include.members(['raw', 'other']);
  });

  /** Three promises, each of which leads to the next. */
  const resolveChain = (raw: RawVats) =>
    raw.act(
      'raw',
      [
        resolution('p+5', ['&0'], 'p+6'),
        resolution('p+6', ['&0'], 'p+7'),
        resolution('p+7', 'end'),
      ].map(each => ['resolve', [each]] as const),
    );
  const whole = ['p-60=["&0"]', 'p-62=["&0"]', 'p-63="end"'];

  for (const [limit, above, first] of [
    ['deliveryPromises', 2, whole.slice(0, 2)],
    ['deliverySlots', 1, whole.slice(0, 1)],
  ] as const) {
    it(`is split where it has more than the limit (${limit})`, async () => {
      const raw = await startWith({ [limit]: above });
      await resolveChain(raw);
      expect(told(raw)).to.deep.equal([first]);
      // It asks for what it has heard of.
      const next = whole[first.length]?.split('=')[0];
      await raw.act('other', [['subscribe', next]]);
      const bodies = told(raw)
        .flat()
        .map(each => each.replace(/^.*=/, ''));
      expect(bodies).to.deep.equal(['["&0"]', '["&0"]', '"end"']);
      expect(namesOf(raw)).to.include.members(['raw', 'other']);
    });

    it(`is whole as long as it is within the limit (${limit})`, async () => {
      const raw = await startWith({ [limit]: above + 1 });
      await resolveChain(raw);
      expect(told(raw)).to.deep.equal([whole]);
    });
  }

  it('is whole as long as it leads to no more than the limit (closure)', async () => {
    const raw = await startWith({ closure: 3 });
    await resolveChain(raw);
    expect(told(raw)).to.deep.equal([whole]);
  });

  it('tells of a promise that leads to too many as if it were rejected (closure)', async () => {
    const raw = await startWith({ closure: 2 });
    await resolveChain(raw);
    expect(told(raw)[0]?.[0]).to.match(/^p-60 rejected .*more than 2 others/);
    expect(namesOf(raw)).to.include.members(['raw', 'other']);
  });
});
