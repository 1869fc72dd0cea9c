/** All that a random vat knows, in RAM and in the collections and kinds of liveslots. */
import { Far } from '@endo/far';

const MOST = 40;

export const makeShelf = ({ VatData, baggage, random, act }) => {
  const provide = (key, make) => {
    if (!baggage.has(key)) baggage.init(key, make());
    return baggage.get(key);
  };
  const handle = tag => provide(`kind ${tag}`, () => VatData.makeKindHandle(tag));
  const shelf = [];
  const devices = new Set();
  const recognized = new WeakSet();
  let root;

  const isPromise = thing => thing instanceof Promise;
  const isDevice = thing => devices.has(thing);
  /** An answer that is a promise may be the promise of that answer: it would go round for ever. */
  const inData = value => (isPromise(value) ? harden([value]) : value);
  const learn = thing => {
    if (typeof thing !== 'object' || thing === null || thing instanceof Error) return;
    if (Array.isArray(thing) || Object.getPrototypeOf(thing) === Object.prototype) {
      Object.values(thing).slice(0, 3).forEach(learn);
      return;
    }
    if (shelf.includes(thing)) return;
    if (shelf.length >= MOST) shelf.splice(random.below(MOST), 1);
    shelf.push(thing);
  };

  const behaviour = {
    do: (_context, fuel, ...given) => act(fuel, given),
    give: ({ state, self }, _fuel, ...given) => {
      given.forEach(learn);
      return inData(state.content ?? self);
    },
    hold: ({ state }, content) => {
      state.content = content;
    },
  };
  const facet = {
    do: behaviour.do,
    give: ({ state }) => inData(state.content),
    hold: behaviour.hold,
  };
  const init = () => ({ content: undefined });
  const makeBox = VatData.defineDurableKind(handle('box'), init, behaviour);
  const makeKit = VatData.defineDurableKindMulti(handle('kit'), init, {
    one: facet,
    other: { do: facet.do, give: facet.give, hold: facet.hold },
  });
  const makeVirtual = VatData.defineKind('virtual', init, behaviour);
  const makeWatcher = VatData.defineDurableKind(handle('watcher'), () => ({}), {
    onFulfilled: (_context, value) => {
      learn(value);
      act(0, []);
    },
    onRejected: (_context, reason, key) => {
      if (!baggage.has(key)) baggage.init(key, `${reason?.message ?? reason?.name}`);
    },
  });
  const durable = { durable: true };
  const makers = [
    () => Far('thing', { do: (fuel, ...given) => act(fuel, given), give: () => root }),
    () => makeBox(),
    () => makeKit().one,
    () => makeKit().other,
    () => makeVirtual(),
  ];
  const collections = {
    map: VatData.makeScalarBigMapStore,
    set: VatData.makeScalarBigSetStore,
    weakMap: VatData.makeScalarBigWeakMapStore,
    weakSet: VatData.makeScalarBigWeakSetStore,
  };
  const stores = Object.entries(collections).map(([kind, make]) => ({
    kind,
    store: provide(`store ${kind}`, () => make(kind, durable)),
  }));
  const virtualStores = () =>
    Object.entries(collections).map(([kind, make]) => ({ kind, store: make(kind) }));
  let ramStores = virtualStores();

  const pick = () => (shelf.length === 0 ? root : random.pick(shelf));
  const pickOf = isWanted => {
    const wanted = shelf.filter(isWanted);
    return wanted.length === 0 ? undefined : random.pick(wanted);
  };
  const storing = {
    hold: (_kind, _store, thing) => {
      const holder = pick();
      holder.hold?.(thing);
    },
    recognize: (_kind, _store, thing) => void recognized.add(thing),
    put: (kind, store, thing) => {
      if (kind.endsWith('et')) store.add(thing);
      else store.init(thing, random.chance(50) ? pick() : random.below(9));
    },
    putByNumber: (kind, store, thing) => {
      if (kind === 'map') store.init(random.below(20), thing);
    },
    replace: (kind, store, thing) => {
      if (kind === 'map') store.set(random.below(20), thing);
    },
    delete: (_kind, store, thing) => store.delete(random.chance(50) ? thing : random.below(20)),
    read: (kind, store, thing) => {
      if (kind === 'map') [...store.values()].slice(0, 3).forEach(learn);
      else if (kind === 'weakMap' && store.has(thing)) learn(store.get(thing));
    },
    readKeys: (kind, store) => {
      if (!kind.startsWith('weak')) [...store.keys()].slice(0, 3).forEach(learn);
    },
    clear: (kind, store) => {
      if (!kind.startsWith('weak') && random.chance(30)) store.clear();
    },
    keepStore: (_kind, store) => {
      learn(store);
    },
    renew: () => {
      if (random.chance(30)) ramStores = virtualStores();
    },
  };
  const storingKinds = Object.keys(storing);

  return {
    pick,
    learn,
    isPromise,
    isDevice,
    inData,
    /** Whether both are here, and `one` came first. */
    isOlder: (one, other) => shelf.indexOf(one) < shelf.indexOf(other),
    makeWatcher,
    isEmpty: () => shelf.length === 0,
    pickPromise: () => pickOf(isPromise),
    pickDevice: () => (devices.size === 0 ? undefined : random.pick(devices)),
    learnDevice: device => void devices.add(device),
    keepRoot: given => {
      root = given;
    },
    make: () => learn(random.pick(makers)()),
    drop: () => {
      for (let at = shelf.length - 1; at >= 0; at -= 1) if (random.chance(40)) shelf.splice(at, 1);
    },
    store: () => {
      const { kind, store } = random.pick([...stores, ...ramStores]);
      storing[random.pick(storingKinds)](kind, store, pick());
    },
    forgetAll: () => {
      shelf.length = 0;
      ramStores = [];
    },
  };
};
