import { kslot } from '@agoric/kmarshal';
import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import { isDeeperThan } from '../../lib/kernel/capdata-limits.js';
import type { VatLimits } from '../../lib/types/vat-limits.js';
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
  it('GC deliveries are split', async () => {
    const raw = await start({ gcObjects: 2 });
    const { act: doAct, give } = raw;
    const things = ['o+5', 'o+6', 'o+7', 'o+8', 'o+9'];
    const krefs: string[] = [];
    for (const thing of things) krefs.push(await give('raw', thing, 'other'));
    raw.forget();
    const vrefs = krefs.map(kref => raw.vref('other', kref));
    await doAct('other', [['dropImports', vrefs]]);
    expect(raw.told('raw')).to.deep.equal([
      'dropExports o+5 o+6',
      'dropExports o+7 o+8',
      'dropExports o+9',
    ]);
  });
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

  it('tells of a promise that leads to too many as if it were rejected', async () => {
    const raw = await startWith({ closure: 2 });
    const steps = [
      resolution('p+5', ['&0'], 'p+6'),
      resolution('p+6', ['&0'], 'p+7'),
      resolution('p+7', 'end'),
    ].map(each => ['resolve', [each]] as const);
    await raw.act('raw', steps);
    expect(told(raw)[0]?.[0]).to.match(/^p-60 rejected .*more than 2 others/);
    expect(namesOf(raw)).to.include.members(['raw', 'other']);
  });
});
