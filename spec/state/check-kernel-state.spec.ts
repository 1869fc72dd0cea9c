import { expect } from 'chai';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import { kslot } from '../../lib/kernel/delivery/kmarshal.js';
import { sourceOf, startLife, type Life } from '../support/swingset.js';

const config = {
  vats: {
    alice: { sourceSpec: sourceOf(import.meta.url, '../kernel/vats/holder.js') },
    bob: { sourceSpec: sourceOf(import.meta.url, '../kernel/vats/holder.js') },
  },
};

/** Alice holds bob's root and an unresolved promise of bob's, to which a message waits. */
const startWithReferences = async (): Promise<Life> => {
  const life = await startLife({ config, worker: 'local' });
  const { controller } = life;
  controller.pinVatRoot('alice');
  const bob = controller.pinVatRoot('bob');
  const promise = controller.queueToVatRoot('bob', 'makePromise', ['p']);
  const answer = controller.queueToVatObject(kslot(promise), 'hello');
  await life.call('alice', 'hold', kslot(bob), kslot(promise), kslot(answer));
  life.check({ quiescent: true });
  return life;
};

type Damage = readonly [what: string, rows: (found: Found) => Rows, finding: RegExp];
type Rows = Readonly<Record<string, string | undefined>>;

/** Ids as this swingset happened to give them out. */
interface Found {
  readonly alice: string;
  readonly bob: string;
  readonly ko: string;
  readonly kp: string;
  readonly get: (key: string) => string;
}

const damages: readonly Damage[] = [
  ['an unknown row', () => ({ 'kernel.nonsense': '1' }), /^unknown-row: kernel\.nonsense/],
  ['a row of an unknown vat', () => ({ 'v99.options': '{}' }), /^left-over: v99/],
  ['vatstore rows of an unknown vat', () => ({ 'v99.vs.x': '1' }), /^left-over: v99/],
  [
    'a vat without options',
    ({ alice }) => ({ [`${alice}.options`]: undefined }),
    /^vat: v\d+\.options: missing/,
  ],
  [
    'a vat whose options are none',
    ({ alice }) => ({ [`${alice}.options`]: '{}' }),
    /^malformed-row: v\d+\.options: expected the options of a vat, got "{}"/,
  ],
  [
    'parameters that are no marshalled data',
    ({ alice }) => ({ [`${alice}.vatParameters`]: '[]' }),
    /^malformed-row: v\d+\.vatParameters: expected marshalled data/,
  ],
  [
    'a vat whose meter does not exist',
    ({ alice, get }) => ({
      [`${alice}.options`]: get(`${alice}.options`).replace('{', '{"meterID":"m77",'),
    }),
    /^vat: v\d+\.options: its meter "m77"/,
  ],
  [
    'a vat whose bundle is not there',
    ({ alice }) => ({ [`${alice}.source`]: '{"bundleID":"b1-00"}' }),
    /^vat: v\d+\.source: the bundleStore lacks b1-00/,
  ],
  [
    'half a c-list entry',
    ({ alice, ko, get }) => ({
      [`${alice}.c.${get(`${alice}.c.${ko}`).slice(2)}`]: undefined,
    }),
    /^clist: v\d+\.c\.ko\d+: is o-\d+, which is missing/,
  ],
  [
    'a c-list entry above its counter',
    ({ alice }) => ({ [`${alice}.o.nextID`]: '50' }),
    /^clist: v\d+\.c\.o-\d+: not below/,
  ],
  [
    'an import marked as dropped',
    ({ alice, ko, get }) => ({ [`${alice}.c.${ko}`]: get(`${alice}.c.${ko}`).replace('R', '_') }),
    /^refcount: ko\d+\.refCount: is 2,2, counted 1,2/,
  ],
  [
    'an export without an owner',
    ({ ko }) => ({ [`${ko}.owner`]: undefined }),
    /^clist: v\d+\.c\.ko\d+: exported as o\+0, but owned by nobody/,
  ],
  [
    'an object with too high a count',
    ({ ko }) => ({ [`${ko}.refCount`]: '3,3' }),
    /^refcount: ko\d+\.refCount: is 3,3, counted 2,2/,
  ],
  [
    'a promise with too high a count',
    ({ kp }) => ({ [`${kp}.refCount`]: '9' }),
    /^refcount: kp\d+\.refCount: is 9, counted 4/,
  ],
  [
    'an object nobody refers to',
    ({ bob, get }) => ({
      'ko99.owner': bob,
      'ko99.refCount': '0,0',
      [`${bob}.c.ko99`]: 'R o+99',
      [`${bob}.c.o+99`]: 'ko99',
      'ko.nextID': get('ko.nextID'),
    }),
    /^left-over: ko99\.refCount: nobody can reach it, but v\d+ is not being told/,
  ],
  [
    'a promise nobody refers to',
    () => ({
      'kp99.state': 'fulfilled',
      'kp99.refCount': '0',
      'kp99.data.body': '#0',
      'kp99.data.slots': '',
    }),
    /^left-over: kp99\.refCount: nobody refers to it/,
  ],
  [
    'promises that only hold each other',
    () => ({
      'kp98.state': 'fulfilled',
      'kp98.refCount': '1',
      'kp98.data.body': '#["&0"]',
      'kp98.data.slots': 'kp99',
      'kp99.state': 'rejected',
      'kp99.refCount': '2',
      'kp99.data.body': '#["&0","&1"]',
      'kp99.data.slots': 'kp98,kp99',
    }),
    /^left-over: kp98\.refCount: only promises that nobody holds refer to it/,
  ],
  [
    'a promise in an unknown state',
    ({ kp }) => ({ [`${kp}.state`]: 'redirected' }),
    /^promise: kp\d+\.state: the state is redirected/,
  ],
  [
    'an unresolved promise with data',
    ({ kp }) => ({ [`${kp}.data.body`]: '#1' }),
    /^promise: kp\d+\.data\.body: a promise that is unresolved has no such row/,
  ],
  [
    'a promise that nobody decides',
    ({ kp }) => ({ [`${kp}.decider`]: '' }),
    /^promise: kp\d+\.decider: it has no decider/,
  ],
  [
    'a promise decided by a stranger',
    ({ kp }) => ({ [`${kp}.decider`]: 'v1' }),
    /^promise: kp\d+\.decider: its decider v1 does not know it/,
  ],
  [
    'a subscriber who does not know the promise',
    ({ kp }) => ({ [`${kp}.subscribers`]: 'v1' }),
    /^promise: kp\d+\.subscribers: v1 does not know the promise/,
  ],
  [
    'a hole in the queue of a promise',
    ({ kp }) => ({ [`${kp}.queue.0`]: undefined }),
    /^queue: kp\d+\.queue\.0: missing within/,
  ],
  ['a hole in the run-queue', () => ({ runQueue: '[1,200]' }), /^queue: runQueue\.1/],
  [
    'bounds of the run-queue that no memory could hold',
    () => ({ runQueue: '[1,9007199254740991]' }),
    /^queue: runQueue\.1: missing within the bounds \[1,9007199254740991\], and so are the 9007199254740989 after it/,
  ],
  [
    'a promise’s queue of such a length',
    ({ kp }) => ({ [`${kp}.queue.nextID`]: '9007199254740991' }),
    /^queue: kp\d+\.queue\.\d+: missing within the bounds/,
  ],
  [
    'a host that holds a promise so often',
    ({ kp }) => ({ [`${kp}.hostInterest`]: '9007199254740000' }),
    /^refcount: kp\d+\.refCount: is \d+, counted 90071992547400\d\d/,
  ],
  [
    'a host that holds a promise no number of times',
    ({ kp }) => ({ [`${kp}.hostInterest`]: '1e999' }),
    /^malformed-row: kp\d+\.hostInterest: expected a non-negative integer, got "1e999"/,
  ],
  [
    'an event outside of the run-queue',
    () => ({ 'runQueue.500': '{}' }),
    /^queue: runQueue\.500: outside of the bounds/,
  ],
  [
    'what is left in a queue',
    ({ alice, get }) => {
      const [, tail] = JSON.parse(get('runQueue')) as [number, number];
      return {
        runQueue: `[${tail},${tail + 1}]`,
        [`runQueue.${tail}`]: JSON.stringify({ type: 'bringOutYourDead', vatID: alice }),
      };
    },
    /^left-over: runQueue: 1 events are queued/,
  ],
  [
    'an action for a vat that does not exist',
    () => ({ gcActions: '["v99 dropExport ko1"]' }),
    /^gc-action: gcActions: v99 dropExport ko1: the vat is not live/,
  ],
  [
    'an action in the row of a vat that is in service',
    ({ bob, ko }) => ({ [`${bob}.gcActions`]: `["${bob} dropExport ${ko}"]` }),
    /^gc-action: v\d+\.gcActions: v\d+ dropExport ko\d+ belongs in gcActions/,
  ],
  [
    'a malformed action',
    ({ alice }) => ({ gcActions: `["${alice} drop"]` }),
    /^gc-action: gcActions: malformed/,
  ],
  [
    'a vat that is not cleaned up',
    () => ({ 'vats.terminated': '["v1"]' }),
    /^left-over: vats\.terminated: v1/,
  ],
  [
    'a vat that somebody unknown paused',
    ({ bob }) => ({ [`${bob}.service`]: '{"type":"paused","sinceCrank":3}' }),
    /^service: v\d+\.service: not a reason to be out of service: {"type":"paused","sinceCrank":3}/,
  ],
  [
    'a sleeping vat that somebody holds',
    ({ bob }) => ({ [`${bob}.service`]: '{"type":"sleeping","by":"host","sinceCrank":3}' }),
    /^service: v\d+\.service: not a reason to be out of service: {"type":"sleeping","by":"host"/,
  ],
  [
    'a vat that waits for nothing',
    ({ bob }) => ({ 'platformEpoch.waitingVats': `["${bob}"]` }),
    /^service: v\d+\.waitQueue: 0 wait/,
  ],
  [
    'a restart that is done with something that is no vat',
    () => ({
      'platformEpoch.ledger': '[{"status":"in-progress"}]',
      'platformEpoch.done': '["v2"]',
    }),
    /^platform-epoch: platformEpoch\.done: \["v2"\]/,
  ],
  [
    'a ledger that is out of order',
    () => ({ 'platformEpoch.ledger': '[{"status":"complete"},{"status":"baseline"}]' }),
    /^platform-epoch: platformEpoch\.ledger: record 1 is a baseline but not the first/,
  ],
  [
    'parameters given to what is no vat',
    () => ({
      'platformEpoch.ledger': '[{"status":"in-progress"},{"status":"in-progress"}]',
      'platformEpoch.given': '["v2","shop"]',
    }),
    /^platform-epoch: platformEpoch\.given: not a list of vatIDs/,
  ],
  [
    'a rolling restart that no epoch began',
    () => ({
      'platformEpoch.ledger': '[{"status":"complete","options":{"mode":"lazy"}}]',
      'platformEpoch.rolling': '{"total":2}',
    }),
    /^platform-epoch: platformEpoch\.rolling: the last platform epoch is not a complete rolling/,
  ],
  [
    'a rolling restart of no vats',
    () => ({
      'platformEpoch.ledger': '[{"status":"complete","options":{"mode":"rolling"}}]',
      'platformEpoch.rolling': '{"total":0}',
    }),
    /^platform-epoch: platformEpoch\.rolling: without the number of vats/,
  ],
  [
    'a c-list entry of a promise that does not exist',
    ({ alice }) => ({ [`${alice}.c.kp99`]: 'R p-99', [`${alice}.c.p-99`]: 'kp99' }),
    /^clist: v\d+\.c\.kp99: the promise does not exist/,
  ],
  [
    'a promise that a vat can not reach',
    ({ alice, kp, get }) => ({ [`${alice}.c.${kp}`]: get(`${alice}.c.${kp}`).replace('R', '_') }),
    /^clist: v\d+\.c\.kp\d+: a promise can not be unreachable/,
  ],
  [
    'a vat that exports a device node',
    ({ bob }) => ({ 'kd99.owner': bob, [`${bob}.c.kd99`]: 'R d+9', [`${bob}.c.d+9`]: 'kd99' }),
    /^clist: v\d+\.c\.kd99: vats export objects, devices export device nodes/,
  ],
  [
    'an import of an object that does not exist',
    ({ alice }) => ({ [`${alice}.c.ko99`]: 'R o-99', [`${alice}.c.o-99`]: 'ko99' }),
    /^clist: v\d+\.c\.ko99: reachable, but does not exist/,
  ],
  [
    'an import of an object that is gone, of which the vat does not hear',
    ({ alice }) => ({ [`${alice}.c.ko99`]: '_ o-99', [`${alice}.c.o-99`]: 'ko99' }),
    /^left-over: v\d+\.c\.o-99: ko99 is gone, but v\d+ is not being told/,
  ],
  [
    'a vat that imports what it exports',
    ({ bob, ko }) => ({ [`${bob}.c.${ko}`]: 'R o-99', [`${bob}.c.o-99`]: ko }),
    /^clist: v\d+\.c\.ko\d+: imported as o-99 by its own exporter/,
  ],
  [
    'an owner that does not export its object',
    ({ alice }) => ({ 'ko99.owner': alice, 'ko99.refCount': '1,1' }),
    /^object: ko99\.owner: v\d+ does not export it/,
  ],
  [
    'an object without an owner that nobody can reach',
    () => ({ 'ko99.refCount': '0,0' }),
    /^left-over: ko99\.refCount: nobody owns it or can reach it/,
  ],
  [
    'an object that nobody recognizes',
    ({ bob }) => ({
      'ko99.owner': bob,
      'ko99.refCount': '0,0',
      [`${bob}.c.ko99`]: '_ o+99',
      [`${bob}.c.o+99`]: 'ko99',
    }),
    /^left-over: ko99\.refCount: nobody recognizes it, but v\d+ is not being told/,
  ],
  [
    'a node of a device that does not exist',
    () => ({ 'kd99.owner': 'd77' }),
    /^device: kd99\.owner: no such device: d77/,
  ],
  [
    'a live vat without a root',
    ({ bob, ko }) => ({ [`${bob}.c.${ko}`]: undefined, [`${bob}.c.o+0`]: undefined }),
    /^object: v\d+\.c\.o\+0: the root of a live vat is missing/,
  ],
  [
    'a root that its vat was told to drop',
    ({ bob, ko, get }) => ({ [`${bob}.c.${ko}`]: get(`${bob}.c.${ko}`).replace('R', '_') }),
    /^object: v\d+\.c\.ko\d+: the root of a live vat is missing/,
  ],
  [
    'an object whose count is none',
    ({ ko }) => ({ [`${ko}.refCount`]: 'many' }),
    /^malformed-row: ko\d+\.refCount: expected a count/,
  ],
  [
    'an object that more can reach than recognize',
    ({ ko }) => ({ [`${ko}.refCount`]: '3,2' }),
    /^refcount: ko\d+\.refCount: 3,2: more reachable than recognizable/,
  ],
  [
    'a promise whose count is none',
    ({ kp }) => ({ [`${kp}.refCount`]: 'many' }),
    /^malformed-row: kp\d+\.refCount: expected a non-negative integer/,
  ],
  [
    'a failed snapshot at no position',
    ({ alice }) => ({ [`${alice}.snapshotFailed`]: 'soon' }),
    /^malformed-row: v\d+\.snapshotFailed: expected a non-negative integer/,
  ],
  [
    'a name that is not in the list of names',
    ({ bob }) => ({ 'vat.name.carol': bob }),
    /^left-over: vat\.name\.carol: not in vat\.names/,
  ],
  ['a vat of an odd name', () => ({ 'vat.dynamicIDs': '["x1"]' }), /^vat: x1: not a vatID/],
  [
    'a vat above the counter',
    () => ({ 'vat.dynamicIDs': '["v99"]' }),
    /^vat: v99: not below vat\.nextID \d+/,
  ],
  [
    'a vat that is live and terminated',
    ({ bob }) => ({ 'vats.terminated': `["${bob}"]` }),
    /^vat: v\d+: live and terminated/,
  ],
  ['bounds that are none', () => ({ runQueue: '7' }), /^queue: runQueue: bounds are 7, not/],
  [
    'a queue that ends before it begins',
    () => ({ runQueue: '[5,2]' }),
    /^queue: runQueue: head 5 is beyond tail 2/,
  ],
  [
    'what is no event',
    () => ({ runQueue: '[500,501]', 'runQueue.500': '7' }),
    /^queue: runQueue\.500: not an event: 7/,
  ],
  [
    'a notification of an unresolved promise',
    ({ alice, kp }) => ({
      runQueue: '[500,501]',
      'runQueue.500': JSON.stringify({ type: 'notify', vatID: alice, kpid: kp }),
    }),
    /^promise: runQueue\.500: notifies v\d+ of kp\d+, which is unresolved/,
  ],
  [
    'a meter with an odd end',
    () => ({ 'm5.remaining': 'unlimited!', 'm5.threshold': '0' }),
    /^meter: m5\.remaining: unlimited!/,
  ],
  [
    'a meter without a threshold',
    () => ({ 'm5.remaining': '5', 'm5.threshold': 'low' }),
    /^meter: m5\.threshold: low/,
  ],
  ['a meter of nothing', () => ({ 'm5.remaining': '-1', 'm5.threshold': '0' }), /^meter: m5/],
  [
    'a named bundle that is not there',
    () => ({ 'namedBundleID.zoe': 'b1-00' }),
    /^store: namedBundleID\.zoe: the bundleStore lacks b1-00/,
  ],
  [
    'statistics that are wrong',
    ({ get }) => ({
      kernelStats: get('kernelStats').replace(/"runQueueLength":0/, '"runQueueLength":9'),
    }),
    /^stats: kernelStats: runQueueLength is \d+, counted 0/,
  ],
];

/** Rows that a sound store may have, although this one does not. */
const soundRows: readonly [what: string, rows: (found: Found) => Rows][] = [
  [
    'a sleeping vat',
    ({ bob }) => ({
      [`${bob}.service`]:
        '{"type":"sleeping","pausedBy":"host","error":"no","onFailure":"panic","sinceCrank":3}',
    }),
  ],
  [
    'a vat that failed',
    ({ bob }) => ({ [`${bob}.service`]: '{"type":"failed","error":"no","sinceCrank":3}' }),
  ],
  [
    'a vat that is held',
    ({ bob }) => ({ [`${bob}.service`]: '{"type":"held","by":"adminNode","sinceCrank":3}' }),
  ],
  [
    'a paused vat',
    ({ bob }) => ({ [`${bob}.service`]: '{"type":"paused","pausedBy":"host","sinceCrank":0}' }),
  ],
  ['a snapshot that failed', ({ bob }) => ({ [`${bob}.snapshotFailed`]: '12' })],
  ['meters', () => ({ 'm5.remaining': 'unlimited', 'm5.threshold': '10' })],
  [
    "a vat of SwingSet's without a root",
    ({ bob, get }) => ({
      [`${bob}.options`]: get(`${bob}.options`).replace('"limits":', '"was":'),
    }),
  ],
];

describe('checkKernelState', () => {
  it('finds every kind of damage, and nothing else', async () => {
    const life = await startWithReferences();
    const { kvStore } = life.kernelStorage;
    const get = (key: string) => kvStore.get(key) ?? '';
    const { controller } = life;
    const found: Found = {
      alice: controller.vatNameToID('alice'),
      bob: controller.vatNameToID('bob'),
      ko: controller.getRootObject(controller.vatNameToID('bob')),
      kp: 'kp40',
      get,
    };
    const look = () =>
      checkKernelState(life.kernelStorage, { quiescent: true, hostHeld: new Map() }).map(
        ({ kind, key, problem }) => `${kind}: ${key}: ${problem}`,
      );
    expect(look()).to.deep.equal([]);

    const put = (rows: Rows) => {
      for (const [key, value] of Object.entries(rows)) {
        if (value === undefined) kvStore.delete(key);
        else kvStore.set(key, value);
      }
    };
    /** What the check finds while the rows are there. */
    const lookAt = (rows: Rows) => {
      const before = Object.fromEntries(Object.keys(rows).map(key => [key, kvStore.get(key)]));
      put(rows);
      const seen = look();
      put(before);
      return seen;
    };
    for (const [what, makeRows, finding] of damages) {
      const seen = lookAt(makeRows(found));
      expect(
        seen.some(line => finding.test(line)),
        `${what}, among ${JSON.stringify(seen)}`,
      ).to.equal(true);
    }
    expect(look()).to.deep.equal([]);
    for (const [what, makeRows] of soundRows) {
      expect(lookAt(makeRows(found)), what).to.deep.equal([]);
    }
  });

  it('says of a host that keeps no count only what is certain', async () => {
    const life = await startWithReferences();
    const { kvStore } = life.kernelStorage;
    kvStore.set('kp40.refCount', '7');
    expect(checkKernelState(life.kernelStorage)).to.deep.equal([
      {
        severity: 'held',
        kind: 'refcount',
        key: 'kp40.refCount',
        problem: 'is 7, counted 4',
      },
    ]);
    kvStore.set('kp40.refCount', '3');
    expect(
      checkKernelState(life.kernelStorage).map(({ severity, key }) => [severity, key]),
    ).to.deep.equal([['error', 'kp40.refCount']]);
    kvStore.set('kp40.refCount', '4');
  });
});
