/** Misuse of durable storage. */
import { Far } from '@endo/far';
import {
  defineDurableKind,
  makeKindHandle,
  makeScalarBigMapStore,
  makeScalarBigSetStore,
} from '@agoric/vat-data';

const text = length => 'x'.repeat(length);

const isAccepted = act => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};

export const storage = {
  storesHugeValue: ({ notes }) => notes.init('huge', text(10_000_001)),
  storesImmenseValue: ({ notes }) => notes.init('immense', text(30_000_000)),
  storesLongKey: ({ notes }) => notes.init(text(200_000), 'x'),
  storesTooMuch: ({ notes }) => {
    for (let i = 0; i < 30; i += 1) notes.init(`${i}`, text(5_000_000));
  },
  storesWithoutEnd: ({ notes }) => {
    for (let i = 0; ; i += 1) notes.init(`${i}`, i);
  },
  readsWithoutEnd: ({ notes }) => {
    notes.init('one', text(2_000_000));
    for (;;) notes.get('one');
  },
  collectsWithoutEnd: () => {
    for (;;) makeScalarBigSetStore('one of many', { durable: true });
  },
  /** Keys that would leave the vat's own rows, if rows were found by pasting texts together. */
  storesOddKeys: ({ notes }) => {
    const odd = [
      '../v1.vs.baggage',
      'v1.vs.vom.rc.o+0',
      'vom.o+d10/1',
      'vc.1.|schemata',
      '\0',
      '%',
      '_',
      "'; DROP TABLE kvStore; --",
      '\uffff',
      '__proto__',
      'local.x',
      'host.x',
    ];
    for (const key of odd) notes.init(key, key);
    return harden(odd.filter(key => notes.get(key) !== key));
  },
  storesEphemera: ({ notes }) => {
    const attempts = {
      object: () => notes.init('object', Far('ephemeral', {})),
      promise: () => notes.init('promise', Promise.resolve()),
      'virtual collection': () => notes.init('virtual', makeScalarBigMapStore('virtual')),
      function: () => notes.init('function', () => undefined),
      'absent key': () => notes.get('absent'),
      'object as a key': () => notes.init(Far('key', {}), 'x'),
    };
    return harden(Object.keys(attempts).filter(name => isAccepted(attempts[name])));
  },
  definesKindTwice: () => {
    const handle = makeKindHandle('twice');
    defineDurableKind(handle, () => ({}), {});
    defineDurableKind(handle, () => ({}), {});
  },
  /** Left for the next life, which does not know of it. */
  leavesKind: () => {
    const handle = makeKindHandle('left behind');
    return `${handle}`;
  },
  clearsBaggage: ({ baggage }) => {
    for (const key of [...baggage.keys()]) baggage.delete(key);
    return 'cleared';
  },
};
