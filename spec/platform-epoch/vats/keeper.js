/** Keeps what it is told, durably, under SwingSet's kernel and then under ours. */
import { E, Far } from '@endo/far';
import { makeScalarBigMapStore, prepareExo, prepareExoClass, watchPromise } from '@agoric/vat-data';
import { makeScalarBigWeakMapStore, provide } from '@agoric/vat-data';

export const buildRootObject = ({ VatData, D }, vatParameters, baggage) => {
  baggage.has('lives') ? baggage.set('lives', baggage.get('lives') + 1) : baggage.init('lives', 1);
  const kept = provide(baggage, 'kept', () => makeScalarBigMapStore('kept', { durable: true }));
  const known = provide(baggage, 'known', () =>
    makeScalarBigWeakMapStore('known', { durable: true }),
  );
  if (!baggage.has('notes')) baggage.init('notes', harden([]));
  const note = text => baggage.set('notes', harden([...baggage.get('notes'), text]));
  const makeAccount = prepareExoClass(
    baggage,
    'account',
    undefined,
    owner => ({ owner, sum: 0n }),
    {
      add(amount) {
        this.state.sum += amount;
        return this.state.sum;
      },
      read() {
        return harden([this.state.owner, this.state.sum]);
      },
    },
  );
  const watcher = prepareExo(baggage, 'watcher', undefined, {
    onFulfilled: (value, label) => note(`${label} fulfilled ${value}`),
    onRejected: (reason, label) => note(`${label} rejected ${reason.name}`),
  });
  const inRAM = [];
  const virtual = VatData.makeScalarBigMapStore('virtual');

  return Far('root', {
    note,
    open: owner => makeAccount(owner),
    keep: (key, value) => kept.init(key, value),
    holdLoosely: value => {
      inRAM.push(value);
      virtual.init(`${inRAM.length}`, value);
    },
    recognize: (thing, label) => known.init(thing, label),
    labelOf: thing => known.get(thing),
    count: () => D(kept.get('device')).count(),
    askKept: (key, method, ...args) => E(kept.get(key))[method](...args),
    watch: (promise, label) => watchPromise(promise, watcher, label),
    watchOwn: label => watchPromise(new Promise(() => {}), watcher, label),
    never: () => new Promise(() => {}),
    lives: () => baggage.get('lives'),
    read: () =>
      harden({
        notes: baggage.get('notes'),
        kept: [...kept.entries()].filter(([, value]) => typeof value !== 'object'),
        keys: [...kept.keys()],
        vatParameters,
      }),
  });
};
