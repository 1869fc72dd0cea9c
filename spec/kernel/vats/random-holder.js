// Does what a random program says with things of every kind that liveslots knows. What the program
// may not do (a durable thing can't hold a virtual one) is left out, the same way each time.
import { Far } from '@endo/far';
import { provideKinds } from './holder-kinds.js';

export const buildRootObject = ({ VatData }, _vatParameters, baggage) => {
  const {
    makeScalarBigMapStore,
    makeScalarBigSetStore,
    makeScalarBigWeakMapStore,
    makeScalarBigWeakSetStore,
    watchPromise,
  } = VatData;
  const { provide, makeBox, makeKit, makeWatcher, makeVirtual } = provideKinds(VatData, baggage);
  const durable = { durable: true };
  const makers = {
    box: () => makeBox(),
    reader: () => makeKit().reader,
    writer: () => makeKit().writer,
    virtual: () => makeVirtual(),
    far: name => Far('thing', { self: () => name }),
    map: name => makeScalarBigMapStore(name, durable),
    shapedMap: (name, thing) => makeScalarBigMapStore(name, { ...durable, valueShape: thing }),
    set: name => makeScalarBigSetStore(name, durable),
    weakMap: name => makeScalarBigWeakMapStore(name, durable),
    weakSet: name => makeScalarBigWeakSetStore(name, durable),
    virtualMap: name => makeScalarBigMapStore(name),
    virtualSet: name => makeScalarBigSetStore(name),
    virtualWeakMap: name => makeScalarBigWeakMapStore(name),
  };
  const strong = provide('strong', () => makeScalarBigMapStore('strong', durable));
  const shelf = new Map();
  const pending = [];
  const attempt = action => {
    try {
      action();
      return true;
    } catch (_error) {
      return false;
    }
  };
  const has = (...names) => names.every(name => shelf.has(name));

  const local = {
    make: (name, kind, shape) =>
      attempt(() => void shelf.set(name, makers[kind](name, shelf.get(shape)))),
    forget: name => void shelf.delete(name),
    persist: name =>
      has(name) &&
      attempt(() => (strong.has(name) ? undefined : strong.init(name, shelf.get(name)))),
    unpersist: name => attempt(() => strong.delete(name)),
    fetch: name => attempt(() => shelf.set(name, strong.get(name))),
    /** The first holds the second as its content, its member, its key or its value. */
    link(holder, name, role, value) {
      if (!has(holder, name)) return false;
      const [into, thing] = [shelf.get(holder), shelf.get(name)];
      if (role === 'content') return attempt(() => into.set(thing));
      if (role === 'key') return attempt(() => into.init(thing, 'by key'));
      if (role === 'entry') return attempt(() => into.init(thing, shelf.get(value)));
      if (role === 'both') return attempt(() => into.init(thing, thing));
      if (role === 'member') return attempt(() => into.add(thing));
      return attempt(() => into.init(name, thing));
    },
    unlink(holder, name) {
      if (!has(holder, name)) return false;
      const into = shelf.get(holder);
      return attempt(() => into.delete(shelf.get(name))) || attempt(() => into.delete(name));
    },
    empty: holder =>
      has(holder) &&
      (attempt(() => shelf.get(holder).clear()) || attempt(() => shelf.get(holder).set(null))),
  };

  return Far('root', {
    /** All that only RAM holds, as far as the program can say. */
    forgetAll: () => shelf.clear(),
    /** Operations that take no other vat. */
    work: operations => operations.map(([op, ...args]) => local[op](...args) ?? true),
    receive: (name, thing) => void shelf.set(name, thing),
    give: name => (has(name) ? shelf.get(name) : undefined),
    watch: (promise, key) => watchPromise(promise, makeWatcher(), key),
    awaitInRAM: promise => {
      promise.then(
        () => {},
        () => {},
      );
    },
    owe: key => {
      const promise = new Promise(resolve => pending.push(resolve));
      if (key !== null) watchPromise(promise, makeWatcher(), key);
      return harden({ promise });
    },
  });
};
