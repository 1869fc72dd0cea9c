/** Vats, devices, meters, statistics and what a host holds, and how changes to all tables are undone. */
import { expect } from 'chai';
import { BadOptionError, KernelStateError } from '../../lib/errors.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import type { KRef, MeterID, VatID } from '../../lib/types/ids.js';
import { dataWith, makeState, source, v1, v10, v2, vatOptions } from './support.js';

describe('meters', () => {
  it('stop at zero, and tell once that they fall below the threshold', () => {
    const { state, rowsOf } = makeState();
    const { meters } = state;
    const meter = meters.create(10n, 5n);
    expect(meter).to.equal('m1');
    expect(rowsOf('m1.')).to.deep.equal({ remaining: '10', threshold: '5' });
    const deduct = (used: bigint) => meters.deduct(meter, used);
    const none = { underflow: false, crossedThreshold: false };
    expect(deduct(5n), 'at the threshold').to.deep.equal(none);
    expect(deduct(1n), 'below').to.deep.equal({ underflow: false, crossedThreshold: true });
    expect(deduct(1n), 'still below').to.deep.equal(none);
    expect(deduct(3n), 'to zero').to.deep.equal(none);
    expect(deduct(1n)).to.deep.equal({ underflow: true, crossedThreshold: false });
    expect(meters.get(meter)).to.deep.equal({ remaining: 0n, threshold: 5n });
    meters.addRemaining(meter, 7n);
    meters.setThreshold(meter, 7n);
    expect(deduct(8n)).to.deep.equal({ underflow: true, crossedThreshold: true });
  });

  it('are unlimited, or set all at once', () => {
    const { state } = makeState();
    const { meters } = state;
    const [limited, unlimited] = [meters.create(1n, 0n), meters.create('unlimited', 5n)];
    expect(meters.deduct(unlimited, 1000n)).to.deep.equal({
      underflow: false,
      crossedThreshold: false,
    });
    meters.addRemaining(unlimited, 5n);
    meters.resetAll(99n);
    expect(meters.get(limited).remaining).to.equal(99n);
    expect(meters.get(unlimited)).to.deep.equal({ remaining: 'unlimited', threshold: 5n });
    const unknown = 'm9' as MeterID;
    expect(() => meters.setThreshold(unknown, 1n)).to.throw(BadOptionError, 'a known meter');
  });
});

describe('the table of vats', () => {
  it('lists static vats, then dynamic ones, each by number, and none that is terminated', () => {
    const { state, kvStore, stats } = makeState();
    const { vats } = state;
    expect([vats.allocateID(), vats.allocateID()]).to.deep.equal(['v1', 'v2']);
    expect([vats.takeUpgradeID(), vats.takeUpgradeID()]).to.deep.equal(['up1', 'up2']);
    vats.addStatic('ten', v10);
    vats.addStatic('two', v2);
    vats.addStatic('two', v2);
    const [v3, v11] = ['v3', 'v11'] as [VatID, VatID];
    for (const vatID of [v11, v3, v1]) vats.addDynamic(vatID);
    for (const vatID of [v2, v11, v3, v1]) vats.createRecord(vatID, source, vatOptions);
    expect(vats.staticNames()).to.deep.equal(['ten', 'two']);
    expect(vats.allIDs(), 'v10 has no record yet').to.deep.equal([v2, v1, v3, v11]);
    expect(kvStore.get('v1.reapDirt')).to.equal('{}');
    vats.createRecord(v10, source, vatOptions);
    expect(vats.allIDs()).to.deep.equal([v2, v10, v1, v3, v11]);
    vats.markTerminated(v2);
    vats.markTerminated(v3);
    expect(() => vats.markTerminated(v3)).to.throw(KernelStateError, 'v3 is already terminated');
    expect(vats.allIDs()).to.deep.equal([v10, v1, v11]);
    expect([vats.staticNames(), vats.dynamicIDs()]).to.deep.equal([['ten'], [v11, v1]]);
    expect(vats.findByName('two')).to.equal(undefined);
    expect(() => vats.getByName('two')).to.throw(BadOptionError, "must exist, but doesn't");
    expect([v3, v1, 'v99' as VatID].map(vatID => vats.isLive(vatID))).to.deep.equal([
      false,
      true,
      false,
    ]);
    vats.forgetTerminated(v3);
    expect(vats.terminatedIDs()).to.deep.equal([v2]);
    expect(stats('vats', 'vatsUp')).to.deep.equal([3, 5]);
  });

  it('holds what the parameters of a vat mention, until it has others or is gone', () => {
    const { state } = makeState();
    const [first, second] = [state.objects.create(v2), state.objects.create(v2)];
    const counts = () => [first, second].map(kref => state.objects.getRefCount(kref).recognizable);
    state.vats.addDynamic(v1);
    state.vats.createRecord(v1, source, vatOptions, dataWith(first));
    expect(counts()).to.deep.equal([1, 0]);
    expect(state.parameterSlots(v1)).to.deep.equal([first]);
    state.vats.setParameters(v1, dataWith(first, second));
    expect(counts()).to.deep.equal([1, 1]);
    state.vats.markTerminated(v1);
    expect(counts()).to.deep.equal([0, 0]);
    expect(state.vats.getParameters(v1)).to.equal(undefined);
    expect(state.parameterSlots(v1)).to.deep.equal([]);
  });
});

describe('the records of a vat', () => {
  it('say how much it did, and which snapshot failed until one is written', () => {
    const { state, kvStore } = makeState();
    expect(state.vats.getReapDirt(v1)).to.deep.equal({});
    state.vats.setReapDirt(v1, { deliveries: 3 });
    expect(state.vats.getReapDirt(v1)).to.deep.equal({ deliveries: 3 });
    expect(state.vats.getSnapshotFailure(v1)).to.equal(undefined);
    state.vats.setSnapshotFailure(v1, 0);
    expect(kvStore.get('v1.snapshotFailed')).to.equal('0');
    state.vats.setSnapshotFailure(v1, undefined);
    expect(kvStore.has('v1.snapshotFailed')).to.equal(false);
  });
});

describe('devices', () => {
  it('are found by name', () => {
    const { state, rowsOf } = makeState();
    expect(state.devices.create('clock', source, { unendowed: true })).to.equal('d7');
    expect(state.devices.create('bare', undefined, {})).to.equal('d8');
    expect(rowsOf('d8.')).to.deep.equal({
      options: '{}',
      'o.nextID': '10',
      'd.nextID': '20',
      'p.nextID': '30',
    });
    expect(state.devices.names()).to.deep.equal(['clock', 'bare']);
    expect(state.devices.getByName('clock')).to.equal('d7');
    expect(() => state.devices.getByName('x')).to.throw(BadOptionError, 'the name of a device');
  });
});

describe('what a host holds', () => {
  it('is pinned once', () => {
    const { state, kvStore } = makeState();
    const [first, second] = [state.objects.create(v1), state.objects.create(v1)];
    for (const kref of [second, first, second]) state.pinObject(kref);
    expect(kvStore.get('pinnedObjects')).to.equal('ko20,ko21');
    expect(state.objects.getRefCount(second).reachable).to.equal(1);
  });

  it('is let go of once for each interest in a promise', () => {
    const { state, kvStore } = makeState();
    const kp = state.promises.create(undefined);
    state.holdForHost(kp);
    state.registerInterest(kp);
    expect([state.promises.getRefCount(kp), state.countInterest(kp)]).to.deep.equal([2, 2]);
    expect(kvStore.get('kp40.hostInterest')).to.equal('2');
    expect([1, 2, 3].map(() => state.releaseInterest(kp))).to.deep.equal([true, true, false]);
    expect(state.promises.getRefCount(kp)).to.equal(0);
    expect(kvStore.has('kp40.hostInterest')).to.equal(false);
  });

  it('is kept for good when it is an object', () => {
    const { state } = makeState();
    const ko = state.objects.create(v1);
    state.holdForHost(ko);
    expect(state.objects.getRefCount(ko)).to.deep.equal({ reachable: 1, recognizable: 1 });
  });

  it('is what nothing else accounts for, where SwingSet kept no record of it', () => {
    const { state } = makeState();
    const [kp, other] = [state.promises.create(undefined), state.promises.create(undefined)];
    state.vats.addDynamic(v1);
    state.vats.createRecord(v1, source, vatOptions, dataWith(kp));
    state.clist(v1).importKRef(kp);
    state.runQueue.push({ type: 'notify', vatID: v1, kpid: kp });
    // A message that waits for a promise holds that promise, its result and what it mentions.
    state.promises.enqueue(other, { methargs: dataWith(kp), result: kp });
    for (const kref of [other, kp, kp]) state.refs.increment(kref);
    expect([state.countInterest(kp), state.countInterest(other)]).to.deep.equal([0, 0]);
    state.refs.increment(kp);
    expect(state.countInterest(kp)).to.equal(1);
    expect([1, 2].map(() => state.releaseInterest(kp))).to.deep.equal([true, false]);
    expect(state.promises.getRefCount(kp)).to.equal(5);
  });
});

describe('changes to all tables', () => {
  it('are gone when a crank is undone, which then goes on from what it found', () => {
    const { state, kvStore, kernelStorage } = makeState();
    const ko = state.objects.create(v1);
    state.refs.increment(ko);
    state.refs.decrement(ko);
    state.saveBetweenCranks();
    expect(kvStore.get('platformEpoch.maybeFree')).to.equal('["ko20"]');
    const restarted = new KernelState(kernelStorage);
    restarted.beginCrank();
    expect(restarted.refs.takeMaybeFree()).to.deep.equal([ko]);
    restarted.objects.create(v1);
    restarted.abortCrank();
    expect(restarted.inCrank).to.equal(true);
    expect(restarted.refs.takeMaybeFree()).to.deep.equal([ko]);
    expect(restarted.stats.all()).to.include({ kernelObjects: 1, kernelObjectsUp: 1 });
    expect(restarted.objects.create(v1)).to.equal('ko21');
    restarted.endCrank();
    expect([restarted.inCrank, restarted.crankNumber]).to.deep.equal([false, 1]);
    expect(kvStore.has('platformEpoch.maybeFree')).to.equal(false);
    expect(JSON.parse(kvStore.get('local.kernelStats')!)).to.include({ kernelObjects: 2 });
  });

  it('all go through or none, between cranks', () => {
    const { state, kvStore } = makeState();
    const ko = state.atomically(() => {
      const kref = state.objects.create(v1);
      state.refs.increment(kref);
      state.refs.decrement(kref);
      return kref;
    });
    expect(kvStore.get('platformEpoch.maybeFree')).to.equal('["ko20"]');
    const fail = () => {
      state.refs.increment(ko);
      state.promises.create(v1);
      state.refs.addMaybeFree('kp99' as KRef);
      throw Error('no');
    };
    expect(() => state.atomically(fail)).to.throw('no');
    expect(state.inCrank).to.equal(false);
    expect(state.objects.getRefCount(ko).reachable).to.equal(0);
    expect(state.stats.all()['kernelPromises']).to.equal(0);
    expect(state.refs.peekMaybeFree()).to.deep.equal([ko]);
    expect(kvStore.has('kp40.state')).to.equal(false);
  });

  it('begin with an empty store', () => {
    const { state } = makeState();
    expect(() => state.initialize()).to.throw(BadOptionError, 'an initialized swingstore');
  });

  it('delete the rows of a vat bit by bit', () => {
    const { state, rowsOf } = makeState();
    for (const vatID of [v1, v10]) state.vats.createRecord(vatID, source, vatOptions);
    expect(state.deleteVatRows(v1, 2)).to.equal(2);
    expect(Object.keys(rowsOf('v1.'))).to.have.length(4);
    expect([5, 5].map(budget => state.deleteVatRows(v1, budget))).to.deep.equal([4, 0]);
    expect(Object.keys(rowsOf('v10.'))).to.have.length(6);
  });
});

describe('the vatstore of a vat', () => {
  it('has its own keys and no others', () => {
    const { state, kvStore } = makeState();
    const store = state.vatstore(v1);
    for (const key of ['a', 'b.1', 'b.2']) store.set(key, key);
    state.vatstore(v10).set('z', 'z');
    kvStore.set('v1.vt', 'not a row of the vat');
    expect([...store.keys()]).to.deep.equal(['a', 'b.1', 'b.2']);
    expect([...store.keys('b.')]).to.deep.equal(['b.1', 'b.2']);
    expect(['', 'a', 'b.2'].map(key => store.getNextKey(key))).to.deep.equal([
      'a',
      'b.1',
      undefined,
    ]);
    store.delete('a');
    expect([store.get('a'), store.get('b.1')]).to.deep.equal([undefined, 'b.1']);
  });
});

describe('statistics', () => {
  it('are written when they changed: queue lengths for all replicas, the rest for this machine', () => {
    const { state, kvStore } = makeState();
    state.stats.save();
    expect(kvStore.has('kernelStats')).to.equal(false);
    state.stats.count('syscalls');
    state.stats.up('runQueueLength', 2);
    state.stats.down('runQueueLength');
    state.stats.correct('vats', 3);
    state.stats.save();
    const consensus = JSON.parse(kvStore.get('kernelStats')!) as Record<string, number>;
    expect(Object.keys(consensus)).to.have.length(12);
    expect(consensus).to.include({
      runQueueLength: 1,
      runQueueLengthUp: 2,
      runQueueLengthDown: 1,
      runQueueLengthMax: 2,
      promiseQueuesLength: 0,
    });
    const local = JSON.parse(kvStore.get('local.kernelStats')!) as Record<string, number>;
    expect(local).to.include({ syscalls: 1, vats: 3, vatsUp: 0, vatsMax: 3, kernelObjectsMax: 0 });
    expect(local).not.to.have.property('runQueueLength');
    state.stats.correct('vats', 1);
    expect(state.stats.all(), 'the maximum stays').to.include({ vats: 1, vatsMax: 3 });
  });
});
