/** What waits in the kernel's queues, and the references that it holds meanwhile. */
import { expect } from 'chai';
import type { ObjectKRef, VatID } from '../../lib/types/ids.js';
import { dataWith, makeState, v1, v10, v2 } from './support.js';

describe('queues of events', () => {
  it('hold a reference to what waits in them, and hand it to whoever takes the event out', () => {
    const { state, rowsOf, stats } = makeState();
    const { runQueue } = state;
    expect(runQueue.shift()).to.equal(undefined);
    const ko = state.objects.create(v1);
    const kp = state.promises.create(undefined);
    const send = {
      type: 'send',
      target: ko,
      msg: { methargs: dataWith(ko), result: kp },
    } as const;
    const reap = { type: 'bringOutYourDead', vatID: v1 } as const;
    runQueue.push(send);
    runQueue.append(reap);
    expect(state.objects.getRefCount(ko).reachable).to.equal(2);
    expect(state.promises.getRefCount(kp)).to.equal(1);
    expect(Object.keys(rowsOf('runQueue.'))).to.deep.equal(['1', '2']);
    expect(runQueue.all()).to.deep.equal([send, reap]);
    expect(runQueue.length).to.equal(2);
    expect(runQueue.shift()).to.deep.equal(send);
    expect(state.objects.getRefCount(ko).reachable, 'the caller holds it').to.equal(2);
    expect(Object.keys(rowsOf('runQueue.'))).to.deep.equal(['2']);
    expect(runQueue.shift()).to.deep.equal(reap);
    expect([runQueue.shift(), runQueue.length]).to.deep.equal([undefined, 0]);
    expect(stats('runQueueLength', 'runQueueLengthUp', 'runQueueLengthMax')).to.deep.equal([
      0, 2, 2,
    ]);
    expect(stats('acceptanceQueueLengthUp')).to.deep.equal([0]);
  });

  it('hold what the parameters and reasons of their events mention', () => {
    const { state } = makeState();
    const [first, second] = [state.objects.create(v1), state.objects.create(v1)];
    const counts = () => [first, second].map(kref => state.objects.getRefCount(kref).reachable);
    state.runQueue.push({ type: 'startVat', vatID: v2, vatParameters: dataWith(first) });
    expect(counts()).to.deep.equal([1, 0]);
    state.runQueue.push({
      type: 'upgrade-vat',
      vatID: v2,
      upgradeID: 'up1',
      bundleID: 'b1-00' as never,
      vatParameters: dataWith(first),
      upgradeMessage: 'x',
      pausedTarget: second,
    });
    expect(counts()).to.deep.equal([2, 1]);
    state.runQueue.push({ type: 'terminate-vat', vatID: v2, reason: dataWith(second) });
    expect(counts()).to.deep.equal([2, 2]);
    state.runQueue.push({ type: 'resume-vat', vatID: v2 });
    state.runQueue.push({ type: 'changeVatOptions', vatID: v2, options: {} });
    expect(counts()).to.deep.equal([2, 2]);
  });
});

describe('the queues of garbage collection', () => {
  const action = (vatID: VatID, type: 'dropExport' | 'retireExport' = 'dropExport') => ({
    vatID,
    type,
    kref: 'ko20' as ObjectKRef,
  });

  it('are sets sorted by text, their vats by number', () => {
    const { state, kvStore } = makeState();
    const { gc } = state;
    gc.addActions([action(v2), action(v10), action(v2), action(v2, 'retireExport')]);
    expect(JSON.parse(kvStore.get('gcActions')!)).to.deep.equal([
      'v10 dropExport ko20',
      'v2 dropExport ko20',
      'v2 retireExport ko20',
    ]);
    expect(gc.vatIDs()).to.deep.equal([v2, v10]);
    expect(gc.actions()).to.deep.equal([action(v10), action(v2), action(v2, 'retireExport')]);
    gc.removeActions([action(v2)]);
    expect(gc.actionTexts([])).to.deep.equal(['v10 dropExport ko20', 'v2 retireExport ko20']);
    gc.forgetActions(v10);
    expect(gc.actions()).to.deep.equal([action(v2, 'retireExport')]);
  });

  it('keep what is owed to a vat out of service in a row of the vat', () => {
    const { state, kvStore } = makeState();
    const { gc } = state;
    gc.addActions([action(v1), action(v10)]);
    gc.putAside(v1);
    expect(kvStore.get('gcActions')).to.equal('["v10 dropExport ko20"]');
    expect(kvStore.get('v1.gcActions')).to.equal('["v1 dropExport ko20"]');
    expect(gc.actionTexts([v1, v2])).to.deep.equal(['v1 dropExport ko20', 'v10 dropExport ko20']);
    gc.putAside(v2);
    expect(kvStore.has('v2.gcActions')).to.equal(false);
    gc.takeBack(v1);
    expect(kvStore.has('v1.gcActions')).to.equal(false);
    expect(gc.actions()).to.deep.equal([action(v1), action(v10)]);
    gc.putAside(v1);
    gc.forgetActions(v1);
    expect(kvStore.has('v1.gcActions')).to.equal(false);
    expect(gc.actions()).to.deep.equal([action(v10)]);
  });

  it('schedule a reap once', () => {
    const { state } = makeState();
    for (const vatID of [v2, v1, v2]) state.gc.scheduleReap(vatID);
    expect(state.gc.reapQueue()).to.deep.equal([v2, v1]);
    state.gc.unscheduleReap(v2);
    state.gc.unscheduleReap(v2);
    expect(state.gc.reapQueue()).to.deep.equal([v1]);
  });
});
