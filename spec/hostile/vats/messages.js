/** What a vat says to others, or tries to. */
import { E, Far } from '@endo/far';

const forever = () => {
  for (;;);
};

const text = length => 'x'.repeat(length);

const nested = depth => {
  let data = 'end';
  for (let i = 0; i < depth; i += 1) data = [data];
  return harden(data);
};

const cycle = () => {
  const data = {};
  data.data = data;
  return data;
};

/** The names of those that could be sent. */
const sent = async (friend, things) => {
  const names = [];
  for (const [name, thing] of Object.entries(things)) {
    try {
      await E(friend).count(thing);
      names.push(name);
    } catch {
      // As it should be.
    }
  }
  return harden(names);
};

/** The names of the calls that were answered. */
const answered = async calls => {
  const names = [];
  for (const [name, call] of calls) {
    try {
      await call();
      names.push(name);
    } catch {
      // As it should be.
    }
  }
  return harden(names);
};

/** Data that a careless kernel would take for something else. */
const lookalikes = [
  '#[]',
  '#"&0"',
  '$0',
  '$0.Alleged: x',
  '&0',
  '!x',
  '%x',
  '+5',
  '-5',
  'ko20',
  'kp40',
  'kd30',
  'o+0',
  'p-60',
  'd-70',
  '__proto__',
  '{"@qclass":"slot","index":0}',
  'undefined',
  '\u0000',
  '\u0001',
  '\u2028',
  { '@qclass': 'slot', index: 0 },
  { '@qclass': 'hilbert', original: {} },
  { '#error': 'x', name: 'Error' },
  { '#tag': 'match:any', payload: [] },
  { '#regexp': 'x' },
  { body: '#[]', slots: ['ko20'] },
  { constructor: 'x', toString: 'x', valueOf: 'x', hasOwnProperty: 'x' },
  { ['__proto__']: 'x' },
  { ['__proto__']: { polluted: true } },
  { '': '', ' ': ' ' },
  { length: 2 ** 53, 0: 'x' },
  [[], {}, [[]], [{}]],
  0,
  NaN,
  Infinity,
  -Infinity,
  2 ** 53,
  10n ** 2000n,
  -1n,
  null,
  undefined,
  true,
];

/** Enough to tell such data apart. */
const show = value => {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value)
      ? `[${value.map(show)}]`
      : `{${Object.getOwnPropertyNames(value)
          .sort()
          .map(key => `${JSON.stringify(key)}:${show(value[key])}`)}}`;
  }
  return `${typeof value} ${String(value)}`;
};

export const messages = {
  /** Things that can't be passed: nobody may see a part of them. */
  sendsUnpassable: ({ friend }) =>
    sent(friend, {
      function: () => undefined,
      cycle: cycle(),
      map: new Map(),
      date: new Date(NaN),
      'regular expression': /x/,
      symbol: Symbol('local'),
      inheritance: Object.create({ inherited: true }),
      'hidden property': Object.defineProperty({}, 'hidden', { value: 'x' }),
      class: class {},
      instance: new (class Custom {})(),
      hole: Object.assign(Array(2), { 1: 'hole' }),
      'array with names': Object.assign([], { extra: true }),
      bytes: new Uint8Array(8),
      'weak map': new WeakMap(),
    }),
  sendsGetters: ({ friend }) => {
    let calls = 0;
    const tricky = {
      get value() {
        calls += 1;
        return calls;
      },
    };
    return sent(friend, {
      getter: tricky,
      'getter in a list': harden([tricky]),
      'frozen getter': Object.freeze({ tricky }),
    });
  },
  sendsLoopingGetter: ({ friend }) =>
    sent(friend, {
      getter: {
        get value() {
          return forever();
        },
      },
    }),
  sendsProxies: ({ friend }) =>
    sent(friend, {
      // Read as the data that it shows.
      'proxy without traps': new Proxy({}, {}),
      'proxy of a long list': new Proxy([], {
        get: (_target, key) => (key === 'length' ? 2 ** 32 : undefined),
      }),
      'proxy that throws': new Proxy(
        {},
        {
          ownKeys() {
            throw Error('no keys');
          },
        },
      ),
    }),
  sendsLoopingProxy: ({ friend }) =>
    E(friend).count(new Proxy({}, { getPrototypeOf: forever, ownKeys: forever, get: forever })),
  sendsLoopingThenable: ({ friend }) => E(friend).count({ then: forever }),
  sendsLookalikes: async ({ friend }) => {
    const changed = [];
    for (const value of lookalikes) {
      const there = await E(friend).echo(harden(value));
      if (show(there) !== show(value)) changed.push(show(value));
    }
    return harden(changed);
  },
  /** References that are not his to use, as values and as targets. */
  sendsToStrings: ({ friend }) =>
    answered(
      ['ko20', 'o+0', 'o-50', 'v1', harden({ '@qclass': 'slot', index: 0 })].map(target => [
        String(target),
        () => E(target).ping(friend),
      ]),
    ),
  sendsTooDeep: ({ friend }) => E(friend).count(nested(41)),
  sendsFarTooDeep: ({ friend }) => E(friend).count(nested(100_000)),
  sendsTooLong: ({ friend }) => E(friend).count(text(11_000_000)),
  sendsImmense: ({ friend }) => E(friend).count(text(100_000_000)),
  sendsTooManySlots: ({ friend }) =>
    E(friend).count(harden([...Array(10_001)].map(() => Far('one of many', {})))),
  sendsLongMethod: ({ friend }) => E(friend)[text(10_001)](),
  sendsLongBigint: ({ friend }) => E(friend).count(10n ** 2_600n),
  sendsBrokenText: ({ friend }) =>
    E(friend)
      .echo('\udfff')
      .then(text => text.length),
  sendsOddMethods: ({ friend }) =>
    answered(
      ['__proto__', 'constructor', 'toString', 'then', '', ' ', '0', 'use '].map(method => [
        method,
        () => E(friend)[method](),
      ]),
    ),
  sendsTooMany: ({ friend }) => {
    for (let i = 0; i < 100_001; i += 1) E(friend).ping();
  },
  resolvesRing: ({ friend }) => {
    let resolve;
    const promise = new Promise(done => {
      resolve = done;
    });
    resolve(E(friend).echo(promise));
    return promise;
  },
  /** Gets two messages for each that it sends, and sends two for each that it gets. */
  breeds: ({ friend }) => {
    const breeder = Far('breeder', {
      use() {
        E(friend).use('breeder');
        E(friend).use('breeder');
      },
    });
    E(friend).hold('breeder', breeder);
    E(friend).use('breeder');
    return 'a message that breeds';
  },
  prints: () => {
    for (let i = 0; i < 1500; i += 1) console.log(text(1000));
    console.log('\u001b[2J\u0007');
    return 'printed';
  },
  printsImmense: () => {
    console.log(text(20_000_000));
    return 'printed';
  },
  printsManyWords: () => {
    console.log(...Array.from({ length: 300 }, () => ''));
    return 'printed';
  },
};
