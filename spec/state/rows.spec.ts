/**
 * What each row of the kernel's tables may say. A text that a codec lets pass wrongly reaches the
 * tables as a value of the wrong type; one that it refuses wrongly stops a kernel whose store is
 * sound, SwingSet's included.
 */
import { expect } from 'chai';
import { DamagedRowError } from '../../lib/errors.js';
import { remembered } from '../../lib/state/codecs.js';
import { codecOfKey } from '../../lib/state/row-of-key.js';
import { globalRows, objectRows } from '../../lib/state/rows.js';
import type { ObjectKRef } from '../../lib/types/ids.js';

interface RowTexts {
  readonly key: string;
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

const COUNTS = {
  good: ['0', '7', '9007199254740991'],
  bad: ['', '-1', '07', '1.5', '1e3', ' 1', '9007199254740992', 'never', 'NaN'],
};
const UNPARSEABLE = ['', '{', 'null', '1', '"x"'];
const RECORDS = [...UNPARSEABLE, '[]'];
const LISTS = [...UNPARSEABLE, '{}'];

/** JSON of a record, and of each that it becomes by one field that is missing or wrong. */
const recordTexts = (
  fields: Readonly<Record<string, unknown>>,
  optional: Readonly<Record<string, unknown>>,
  wrong: Readonly<Record<string, readonly unknown[]>> = {},
): Pick<RowTexts, 'good' | 'bad'> => {
  const without = (name: string) => JSON.stringify({ ...fields, ...optional, [name]: undefined });
  const all = { ...fields, ...optional };
  const badFields = Object.entries(all).flatMap(([name, value]) => [
    [name, typeof value === 'object' ? 'x' : [value]] as const,
    [name, null] as const,
    ...(wrong[name] ?? []).map(each => [name, each] as const),
  ]);
  return {
    good: [
      JSON.stringify(fields),
      JSON.stringify({ ...all, unknown: 'field' }),
      ...Object.keys(optional).map(without),
    ],
    bad: [
      ...RECORDS,
      ...Object.keys(fields).map(without),
      ...badFields.map(([name, value]) => JSON.stringify({ ...all, [name]: value })),
    ],
  };
};

const capData = { body: '#"x"', slots: ['ko20', 'kp40', 'kd30'] };
const BAD_CAP_DATA = [
  { body: 1, slots: [] },
  { body: 'x' },
  { slots: [] },
  { body: 'x', slots: ['o+0'] },
  { body: 'x', slots: 'ko20' },
];
const message = { methargs: capData, result: 'kp41' };
const BAD_MESSAGES = [
  ...BAD_CAP_DATA.map(methargs => ({ methargs })),
  {},
  { methargs: capData, result: 'p-1' },
  { methargs: 'x' },
];

/** Every kind of event, as stored. */
const events: readonly Readonly<Record<string, unknown>>[] = [
  { type: 'send', target: 'ko20', msg: message },
  { type: 'send', target: 'kp40', msg: { methargs: capData } },
  { type: 'send', target: 'kp40', msg: { methargs: capData, result: null } },
  { type: 'notify', vatID: 'v1', kpid: 'kp40' },
  {
    type: 'create-vat',
    vatID: 'v1',
    source: { bundleID: 'b1-00' },
    vatParameters: capData,
    dynamicOptions: {
      name: 'x',
      critical: false,
      meterID: 'm1',
      managerType: 'xsnap',
      enableSetup: false,
      enablePipelining: false,
      enableDisavow: false,
      useTranscript: true,
      reapInterval: 5,
      reapGCKrefs: 'never',
      neverReap: false,
    },
  },
  { type: 'startVat', vatID: 'v1', vatParameters: capData },
  {
    type: 'upgrade-vat',
    vatID: 'v1',
    upgradeID: 'up1',
    bundleID: 'b1-00',
    vatParameters: capData,
    upgradeMessage: 'x',
  },
  { type: 'changeVatOptions', vatID: 'v1', options: { any: 1 } },
  { type: 'bringOutYourDead', vatID: 'v1' },
  { type: 'terminate-vat', vatID: 'v1', reason: capData },
  { type: 'suspend-vat', vatID: 'v1' },
  { type: 'resume-vat', vatID: 'v1' },
];
const [send, , , notify, createVat, startVat, upgrade, change, , terminate] = events as [
  ...typeof events,
];
const BAD_EVENTS: readonly unknown[] = [
  { type: 'nonsense', vatID: 'v1' },
  { vatID: 'v1' },
  { ...send, target: 'o+0' },
  ...BAD_MESSAGES.map(msg => ({ ...send, msg })),
  { ...notify, kpid: 'ko20' },
  { ...notify, vatID: 'd1' },
  { ...createVat, source: {} },
  { ...createVat, dynamicOptions: { neverReap: 1 } },
  { ...startVat, vatParameters: undefined },
  { ...upgrade, bundleID: 'x' },
  { ...upgrade, pausedTarget: 'kp40' },
  { ...change, options: 'x' },
  { ...terminate, reason: 'x' },
  ...events.filter(event => 'vatID' in event).map(event => ({ ...event, vatID: undefined })),
];

const list = (values: readonly unknown[]): readonly string[] =>
  values.map(value => JSON.stringify([value]));

const options = recordTexts(
  {
    workerOptions: { type: 'xsnap', bundleIDs: ['b1-00'], heapRule: 1 },
    enableSetup: false,
    enablePipelining: false,
    enableDisavow: false,
    useTranscript: true,
    reapDirtThreshold: { deliveries: 5, gcKrefs: 'never', computrons: 'never' },
    critical: false,
  },
  { name: 'x', meterID: 'm1', limits: { table: 0, computrons: 5 } },
  {
    workerOptions: [
      { type: 'x' },
      { type: 'xsnap' },
      { type: 'xsnap', bundleIDs: ['x'] },
      { type: 'xsnap', bundleIDs: ['b1-00'], heapRule: 2 },
    ],
    reapDirtThreshold: [{ deliveries: 'always' }, { gcKrefs: null }, { computrons: '1' }],
    meterID: ['v1'],
    limits: [{}, { table: -1 }, { table: 0, computrons: 1.5 }],
  },
);

const rows: readonly RowTexts[] = [
  ...['version', 'crankNumber', 'vat.nextID', 'ko.nextID', 'kp40.refCount', 'v1.o.nextID'].map(
    key => ({ key, ...COUNTS }),
  ),
  ...['kp40.hostInterest', 'kp40.queue.nextID', 'd7.p.nextID', 'kernel.snapshotInitial'].map(
    key => ({ key, ...COUNTS }),
  ),
  ...['kernel.snapshotInterval', 'platformEpoch.computronLimit'].map(key => ({
    key,
    good: [...COUNTS.good, 'never'],
    bad: COUNTS.bad.filter(each => each !== 'never'),
  })),
  { key: 'v1.snapshotFailed', good: ['0', '7'], bad: ['-1', '1.5', '"1"', 'null', ''] },
  { key: 'initialized', good: ['true', ''], bad: [] },
  { key: 'vat.names', good: ['[]', '["a","b"]'], bad: [...LISTS, '[1]'] },
  { key: 'device.names', good: ['[]', '["a"]'], bad: [...LISTS, '[null]'] },
  ...['vat.dynamicIDs', 'vats.terminated', 'reapQueue', 'platformEpoch.waitingVats'].map(key => ({
    key,
    good: ['[]', '["v1","v20"]'],
    bad: [...LISTS, '["v"]', '["d1"]', '["v1",1]'],
  })),
  { key: 'vatAdminRootKref', good: ['ko20'], bad: ['', 'kp40', '"ko20"'] },
  { key: 'pinnedObjects', good: ['', 'ko20', 'ko20,ko21'], bad: ['kp40', 'ko20,', 'ko20,kp40'] },
  ...['gcActions', 'v1.gcActions'].map(key => ({
    key,
    good: ['[]', '["v1 dropExport ko20","v12 retireExport ko345"]', '["v1 retireImport ko20"]'],
    bad: [
      ...LISTS,
      ...['v1 dropImport ko20', 'v dropExport ko20', 'xv1 dropExport ko20', 'v1 dropExport kp40'],
      ...['v1 dropExport ko', 'v1 dropExport ko20 ', 'v1dropExport ko20'],
    ].map(text => (text.includes(' ') ? JSON.stringify([text]) : text)),
  })),
  ...['runQueue', 'acceptanceQueue', 'v1.waitQueue'].map(key => ({
    key,
    good: ['[1,1]', '[3,7]', '[0,0]'],
    bad: [...LISTS, '[]', '[1]', '[1,2,3]', '[2,1]', '[-1,1]', '["1",2]', '[1,1.5]'],
  })),
  ...['runQueue.3', 'acceptanceQueue.1', 'v1.waitQueue.2'].map(key => ({
    key,
    good: events.map(event => JSON.stringify(event)),
    bad: [...RECORDS, ...BAD_EVENTS.map(event => JSON.stringify(event))],
  })),
  { key: 'upgradeEvents', good: ['[]', ...list(events)], bad: [...LISTS, ...list(BAD_EVENTS)] },
  ...['kernelStats', 'local.kernelStats'].map(key => ({
    key,
    good: ['{}', '{"a":1,"b":-2.5}'],
    bad: [...RECORDS, '{"a":"1"}', '{"a":null}', '{"a":1e999}'],
  })),
  {
    key: 'kernel.defaultManagerType',
    good: ['local', 'xsnap', 'xs-worker', 'nodeWorker', 'node-subprocess'],
    bad: ['', 'x', '"local"'],
  },
  {
    key: 'kernel.defaultReapDirtThreshold',
    good: ['{}', '{"never":true}', '{"deliveries":1,"gcKrefs":"never","computrons":1.5}'],
    bad: [...RECORDS, '{"deliveries":"always"}', '{"gcKrefs":null}', '{"computrons":"1"}'],
  },
  { key: 'kernel.relaxDurabilityRules', good: ['true', 'false'], bad: ['', '1'] },
  { key: 'platformEpoch.done', good: ['v1'], bad: ['', 'd1', '1'] },
  { key: 'platformEpoch.maybeFree', good: ['[]', '["ko20","kp40","kd30"]'], bad: ['["v1"]', '{}'] },
  { key: 'vat.name.bob', good: ['v1', 'v12'], bad: ['', 'v', 'd1', 'v1 ', 'vv1'] },
  { key: 'device.name.bob', good: ['d7'], bad: ['', 'v1'] },
  { key: 'namedBundleID.bob', good: ['b1-00', 'b0-ff'], bad: ['', 'b1-', 'b1-x'] },
  { key: 'v1.source', ...recordTexts({ bundleID: 'b1-00' }, {}) },
  { key: 'd7.source', ...recordTexts({ bundleID: 'b1-00' }, {}) },
  {
    key: 'v1.options',
    good: [
      ...options.good,
      options.good[0]!.replace(/\{"type":.*?\}/, '{"type":"local"}'),
      options.good[0]!.replace(/\{"deliveries":.*?\}/, '{"never":true}'),
    ],
    bad: options.bad,
  },
  { key: 'v1.vatParameters', ...recordTexts(capData, {}, { slots: [['o+0'], [1]] }) },
  {
    key: 'd7.deviceState',
    ...recordTexts(
      { body: 'x', slots: ['o+0', 'p-60', 'd+1', 'o+d13/2:0'] },
      {},
      { slots: [['ko20']] },
    ),
  },
  { key: 'v1.reapDirt', ...recordTexts({}, { deliveries: 1, gcKrefs: 0, computrons: 2.5 }) },
  {
    key: 'd7.options',
    good: ['{}', '{"deviceParameters":null,"unendowed":true}'],
    bad: [...RECORDS, '{"unendowed":1}'],
  },
  {
    key: 'v1.c.ko20',
    good: ['R o+0', '_ o-50', 'R o+d13/2'],
    bad: ['', 'o+0', 'R', 'Ro+0', 'X o+0', 'R ko20'],
  },
  { key: 'd7.c.kd30', good: ['d+0', 'o-10'], bad: ['', 'R d+0', 'kd30'] },
  ...['v1.c.o+0', 'd7.c.d+0', 'v1.c.o+d13/2:0'].map(key => ({
    key,
    good: ['ko20', 'kp40', 'kd30'],
    bad: ['', 'R o+0', 'v1'],
  })),
  { key: 'ko20.owner', good: ['v1'], bad: ['', 'd7', 'ko20'] },
  { key: 'kd30.owner', good: ['d7'], bad: ['', 'v1'] },
  {
    key: 'ko20.refCount',
    good: ['0,0', '1,2', '12,12'],
    bad: ['', '1', '2,1', '-1,0', '1,2,3', 'x1,2', '0,9007199254740992'],
  },
  { key: 'kp40.state', good: ['unresolved', 'fulfilled', 'rejected'], bad: ['', 'broken'] },
  { key: 'kp40.decider', good: ['', 'v1'], bad: ['d7', 'x'] },
  { key: 'kp40.subscribers', good: ['', 'v1', 'v1,v12'], bad: ['d7', 'v1,', 'v1,x'] },
  { key: 'kp40.policy', good: ['ignore', 'logAlways', 'logFailure', 'panic'], bad: ['', 'x'] },
  {
    key: 'kp40.queue.3',
    good: [message, { methargs: capData }].map(each => JSON.stringify(each)),
    bad: [...RECORDS, ...BAD_MESSAGES.map(each => JSON.stringify(each))],
  },
  { key: 'kp40.data.body', good: ['', '#1'], bad: [] },
  { key: 'kp40.data.slots', good: ['', 'ko20,kp40'], bad: ['o+0', 'ko20,'] },
  {
    key: 'm1.remaining',
    good: ['0', '12', 'unlimited', '9'.repeat(100)],
    bad: ['', '-1', '1.5', 'x', 'x1', '9'.repeat(101)],
  },
  { key: 'm1.threshold', good: ['0', '12'], bad: ['', 'unlimited', '1x'] },
];

describe('the rows of the kernel’s tables', () => {
  for (const { key, good, bad } of rows) {
    it(`${key} is read when it is sound, and refused when not`, () => {
      const codec = codecOfKey(key)!;
      const decoded = (texts: readonly string[]) =>
        texts.filter(text => codec.decode(text) !== undefined);
      expect(decoded(good), 'sound').to.deep.equal(good);
      expect(decoded(bad), 'damaged').to.deep.equal([]);
    });
  }

  it('are known by their keys; those of vats, hosts and nobody are not', () => {
    const known = [...new Set(rows.map(({ key }) => key))].filter(codecOfKey);
    expect(known).to.deep.equal(rows.map(({ key }) => key));
    for (const key of ['v1.vs.x', 'host.x', 'v1.x', 'xv1.options', 'v1.c.', 'kernel.x', 'ko20']) {
      expect(codecOfKey(key), key).to.equal(undefined);
    }
  });

  it('say in the error which row is damaged, what it should be, and what it is', () => {
    const kv = new Map([['ko20.refCount', '2,1']]);
    const read = () => objectRows.refCount.read(kv, 'ko20' as ObjectKRef);
    expect(read)
      .to.throw(DamagedRowError, 'expected a count "reachable,recognizable", got "2,1"')
      .that.includes({ key: 'ko20.refCount', value: '2,1' });
    expect(globalRows.crankNumber.read(kv)).to.equal(undefined);
    expect(() => globalRows.crankNumber.require(kv))
      .to.throw(DamagedRowError, 'expected a non-negative integer, the row is missing')
      .that.includes({ key: 'crankNumber', value: undefined });
  });
});

describe('a codec that remembers', () => {
  it('decodes a text once, freezes the value, and remembers no text that is bad', () => {
    let decoded = 0;
    const codec = remembered<{ readonly list: number[] }>({
      what: 'a record',
      decode: text => {
        decoded += 1;
        return text === 'bad' ? undefined : { list: [1] };
      },
      encode: () => '',
    });
    const first = codec.decode('a');
    expect(codec.decode('a')).to.equal(first);
    expect(decoded).to.equal(1);
    expect(() => first?.list.push(2)).to.throw(TypeError);
    expect([codec.decode('bad'), codec.decode('bad')]).to.deep.equal([undefined, undefined]);
    expect(decoded).to.equal(3);
    for (let n = 0; n < 2000; n += 1) codec.decode(`${n}`);
    expect(codec.decode('a')).to.not.equal(first);
  });
});
