/**
 * A vat of the soak: makes things, holds things of others in every way there is, makes promises
 * and watches them, counts in RAM and durably, and writes letters. `report` says all that the model
 * knows of it.
 */
import { E, Far } from '@endo/far';

const reasonOf = reason => (reason instanceof Error ? reason.message : reason);
const valueOf = value => (typeof value === 'object' ? 'a thing' : value);

export const buildRootObject = ({ VatData, exitVat, exitVatWithFailure }, given, baggage) => {
  const {
    defineDurableKind,
    defineKind,
    makeKindHandle,
    makeScalarBigMapStore,
    makeScalarBigWeakSetStore,
    watchPromise,
  } = VatData;
  const parameters = given ?? {};
  const provide = (key, make) => {
    if (!baggage.has(key)) baggage.init(key, make());
    return baggage.get(key);
  };
  if (parameters.refuse) throw Error('refused to start');
  if (baggage.has('fails')) {
    if (!parameters.mend) throw Error('failed to start');
    baggage.delete('fails');
  }
  let inRAM = 0;
  provide('count', () => 0);
  const incarnations = provide('incarnations', () => 0) + 1;
  baggage.set('incarnations', incarnations);

  const durableMap = name => provide(name, () => makeScalarBigMapStore(name, { durable: true }));
  const durableKind = (tag, init, methods) =>
    defineDurableKind(
      provide(`kind ${tag}`, () => makeKindHandle(tag)),
      init,
      methods,
    );
  const boxMethods = { get: ({ state }) => state.content };
  const makeBox = durableKind('box', content => ({ content }), boxMethods);
  const makeVirtualBox = defineKind('virtual box', content => ({ content }), boxMethods);
  const thingMethods = { label: ({ state }) => state.label };
  const makers = {
    heap: label => Far('thing', { label: () => label }),
    virtual: defineKind('virtual', label => ({ label }), thingMethods),
    durable: durableKind('durable', label => ({ label }), thingMethods),
  };

  const ram = new Map();
  const boxes = durableMap('boxes');
  const virtualBoxes = new Map();
  /** How things are held, by key. */
  const places = {
    ram,
    virtual: makeScalarBigMapStore('virtual'),
    durable: durableMap('durable'),
    boxes: {
      init: (key, thing) => boxes.init(key, makeBox(thing)),
      get: key => boxes.get(key).get(),
      delete: key => boxes.delete(key),
      keys: () => boxes.keys(),
    },
    virtualBoxes: {
      init: (key, thing) => virtualBoxes.set(key, makeVirtualBox(thing)),
      get: key => virtualBoxes.get(key).get(),
      delete: key => virtualBoxes.delete(key),
      keys: () => virtualBoxes.keys(),
    },
  };
  /** How things are recognized. */
  const weak = {
    weakRAM: new WeakSet(),
    weakVirtual: makeScalarBigWeakSetStore('weakVirtual'),
    weakDurable: provide('weakDurable', () =>
      makeScalarBigWeakSetStore('weakDurable', { durable: true }),
    ),
  };

  const kits = new Map();
  const notes = new Map();
  const durableNotes = durableMap('notes');
  const makeWatcher = durableKind('watcher', () => ({}), {
    onFulfilled: (_context, value, name) =>
      durableNotes.init(name, harden(['fulfilled', valueOf(value)])),
    onRejected: (_context, reason, name) =>
      durableNotes.init(name, harden(['rejected', reasonOf(reason)])),
  });

  /** By correspondent: letters that it sent, sent ones that it heard of, and letters that it got. */
  const posted = durableMap('posted');
  const answered = durableMap('answered');
  const mail = durableMap('mail');
  /** What must never happen. */
  const troubles = durableMap('troubles');
  const countUp = (table, name) => {
    const next = (table.has(name) ? table.get(name) : 0) + 1;
    if (table.has(name)) table.set(name, next);
    else table.init(name, next);
    return next;
  };
  const makePostman = durableKind('postman', () => ({}), {
    onFulfilled: (_context, _value, to) => void countUp(answered, to),
    onRejected: (_context, reason, to) => {
      const nth = countUp(answered, to);
      const isKnown = reason instanceof Error && reason.message === 'vat terminated';
      const wasUpgraded = !(reason instanceof Error) && reason.name === 'vatUpgraded';
      if (!isKnown && !wasUpgraded) troubles.init(`${to} ${nth}`, `${reasonOf(reason)}`);
    },
  });

  const put = (place, key, thing) => {
    const table = places[place];
    if (table === ram) ram.set(key, thing);
    else table.init(key, thing);
  };
  return Far('player', {
    count: () => {
      inRAM += 1;
      baggage.set('count', baggage.get('count') + 1);
      return harden([inRAM, baggage.get('count')]);
    },
    tally: () => void baggage.set('count', baggage.get('count') + 1),
    /** Answers by way of somebody else, so that its caller's promise lasts for some cranks. */
    countBy: async other => {
      baggage.set('count', baggage.get('count') + 1);
      return E(other).label();
    },
    label: () => 'a root',
    askParameter: () => E(parameters.keep).label(),
    setFails: fails => {
      if (fails && !baggage.has('fails')) baggage.init('fails', true);
      else if (!fails && baggage.has('fails')) baggage.delete('fails');
    },

    make: (label, kind) => makers[kind]?.(label),
    put: (place, key, thing) => put(place, key, thing),
    get: (place, key) => places[place].get(key),
    drop: (place, key) => void places[place].delete(key),
    /** Hands on what it holds, and tells what it was. */
    pass: async ([place, key], root, [there, newKey]) => {
      const thing = places[place].get(key);
      await E(root).put(there, newKey, thing);
      return thing;
    },
    ask: (place, key) => E(places[place].get(key)).label(),

    mark: (place, thing) => void weak[place].add(thing),
    unmark: (place, thing) => void weak[place].delete(thing),
    isMarked: (place, thing) => weak[place].has(thing),

    makePromise: name => {
      const promise = new Promise((resolve, reject) => kits.set(name, { resolve, reject }));
      promise.catch(() => {});
      return harden({ promise });
    },
    settle: (name, how, value) => {
      const { resolve, reject } = kits.get(name);
      kits.delete(name);
      if (how === 'rejected') reject(Error(value));
      else if (how === 'follow') resolve(value.promise);
      else resolve(value);
    },
    watch: (name, { promise }) => {
      promise.then(
        value => notes.set(name, harden(['fulfilled', valueOf(value)])),
        reason => notes.set(name, harden(['rejected', reasonOf(reason)])),
      );
    },
    watchDurably: (name, { promise }) => watchPromise(promise, makeWatcher(), name),

    /** Sends numbered letters to another player, and counts what becomes of each. */
    post: (me, to, root, letters, other) => {
      for (let letter = 0; letter < letters; letter += 1) {
        const number = countUp(posted, to);
        watchPromise(E(root).letter(me, number, other), makePostman(), to);
      }
    },
    /** Some letters are answered by way of somebody else, so that their senders wait for long. */
    letter: (from, number, other) => {
      const expected = (mail.has(from) ? mail.get(from) : 0) + 1;
      if (number !== expected) throw Error(`letter ${number} of ${from} instead of ${expected}`);
      countUp(mail, from);
      return number % 4 === 0 ? E(other).label() : number;
    },

    exit: words => exitVat(words),
    exitWithFailure: words => exitVatWithFailure(Error(words)),
    burn: rounds => {
      let sum = 0;
      for (let i = 0; i < rounds; i += 1) sum += i;
      return sum;
    },

    report: () => {
      const held = Object.entries(places).map(([name, table]) => [name, [...table.keys()].sort()]);
      return harden({
        inRAM,
        count: baggage.get('count'),
        incarnations,
        held: Object.fromEntries(held),
        notes: [...notes].sort(),
        durableNotes: [...durableNotes.entries()],
        letters: {
          posted: [...posted.entries()],
          answered: [...answered.entries()],
          mail: [...mail.entries()],
          troubles: [...troubles.entries()],
        },
      });
    },
  });
};
