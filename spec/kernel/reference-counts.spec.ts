/**
 * What the end of a crank makes of reference counts, and what is delivered of it: on tables alone.
 * `gc.spec.ts` shows the same with vats.
 */
import { expect } from 'chai';
import { nextGCEvent, processRefCounts, retireObjects } from '../../lib/kernel/gc/gc.js';
import type { KernelState } from '../../lib/state/kernel-state.js';
import type { KRef, ObjectKRef, PromiseKRef, VatID, VRef } from '../../lib/types/ids.js';
import { dataWith, makeState, source, v1, v10, v2, vatOptions } from '../state/support.js';

const addVats = (state: KernelState, ...vatIDs: VatID[]) => {
  for (const vatID of vatIDs) {
    state.vats.addDynamic(vatID);
    state.vats.createRecord(vatID, source, vatOptions);
  }
};

const start = () => {
  const { state } = makeState();
  addVats(state, v1, v2, v10);
  let exported = 0;
  /** An object of `owner`, imported by others. */
  const makeObject = (owner: VatID, ...importers: VatID[]): ObjectKRef => {
    const kref = state.objects.create(owner);
    exported += 1;
    state.clist(owner).add(kref, `o+${exported}` as VRef);
    for (const vatID of importers) state.clist(vatID).importKRef(kref);
    return kref;
  };
  const owed = () => state.gc.actionTexts(state.vats.allIDs());
  return { state, makeObject, owed };
};

describe('what reference counts come to at the end of a crank', () => {
  it('is a drop when an object is only recognized, and a retirement too when it is not', () => {
    const { state, makeObject, owed } = start();
    const [held, recognized, free] = [1, 2, 3].map(() => makeObject(v1, v2)) as [
      ObjectKRef,
      ObjectKRef,
      ObjectKRef,
    ];
    state.refs.addMaybeFree(held);
    state.clist(v2).clearReachable(recognized);
    state.clist(v2).delete(free);
    processRefCounts(state);
    expect(owed()).to.deep.equal([
      `v1 dropExport ${recognized}`,
      `v1 dropExport ${free}`,
      `v1 retireExport ${free}`,
    ]);
    expect(state.refs.peekMaybeFree()).to.deep.equal([]);
    // The vat was told once: it has dropped the object already.
    state.gc.removeActions(state.gc.actions());
    state.clist(v1).clearReachable(recognized);
    state.clist(v2).delete(recognized);
    processRefCounts(state);
    expect(owed()).to.deep.equal([`v1 retireExport ${recognized}`]);
  });

  it('is nothing for the root of a vat, and for what a terminated vat still owns', () => {
    const { state, makeObject, owed } = start();
    const root = state.objects.create(v1);
    state.clist(v1).add(root, 'o+0' as VRef);
    const left = makeObject(v2);
    state.vats.markTerminated(v2);
    for (const kref of [root, left]) state.refs.addMaybeFree(kref);
    processRefCounts(state);
    expect(owed()).to.deep.equal([]);
    expect([root, left].map(kref => state.exists(kref))).to.deep.equal([true, true]);
  });

  it('retires an orphan that nobody reaches, and tells those who recognize it', () => {
    const { state, makeObject, owed } = start();
    const kref = makeObject(v1, v2, v10);
    state.clist(v1).delete(kref);
    state.objects.orphan(kref, v1);
    state.clist(v2).clearReachable(kref);
    processRefCounts(state);
    expect(state.exists(kref), 'v10 reaches it').to.equal(true);
    state.clist(v10).delete(kref);
    processRefCounts(state);
    expect(state.exists(kref)).to.equal(false);
    expect(owed()).to.deep.equal([`v2 retireImport ${kref}`]);
  });

  it('tells importers and no exporter that an object is retired', () => {
    const { state, makeObject, owed } = start();
    const kref = makeObject(v1, v2);
    const unknown = makeObject(v1);
    retireObjects(state, [kref, unknown, 'ko99' as ObjectKRef]);
    expect(owed()).to.deep.equal([`v2 retireImport ${kref}`]);
    expect([kref, unknown].map(each => state.exists(each))).to.deep.equal([false, false]);
    expect(state.stats.all()['kernelObjects'], 'none is counted that was gone').to.equal(0);
  });

  it('frees what a free promise held, and so on', () => {
    const { state, makeObject, owed } = start();
    const { promises, refs } = state;
    const kref = makeObject(v1);
    const [outer, inner, waiting, kept] = [1, 2, 3, 4].map(() => promises.create(undefined)) as [
      PromiseKRef,
      PromiseKRef,
      PromiseKRef,
      PromiseKRef,
    ];
    // `outer` holds `inner`, to which a message waits that mentions the object and `waiting`.
    promises.enqueue(inner, { methargs: dataWith(kref), result: waiting });
    promises.resolve(outer, false, dataWith(inner));
    for (const each of [kref, waiting, inner, outer, kept]) refs.increment(each);
    refs.addMaybeFree(kept);
    refs.decrement(outer);
    processRefCounts(state);
    expect([outer, inner, waiting, kept].map(kpid => promises.exists(kpid))).to.deep.equal([
      false,
      false,
      false,
      true,
    ]);
    expect(owed()).to.deep.equal([`v1 dropExport ${kref}`, `v1 retireExport ${kref}`]);
  });
});

describe('cycles of resolved promises', () => {
  /** Promises that each hold the next, and the last the first; `extra` is held by all. */
  const makeRing = (state: KernelState, length: number, ...extra: KRef[]): PromiseKRef[] => {
    const kpids = Array.from({ length }, () => state.promises.create(undefined));
    kpids.forEach((kpid, index) => {
      const slots = [kpids[(index + 1) % length]!, ...extra];
      state.promises.resolve(kpid, false, dataWith(...slots));
      for (const kref of slots) state.refs.increment(kref);
    });
    state.refs.takeMaybeFree();
    return kpids;
  };
  const letGo = (state: KernelState, kpid: PromiseKRef) => {
    state.refs.increment(kpid);
    state.refs.decrement(kpid);
    processRefCounts(state);
  };
  const exist = (state: KernelState, kpids: readonly PromiseKRef[]) =>
    kpids.map(kpid => state.promises.exists(kpid));

  it('go with what they held once nothing else holds them', () => {
    const { state, makeObject, owed } = start();
    const kref = makeObject(v1);
    const ring = makeRing(state, 3, kref);
    letGo(state, ring[1]!);
    expect(exist(state, ring)).to.deep.equal([false, false, false]);
    expect(state.objects.getRefCount(kref).reachable).to.equal(0);
    expect(owed()).to.deep.equal([`v1 dropExport ${kref}`, `v1 retireExport ${kref}`]);
  });

  it('stay as a whole while one of them is held', () => {
    const { state } = start();
    const ring = makeRing(state, 3);
    state.refs.increment(ring[0]!);
    letGo(state, ring[2]!);
    expect(exist(state, ring)).to.deep.equal([true, true, true]);
    state.refs.decrement(ring[0]!);
    processRefCounts(state);
    expect(exist(state, ring)).to.deep.equal([false, false, false]);
  });

  it('stay while an unresolved promise of theirs is not at stake, which only loses their references', () => {
    const { state } = start();
    const unresolved = state.promises.create(undefined);
    const other = makeRing(state, 2);
    const ring = makeRing(state, 2, unresolved, other[0]!);
    state.refs.increment(unresolved);
    state.refs.increment(other[1]!);
    letGo(state, ring[0]!);
    expect(exist(state, [...ring, unresolved, ...other])).to.deep.equal([
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(state.promises.getRefCount(unresolved)).to.equal(1);
    expect(other.map(kpid => state.promises.getRefCount(kpid))).to.deep.equal([1, 2]);
  });

  it('stay when they are too long to be searched', () => {
    const { state } = start();
    const ring = makeRing(state, 1001);
    letGo(state, ring[0]!);
    expect(exist(state, ring)).to.deep.equal(ring.map(() => true));
  });
});

describe('what is delivered of garbage collection', () => {
  it('is one kind for one vat at a time: vats by number, drops first, objects by number', () => {
    const { state, makeObject } = start();
    const krefs = Array.from({ length: 82 }, () => makeObject(v2, v10));
    const [two, hundred] = [krefs[1]!, krefs[80]!];
    expect([two, hundred]).to.deep.equal(['ko21', 'ko100']);
    const only = makeObject(v1);
    for (const kref of [hundred, two]) state.clist(v10).delete(kref);
    state.gc.addActions([
      { vatID: v10, type: 'dropExport', kref: only },
      ...[hundred, two].map(kref => ({ vatID: v2, type: 'retireExport', kref }) as const),
      { vatID: v1, type: 'retireExport', kref: only },
      { vatID: v1, type: 'dropExport', kref: only },
    ]);
    const events = Array.from({ length: 6 }, () => nextGCEvent(state));
    expect(events).to.deep.equal([
      { type: 'dropExports', vatID: v1, krefs: [only] },
      { type: 'retireExports', vatID: v1, krefs: [only] },
      { type: 'retireExports', vatID: v2, krefs: [two, hundred] },
      // Not in its c-list.
      { type: 'negated-gc-action', vatID: v10 },
      undefined,
      undefined,
    ]);
  });

  it('is what is still owed', () => {
    const { state, makeObject } = start();
    const root = state.objects.create(v1);
    state.clist(v1).add(root, 'o+0' as VRef);
    const [dropped, back, recognized, gone] = [1, 2, 3, 4].map(() => makeObject(v1, v2)) as [
      ObjectKRef,
      ObjectKRef,
      ObjectKRef,
      ObjectKRef,
    ];
    for (const kref of [dropped, recognized]) state.clist(v2).clearReachable(kref);
    state.clist(v1).clearReachable(dropped);
    state.objects.delete(gone);
    const take = (vatID: VatID, type: 'dropExport' | 'retireExport' | 'retireImport') => {
      state.gc.addActions(
        [root, dropped, back, recognized, gone].map(kref => ({ vatID, type, kref })),
      );
      return nextGCEvent(state);
    };
    expect(take(v1, 'dropExport')).to.deep.equal({
      type: 'dropExports',
      vatID: v1,
      krefs: [recognized, gone],
    });
    expect(take(v1, 'retireExport')).to.deep.equal({
      type: 'retireExports',
      vatID: v1,
      krefs: [gone],
    });
    expect(take(v1, 'retireImport')).to.deep.equal({ type: 'negated-gc-action', vatID: v1 });
    expect(take(v2, 'dropExport')).to.deep.equal({ type: 'negated-gc-action', vatID: v2 });
    expect(take(v2, 'retireExport')).to.deep.equal({ type: 'negated-gc-action', vatID: v2 });
    expect(take(v2, 'retireImport')).to.deep.equal({
      type: 'retireImports',
      vatID: v2,
      krefs: [gone],
    });
    state.vats.markTerminated(v2);
    expect(take(v2, 'retireImport')).to.deep.equal({ type: 'negated-gc-action', vatID: v2 });
  });

  it('is no more at once than a vat can take', () => {
    const { state } = start();
    const { gcObjects } = state.settings.limits;
    const krefs = Array.from({ length: gcObjects + 1 }, (_, index) => `ko${index}` as ObjectKRef);
    state.gc.addActions(krefs.map(kref => ({ vatID: v1, type: 'dropExport', kref })));
    expect(nextGCEvent(state)).to.deep.equal({ type: 'negated-gc-action', vatID: v1 });
    expect(state.gc.actions()).to.deep.equal([
      { vatID: v1, type: 'dropExport', kref: `ko${gcObjects}` },
    ]);
  });
});
