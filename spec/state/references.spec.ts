/**
 * Objects, promises, c-lists and the references among them: which rows a change writes, what it
 * counts, and what it refuses. Mutation tests showed that specs of whole kernels let much of it pass.
 */
import { expect } from 'chai';
import { KernelStateError } from '../../lib/errors.js';
import type { KRef, VRef } from '../../lib/types/ids.js';
import { d7, dataWith, makeState, source, v1, v10, v2, vatOptions } from './support.js';

const vref = (text: string) => text as VRef;

describe('the table of objects', () => {
  it('makes, orphans and deletes objects', () => {
    const { state, rowsOf, stats } = makeState();
    const ko = state.objects.create(v1);
    expect([ko, state.objects.create(v2)]).to.deep.equal(['ko20', 'ko21']);
    expect(rowsOf('ko20.')).to.deep.equal({ owner: 'v1', refCount: '0,0' });
    expect(() => state.objects.orphan(ko, v2)).to.throw(
      KernelStateError,
      'ko20 is not owned by v2',
    );
    state.objects.orphan(ko, v1);
    expect(rowsOf('ko20.')).to.deep.equal({ refCount: '0,0' });
    expect(state.objects.getOwner(ko)).to.equal(undefined);
    expect([...state.objects.all()]).to.deep.equal(['ko20', 'ko21']);
    state.objects.delete(ko);
    expect(rowsOf('ko20.')).to.deep.equal({});
    expect(state.exists(ko)).to.equal(false);
    expect(
      stats('kernelObjects', 'kernelObjectsUp', 'kernelObjectsDown', 'kernelObjectsMax'),
    ).to.deep.equal([1, 2, 1, 2]);
  });

  it('refuses impossible counts', () => {
    const { state } = makeState();
    const ko = state.objects.create(v1);
    const set = (reachable: number, recognizable: number) => () =>
      state.objects.setRefCount(ko, { reachable, recognizable });
    expect(set(-1, 0)).to.throw(KernelStateError, 'refCount of ko20 would be -1,0');
    expect(set(2, 1)).to.throw(KernelStateError, 'would be 2,1');
    expect(set(NaN, 1)).to.throw(KernelStateError, 'would be NaN,1');
    set(0, 1)();
    expect(state.objects.getRefCount(ko)).to.deep.equal({ reachable: 0, recognizable: 1 });
  });

  it('knows the nodes of devices', () => {
    const { state, stats } = makeState();
    const kd = state.objects.createDeviceNode(d7);
    expect(state.objects.getDeviceOwner(kd)).to.equal(d7);
    expect([...state.objects.allDeviceNodes()]).to.deep.equal(['kd30']);
    expect([kd, 'kd31' as KRef].map(kref => state.exists(kref))).to.deep.equal([true, false]);
    expect(stats('kernelDevices')).to.deep.equal([1]);
  });
});

describe('reference counts', () => {
  it('go up and down, and name once, sorted, what may be free', () => {
    const { state } = makeState();
    const { refs, objects } = state;
    const [ko, other] = [objects.create(v1), objects.create(v1)];
    const counts = () => Object.values(objects.getRefCount(ko));
    refs.increment(ko);
    refs.increment(ko);
    expect(counts()).to.deep.equal([2, 2]);
    refs.decrementReachable(ko);
    refs.decrement(ko);
    expect(refs.peekMaybeFree()).to.deep.equal([ko]);
    expect(counts()).to.deep.equal([0, 1]);
    refs.incrementReachable(ko);
    expect(counts()).to.deep.equal([1, 1]);
    refs.increment(other);
    refs.decrement(other);
    refs.decrement(ko);
    expect(refs.takeMaybeFree()).to.deep.equal([ko, other]);
    expect(refs.takeMaybeFree()).to.deep.equal([]);
    expect(() => refs.decrement(ko)).to.throw(KernelStateError, 'would be -1,-1');
  });

  it('leave an object alone while something reaches it', () => {
    const { state } = makeState();
    const { refs, objects } = state;
    const ko = objects.create(v1);
    objects.setRefCount(ko, { reachable: 2, recognizable: 2 });
    refs.decrement(ko);
    expect(refs.takeMaybeFree()).to.deep.equal([]);
    refs.decrementReachable(ko);
    expect(refs.takeMaybeFree(), 'only recognizable').to.deep.equal([ko]);
    refs.decrementRecognizable(ko);
    expect(refs.takeMaybeFree(), 'free').to.deep.equal([ko]);
  });

  it('ignore an object that its exporter has retired, and refuse a new reference to it', () => {
    const { state } = makeState();
    const ko = state.objects.create(v1);
    state.objects.delete(ko);
    state.refs.decrement(ko);
    state.refs.decrementRecognizable(ko);
    expect(state.refs.peekMaybeFree()).to.deep.equal([]);
    expect(() => state.refs.increment(ko)).to.throw(
      KernelStateError,
      'new reference to ko20, which does not exist',
    );
    expect(() => state.refs.incrementReachable(ko)).to.throw(KernelStateError, 'new reference');
  });

  it('name a promise that nobody holds, or that may be in a ring', () => {
    const { state } = makeState();
    const { refs, promises } = state;
    const lone = promises.create(undefined);
    const plain = promises.create(undefined);
    const ring = promises.create(undefined);
    promises.resolve(plain, false, dataWith());
    promises.resolve(ring, false, dataWith(lone));
    for (const kpid of [lone, plain, ring]) promises.setRefCount(kpid, 2);
    refs.increment(ring);
    expect(refs.peekMaybeFree()).to.deep.equal([]);
    for (const kpid of [lone, plain, ring]) refs.decrement(kpid);
    expect(refs.takeMaybeFree(), 'may be a ring').to.deep.equal([ring]);
    refs.decrement(lone);
    expect(refs.takeMaybeFree()).to.deep.equal([lone]);
    expect(() => refs.decrement(lone)).to.throw(KernelStateError, 'refCount of kp40 would be -1');
    // Device nodes are not counted.
    refs.decrement(state.objects.createDeviceNode(d7));
    expect(refs.takeMaybeFree()).to.deep.equal([]);
  });
});

describe('the table of promises', () => {
  it('keeps decider, policy, subscribers and messages until the promise is resolved', () => {
    const { state, rowsOf, stats } = makeState();
    const { promises } = state;
    const kpid = promises.create(v1, 'panic');
    expect(rowsOf('kp40.')).to.deep.equal({
      decider: 'v1',
      policy: 'panic',
      'queue.nextID': '0',
      refCount: '0',
      state: 'unresolved',
      subscribers: '',
    });
    for (const vatID of [v2, v10, v2, v1]) promises.addSubscriber(kpid, vatID);
    promises.removeSubscriber(kpid, v1);
    promises.removeSubscriber(kpid, v1);
    const messages = [{ methargs: dataWith() }, { methargs: dataWith(kpid), result: kpid }];
    for (const message of messages) promises.enqueue(kpid, message);
    promises.setDecider(kpid, undefined);
    expect(promises.get(kpid)).to.deep.equal({
      state: 'unresolved',
      refCount: 0,
      decider: undefined,
      // As SwingSet sorts them.
      subscribers: [v10, v2],
      policy: 'panic',
      queueLength: 2,
    });
    expect(promises.getQueue(kpid)).to.deep.equal(messages);
    expect(stats('promiseQueuesLength', 'kpUnresolved', 'kernelPromises')).to.deep.equal([2, 1, 1]);

    promises.setHostInterest(kpid, 1);
    promises.resolve(kpid, true, dataWith(kpid));
    expect(rowsOf('kp40.')).to.deep.equal({
      'data.body': '#"x"',
      'data.slots': 'kp40',
      hostInterest: '1',
      refCount: '0',
      state: 'rejected',
    });
    expect(promises.get(kpid)).to.deep.equal({
      state: 'rejected',
      refCount: 0,
      data: dataWith(kpid),
    });
    expect(promises.holdsPromises(kpid)).to.equal(true);
    expect(stats('promiseQueuesLength', 'kpUnresolved', 'kpRejected')).to.deep.equal([0, 0, 1]);
    for (const change of [
      () => promises.setDecider(kpid, v1),
      () => promises.addSubscriber(kpid, v1),
      () => promises.removeSubscriber(kpid, v1),
      () => promises.enqueue(kpid, messages[0]!),
    ]) {
      expect(change).to.throw(KernelStateError, 'kp40 is rejected');
    }
    promises.delete(kpid);
    expect(rowsOf('kp40.')).to.deep.equal({});
    expect(stats('kpRejected', 'kernelPromises')).to.deep.equal([0, 0]);
  });

  it('deletes promises in each state, and counts them', () => {
    const { state, rowsOf, stats } = makeState();
    const { promises } = state;
    const unresolved = promises.create(undefined);
    promises.enqueue(unresolved, { methargs: dataWith() });
    const fulfilled = promises.create(undefined);
    promises.resolve(fulfilled, false, dataWith('ko20' as KRef));
    expect([unresolved, fulfilled].map(kpid => promises.holdsPromises(kpid))).to.deep.equal([
      false,
      false,
    ]);
    expect(stats('kpUnresolved', 'kpFulfilled', 'kpRejected')).to.deep.equal([1, 1, 0]);
    expect([...promises.all()]).to.deep.equal(['kp40', 'kp41']);
    promises.delete(unresolved);
    promises.delete(fulfilled);
    expect(rowsOf('kp')).to.deep.equal({ '.nextID': '42' });
    expect(
      stats('kpUnresolved', 'kpFulfilled', 'kernelPromises', 'promiseQueuesLength'),
    ).to.deep.equal([0, 0, 0, 0]);
  });
});

describe('c-lists', () => {
  const setUp = () => {
    const made = makeState();
    const changes: (readonly string[])[] = [];
    for (const vatID of [v1, v2]) made.state.vats.createRecord(vatID, source, vatOptions);
    expect(made.state.devices.create('dev', undefined, {})).to.equal(d7);
    made.state.watchClists((...change) => changes.push(change));
    const ko = made.state.objects.create(v1);
    const counts = () => Object.values(made.state.objects.getRefCount(ko));
    return { ...made, changes, ko, counts };
  };

  it('import, drop, reach again and retire an object', () => {
    const { state, ko, counts, rowsOf, changes, stats } = setUp();
    const clist = state.clist(v2);
    expect([clist.importKRef(ko), clist.importKRef(ko)]).to.deep.equal(['o-50', 'o-50']);
    expect(rowsOf('v2.c.')).to.deep.equal({ ko20: 'R o-50', 'o-50': 'ko20' });
    expect(counts()).to.deep.equal([1, 1]);
    clist.clearReachable(ko);
    clist.clearReachable(ko);
    expect(clist.getEntry(ko)).to.deep.equal({ vref: 'o-50', reachable: false, isExport: false });
    expect(counts()).to.deep.equal([0, 1]);
    clist.importKRef(ko);
    expect(counts(), 'reachable again').to.deep.equal([1, 1]);
    clist.clearReachable(ko);
    clist.delete(ko);
    expect(counts()).to.deep.equal([0, 0]);
    expect(clist.importKRef(ko), 'no vref twice').to.equal('o-51');
    clist.delete(ko);
    expect(counts(), 'deleted while reachable').to.deep.equal([0, 0]);
    expect(rowsOf('v2.c.')).to.deep.equal({});
    expect(changes).to.deep.equal([
      ['import', v2, ko, 'o-50'],
      ['drop', v2, ko, 'o-50'],
      ['import', v2, ko, 'o-51'],
      ['drop', v2, ko, 'o-51'],
    ]);
    expect(stats('clistEntries', 'clistEntriesUp')).to.deep.equal([0, 2]);
    expect(() => clist.delete(ko)).to.throw(KernelStateError, 'ko20 is not in the c-list of v2');
  });

  it('count no exports, and name one that the kernel lets go of', () => {
    const { state, ko, counts, changes } = setUp();
    const clist = state.clist(v1);
    clist.add(ko, vref('o+3'));
    clist.reexport(ko);
    expect(counts()).to.deep.equal([0, 0]);
    expect(state.refs.peekMaybeFree()).to.deep.equal([]);
    clist.clearReachable(ko);
    expect(state.refs.takeMaybeFree()).to.deep.equal([ko]);
    expect(clist.getEntry(ko)).to.deep.equal({ vref: 'o+3', reachable: false, isExport: true });
    clist.reexport(ko);
    expect(clist.getEntry(ko)?.reachable).to.equal(true);
    expect(state.refs.takeMaybeFree()).to.deep.equal([]);
    clist.delete(ko);
    expect(counts()).to.deep.equal([0, 0]);
    expect(changes).to.deep.equal([
      ['export', v1, ko, 'o+3'],
      ['drop', v1, ko, 'o+3'],
    ]);
  });

  it('count a promise once, whoever allocated its vref, and no device node', () => {
    const { state } = setUp();
    const clist = state.clist(v2);
    const kp = state.promises.create(undefined);
    const kd = state.objects.createDeviceNode(d7);
    expect([clist.importKRef(kp), clist.importKRef(kd)]).to.deep.equal(['p-60', 'd-70']);
    state.clist(v1).add(kp, vref('p+5'));
    expect(state.promises.getRefCount(kp)).to.equal(2);
    expect(() => clist.clearReachable(kp)).to.throw(KernelStateError, 'kp40 has no reachable flag');
    state.clist(v1).delete(kp);
    clist.delete(kd);
    expect(state.promises.getRefCount(kp)).to.equal(1);
    expect([...clist.entries()].map(([kref]) => kref)).to.deep.equal([kp]);
  });

  it('give devices numbers and rows of their own, and gauge those of vats only', () => {
    const { state, ko, rowsOf, stats } = setUp();
    const clist = state.clist(d7);
    const kp = state.promises.create(undefined);
    const kd = state.objects.createDeviceNode(d7);
    clist.add(kd, vref('d+0'));
    expect([clist.importKRef(ko), clist.importKRef(kp)]).to.deep.equal(['o-10', 'p-30']);
    expect(rowsOf('d7.c.ko')).to.deep.equal({ 20: 'o-10' });
    expect(clist.getEntry(ko)).to.deep.equal({ vref: 'o-10', reachable: true, isExport: false });
    expect([...clist.entriesByVRef('o-')]).to.deep.equal([['o-10', ko]]);
    expect([...clist.entriesByVRef('d+')]).to.deep.equal([['d+0', kd]]);
    clist.delete(ko);
    expect(stats('clistEntries', 'clistEntriesUp', 'clistEntriesDown')).to.deep.equal([0, 0, 0]);
  });
});
