/**
 * Which rows of a vatstore reclaim deletes, on rows written by hand. `reclaim.spec.ts` and
 * `reclaim-alone.slow.ts` show that liveslots writes such rows.
 */
import { expect } from 'chai';
import {
  durableCollectionOf,
  durableStoreKinds,
  facetsOf,
  parseCollectionKey,
  parseRecognizer,
  slotsOfEntry,
  slotsOfState,
} from '../../lib/kernel/gc/liveslots-vatstore.js';
import { VatstoreReclaim } from '../../lib/kernel/gc/reclaim-vatstore.js';
import { makeState, v1 } from '../state/support.js';

const data = (...slots: string[]) => JSON.stringify({ body: '#"x"', slots });
const stateOf = (...slots: string[]) => `{"property":${data(...slots)},"other":${data()}}`;

/** Kinds 6 and 7 are durable collections, 2 is a virtual one; collection 1 is the baggage. */
const BASE = {
  baggageID: 'o+d6/1',
  storeKindIDTable: '{"scalarMapStore":2,"scalarDurableMapStore":6,"scalarDurableWeakSetStore":7}',
  'vc.1.|entryCount': '1',
  'vc.1.|nextOrdinal': '1',
  'vc.1.|schemata': data(),
  'vom.rc.o+d6/1': '1',
};

type Rows = Readonly<Record<string, string>>;

/** The rows left, apart from those of the base, and what the reclaim says of them. */
const reclaim = (rows: Rows, kernelReaches: readonly string[] = []) => {
  const { state, rowsOf } = makeState();
  const vatstore = state.vatstore(v1);
  for (const [key, value] of Object.entries({ ...BASE, ...rows })) vatstore.set(key, value);
  const reclaimed = new VatstoreReclaim(vatstore, vref => kernelReaches.includes(vref));
  reclaimed.run();
  const left = rowsOf('v1.vs.');
  const inBase = Object.entries(BASE).filter(([key, value]) => left[key] === value);
  expect(Object.fromEntries(inBase), 'the base stays').to.deep.equal(BASE);
  const others = Object.entries(left).filter(([key]) => !(key in BASE));
  expect(reclaimed.rowsDeleted, 'rows deleted').to.equal(
    Object.keys({ ...BASE, ...rows }).length - Object.keys(left).length,
  );
  return { reclaimed, left: Object.fromEntries(others) };
};

const gone = ({ goneExports }: VatstoreReclaim): readonly string[] =>
  [...new Set<string>(goneExports)].sort();

/** The same, where all stays. */
const expectKept = (rows: Rows, kernelReaches?: readonly string[]) =>
  expect(reclaim(rows, kernelReaches).left).to.deep.equal(rows);

describe('reclaiming the rows of a vat', () => {
  it('deletes virtual objects and their records, and gives back what they held', () => {
    const { left } = reclaim({
      'vom.o+v10/1': stateOf('o-50', 'o-51', 'o+d11/1', 'o+v10/2', 'p-60', 'd-70'),
      'vom.rc.o+v10/2': '1',
      'vom.rc.o+12': '1',
      'vom.es.o+v10/1': 'r',
      'vom.es.o+12': 'r',
      'vom.ir.o+v10/1|9': '1',
      'vom.ir.o+12|9': '1',
      'vom.vkind.10.descriptor': '{}',
      'vom.rc.o-50': '2',
      'vom.rc.o-51': '1',
      'vom.rc.o+d11/1': '2',
      'vom.o+d11/1': stateOf(),
      'vom.dkind.11.descriptor': '{}',
    });
    expect(left).to.deep.equal({
      'vom.rc.o-50': '1',
      'vom.rc.o+d11/1': '1',
      'vom.o+d11/1': stateOf(),
      'vom.dkind.11.descriptor': '{}',
    });
  });

  it('deletes durable objects that nothing refers to, and what hung on them alone', () => {
    const { left, reclaimed } = reclaim({
      'vom.o+d11/1': stateOf('o+d11/2', 'o-50'),
      'vom.o+d11/2': stateOf('o+d11/3:1'),
      'vom.rc.o+d11/2': '1',
      'vom.es.o+d11/2': 's',
      'vom.o+d11/3': stateOf(),
      'vom.rc.o+d11/3': '2',
      'vom.rc.o-50': '1',
    });
    expect(left).to.deep.equal({ 'vom.o+d11/3': stateOf(), 'vom.rc.o+d11/3': '1' });
    // One letter of status is that of an object without facets, or of one with a single facet.
    expect(gone(reclaimed)).to.deep.equal(['o+d11/1', 'o+d11/2', 'o+d11/2:0']);
    expect(reclaimed.isReferenced('o+d11/3:0'), 'a facet').to.equal(true);
    expect(reclaimed.isReferenced('o-50')).to.equal(false);
  });

  it('keeps what the kernel reaches, by its own record or by the vat’s, whatever the counts', () => {
    expectKept({ 'vom.o+d11/1': stateOf('o-50'), 'vom.rc.o-50': '1', 'vom.es.o+d11/1': 'r' });
    expectKept({ 'vom.o+d11/1': stateOf('o-50'), 'vom.rc.o-50': '1', 'vom.es.o+d11/1': 'nr' });
    expectKept({ 'vom.o+d11/1': stateOf() }, ['o+d11/1']);
    expectKept({ 'vom.o+d11/1': stateOf(), 'vom.es.o+d11/1': 'ns' }, ['o+d11/1:1']);
    const { left } = reclaim({ 'vom.o+d11/1': stateOf(), 'vom.es.o+d11/1': 'ns' }, ['o+d11/1:2']);
    expect(left).to.deep.equal({});
  });

  it('keeps everything whose count is no number', () => {
    for (const count of ['x', '-1', '1.5']) {
      expectKept({ 'vom.o+d11/1': stateOf(), 'vom.rc.o+d11/1': count });
    }
  });

  it('deletes a virtual collection with its keys and values, and keeps a durable one', () => {
    const kept = {
      'vc.3.|entryCount': '1',
      'vc.3.|schemata': data('o-53'),
      'vc.3.|o-50': '1',
      'vc.3.r0000000001:o-50': data('o-51'),
      'vom.rc.o+d6/3': '1',
    };
    const { left } = reclaim({
      'vom.rc.o-50': '2',
      'vom.rc.o-51': '3',
      'vom.rc.o-53': '2',
      'vom.rc.o-54': '1',
      ...kept,
      'vc.4.|entryCount': '2',
      'vc.4.|nextOrdinal': '2',
      'vc.4.|schemata': data('o-53'),
      'vc.4.|o-50': '1',
      'vc.4.r0000000001:o-50': data('o-51', 'o-51'),
      'vc.4.sname': data('o-54'),
    });
    expect(left).to.deep.equal({
      ...kept,
      'vom.rc.o-50': '1',
      'vom.rc.o-51': '1',
      'vom.rc.o-53': '1',
    });
  });

  it('deletes a durable collection that nothing names, and what dies with it', () => {
    const { left, reclaimed } = reclaim({
      'vc.3.|schemata': data(),
      'vc.3.sname': data('o+d11/1', 'o+d6/5'),
      'vom.o+d11/1': stateOf('o-50'),
      'vom.rc.o+d11/1': '1',
      'vom.rc.o-50': '1',
      'vc.5.|schemata': data(),
      'vom.rc.o+d6/5': '1',
      'vc.12.|schemata': data(),
    });
    expect(left).to.deep.equal({});
    // No row tells the kind of a collection that nothing names: it goes by the name of each kind.
    const collections = ['12', '3', '5'].flatMap(id => [`o+d6/${id}`, `o+d7/${id}`]);
    expect(gone(reclaimed)).to.deep.equal(['o+d11/1', ...collections].sort());
  });

  it('takes a dead object out of the weak collections that have it as a key', () => {
    const weak = {
      'vc.3.|schemata': data(),
      'vc.3.|o-50': '2',
      'vc.3.r0000000002:o-50': data(),
      'vom.ir.o-50|3': '1',
      'vom.rc.o+d7/3': '1',
    };
    const { left, reclaimed } = reclaim({
      ...weak,
      'vc.3.|o+d11/1': '1',
      'vc.3.r0000000001:o+d11/1': data('o-51'),
      'vom.ir.o+d11/1|3': '1',
      'vc.3.|o+d11/2:1': '3',
      'vc.3.r0000000003:o+d11/2:1': data(),
      'vom.ir.o+d11/2:1|3': '1',
      'vom.o+d11/1': stateOf(),
      'vom.o+d11/2': stateOf(),
      'vom.rc.o-51': '1',
    });
    expect(left).to.deep.equal(weak);
    expect(['o-50', 'o-5', 'o+d11/1'].map(vref => reclaimed.isRecognized(vref))).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it('forgets the keys of a weak collection that goes, and counts them not', () => {
    const { left } = reclaim({
      'vc.3.|schemata': data(),
      'vc.3.|o-50': '1',
      'vc.3.r0000000001:o-50': data(),
      'vom.ir.o-50|3': '1',
      'vom.rc.o-50': '1',
    });
    expect(left).to.deep.equal({ 'vom.rc.o-50': '1' });
  });

  it('changes nothing when it is done again', () => {
    const rows = { 'vom.o+d11/1': stateOf('o-50'), 'vom.rc.o+d11/1': '1', 'vom.rc.o-50': '1' };
    const { left } = reclaim(rows);
    expect(left).to.deep.equal(rows);
    expectKept(left);
  });

  it('survives rows that make no sense', () => {
    const odd = { 'vc.x.y': 'z', 'vom.ir.o+d11/9|x': '1', 'vom.other': '1', other: '{' };
    expectKept(odd);
    const { left } = reclaim({
      'vom.o+v10/1': '{',
      'vom.o+d11/1': 'null',
      'vc.8.|schemata': '[1]',
    });
    expect(left).to.deep.equal({});
  });
});

describe('what liveslots writes in a vatstore', () => {
  it('is parsed where it makes sense, and mentions nothing where not', () => {
    expect(parseRecognizer('vom.ir.o+d11/1:0|12')).to.deep.equal({
      vref: 'o+d11/1:0',
      collection: '12',
    });
    for (const key of ['vom.ir.o-1|', 'vom.ir.|1', 'vom.ir.o-1|1x', 'xvom.ir.o-1|1']) {
      expect(parseRecognizer(key), key).to.equal(undefined);
    }
    const kinds = ['rname', '|schemata', '|entryCount', '|nextOrdinal', '|o-50'];
    expect(kinds.map(parseCollectionKey)).to.deep.equal([
      { kind: 'entry' },
      { kind: 'schemata' },
      { kind: 'metadata' },
      { kind: 'metadata' },
      { kind: 'ordinal', vref: 'o-50' },
    ]);
    expect(slotsOfEntry(data('o-1'))).to.deep.equal(['o-1']);
    for (const text of ['{', 'null', '{}', '{"slots":"o-1"}', '{"slots":[1,null]}']) {
      expect(slotsOfEntry(text), text).to.deep.equal([]);
    }
    expect(slotsOfState(stateOf('o-1', 'o-2'))).to.deep.equal(['o-1', 'o-2']);
    for (const text of ['{', 'null', '1', '{"property":1}', '{"property":null}']) {
      expect(slotsOfState(text), text).to.deep.equal([]);
    }
  });

  it('tells durable collections from other things', () => {
    const kinds = durableStoreKinds(BASE.storeKindIDTable);
    expect(kinds).to.deep.equal([6, 7]);
    for (const text of ['', 'null', '{"scalarDurableMapStore":"6"}']) {
      expect(durableStoreKinds(text), text).to.deep.equal([]);
    }
    expect(
      ['o+d6/3', 'o+d7/4', 'o+d11/3', 'o+d6/3:0', 'o+v6/3', 'xo+d6/3', 'o+d12/10'].map(vref =>
        durableCollectionOf(vref, [...kinds, 12]),
      ),
    ).to.deep.equal(['3', '4', undefined, undefined, undefined, undefined, '10']);
  });

  it('says of each facet what the kernel holds', () => {
    const facets = (status: string) =>
      facetsOf('o+d11/1', status).map(({ vref, letter }) => `${vref} ${letter}`);
    expect(facets('r')).to.deep.equal(['o+d11/1 r', 'o+d11/1:0 r']);
    expect(facets('rsn')).to.deep.equal(['o+d11/1:0 r', 'o+d11/1:1 s', 'o+d11/1:2 n']);
    expect(facets('')).to.deep.equal(['o+d11/1 ']);
  });
});
