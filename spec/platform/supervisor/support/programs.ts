/**
 * Random vats: a graph of modules that do all that modules can, and a root that runs lists of
 * operations on what liveslots offers. Drawn by fast-check.
 */
import fc from 'fast-check';
import type { VatDelivery } from '../../../../lib/types/messages.js';
import { bringOutYourDead, call, startVat, vref } from '../../../workers/support/fixture.js';
import { bundleModules, FAR } from './archives.js';
import type { Life } from './lives.js';

const LEVELS = ['debug', 'log', 'info', 'warn', 'error'] as const;

/** Arguments of consoles, whose text depends on the console and on how lockdown tames errors. */
const PRINTED = [
  `'text'`,
  '12n',
  'undefined',
  `Symbol('s')`,
  `{ a: [1, { b: null }] }`,
  `Error('printed')`,
  `TypeError('a cause', { cause: Error('first') })`,
  `() => 1`,
  `new Map([[1, 2]])`,
  `Promise.resolve(1)`,
  `'long '.repeat(20)`,
  `globalThis === undefined`,
] as const;

/** Texts that modules evaluate at their top level. Each says what it found. */
const PROBES = [
  `typeof issueCommand + typeof handleCommand + typeof VatData + typeof Compartment`,
  `Object.isFrozen(globalThis) + ' ' + Object.isFrozen(Array.prototype)`,
  `Object.getOwnPropertyNames(globalThis).filter(n => !/^[A-Z]/.test(n)).sort().join()`,
  `typeof this`,
  `[typeof atob, typeof btoa, typeof URL, typeof Base64, typeof TextDecoder].join()`,
  `new Compartment().evaluate('typeof WeakMap + typeof VatData + typeof console')`,
  `new Compartment().globalThis.WeakMap === WeakMap`,
  `new WeakMap() instanceof new Compartment().globalThis.WeakMap`,
  `Function('return typeof VatData')()`,
  `(() => { try { return (() => {}).constructor('return 1')(); } catch (e) { return e.message; } })()`,
  `(() => { try { undefinedName; } catch (e) { return e.message; } })()`,
  `(() => { try { undefinedName = 1; } catch (e) { return e.message; } })()`,
  `(() => { try { Array.prototype.x = 1; } catch (e) { return e.message; } })()`,
  `(() => { try { globalThis.leaked = 1; } catch (e) { return e.message; } })()`,
  `Math.random === undefined ? '' : (() => { try { return Math.random(); } catch (e) { return e.message; } })()`,
  `(() => { try { return Date.now(); } catch (e) { return e.message; } })()`,
] as const;

/** One statement at the top level of module `i` of `n`. */
const statement = (i: number, n: number): fc.Arbitrary<string> => {
  const other = fc.nat({ max: n - 1 });
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...LEVELS), fc.constantFrom(...PRINTED))
      .map(([level, printed]) => `console.${level}('m${i}', ${printed});`),
    fc.constantFrom(...PROBES).map(probe => `console.log('m${i} probe', String(${probe}));`),
    // Each step of the chain comes in a turn of its own, before or after the root is built.
    fc
      .nat({ max: 12 })
      .map(
        turns =>
          `{ let p = Promise.resolve(); for (let t = 0; t < ${turns}; t += 1) ` +
          `p = p.then(() => console.log('m${i} turn', t, globalThis.WeakMap !== undefined)); }`,
      ),
    other.map(j => `console.log('m${i} sees', typeof bump${j} === 'function' && bump${j}());`),
    other.map(
      j => `try { console.log('m${i} const', value${j}); } catch (e) { console.log(e.message); }`,
    ),
    other.map(j => `console.log('m${i} names', Object.keys(ns${j}).join());`),
    fc.constant(
      `{ const map = VatData.makeScalarBigMapStore('of m${i}'); map.init('a', ${i}); ` +
        `console.log(map.get('a'), [...map.keys()].length); }`,
    ),
    fc.constant(`console.log('meta', Object.keys(import.meta).join());`),
    other.map(
      j =>
        `import('./m${j}.js').then(ns => console.log('m${i} got', Object.keys(ns).length), ` +
        `e => console.log(e.message));`,
    ),
  );
};

const importOf = (j: number): string =>
  `import * as ns${j} from './m${j}.js'; import { value${j}, bump${j} } from './m${j}.js';`;

/** A module: imports of all others (cycles among them), exports, statements, rarely a fault. */
const moduleOf = (i: number, n: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(statement(i, n), { maxLength: 5 }),
      fc.nat({ max: n - 1 }),
      fc.boolean(),
      fc.nat({ max: 199 }),
    )
    .map(([statements, j, passesOn, fault]) => {
      const others = Array.from({ length: n }, (_, k) => k).filter(k => k !== i);
      return [
        ...others.map(importOf),
        `import * as ns${i} from './m${i}.js';`,
        ...(passesOn && j !== i ? [`export * from './m${j}.js';`] : []),
        `let count = 0; export const value${i} = ${i}; export let live${i} = 0;`,
        `export const bump${i} = () => { live${i} += 1; count += 1; return count; };`,
        ...statements,
        ...(fault === 0 ? [`throw RangeError('m${i} fails');`] : []),
        ...(fault === 1 ? [`import { nothing } from './m${j}.js'; nothing();`] : []),
        ...(fault === 2 ? [`import './missing.js';`] : []),
      ].join('\n');
    });

/** The root. Its operations leave out what they can't do, the same way each time. */
const ROOT = `
${FAR}
const attempt = f => { try { return f() ?? 'done'; } catch (e) { return e.name + ': ' + e.message; } };
export const buildRootObject = (vatPowers, parameters, baggage) => {
  const { VatData } = vatPowers;
  console.log('root', Object.keys(vatPowers).sort().join(), typeof VatData);
  const provide = (key, make) => {
    if (!baggage.has(key)) baggage.init(key, make());
    return baggage.get(key);
  };
  const lives = provide('lives', () => 0) + 1;
  baggage.set('lives', lives);
  if (parameters.failInLife === lives) throw Error('fails in life ' + lives);
  const handle = provide('handle', () => VatData.makeKindHandle('thing'));
  const methods = {
    get: ({ state }) => state.content,
    set: ({ state }, content) => { state.content = content; },
  };
  const makeDurable = VatData.defineDurableKind(handle, (content = null) => ({ content }), methods);
  const watcherHandle = provide('watcher', () => VatData.makeKindHandle('watcher'));
  const makeWatcher = VatData.defineDurableKind(watcherHandle, () => ({}), {
    onFulfilled: (_c, value, key) => { console.log('fulfilled', key, typeof value); },
    onRejected: (_c, reason, key) => { console.log('rejected', key, String(reason)); },
  });
  const makeVirtual = VatData.defineKind('virtual', (content = null) => ({ content }), methods);
  const durable = { durable: true };
  const strong = provide('strong', () => VatData.makeScalarBigMapStore('strong', durable));
  const shelf = new Map();
  const weak = new WeakMap();
  const kits = [];
  const local = {
    durable: name => void shelf.set(name, makeDurable()),
    virtual: name => void shelf.set(name, makeVirtual()),
    far: name => void shelf.set(name, Far('thing', { hello: x => [name, x] })),
    map: name => void shelf.set(name, VatData.makeScalarBigMapStore(name, durable)),
    weakMap: name => void shelf.set(name, VatData.makeScalarBigWeakMapStore(name)),
    link: (name, other) => shelf.get(name).set(shelf.get(other)),
    entry: (name, other) => shelf.get(name).init(shelf.get(other), other),
    read: name => String(shelf.get(name).get() !== null),
    mark: name => void weak.set(shelf.get(name), name),
    marked: name => String(weak.get(shelf.get(name))),
    keep: name => strong.init(name, shelf.get(name)),
    unkeep: name => strong.delete(name),
    fetch: name => void shelf.set(name, strong.get(name)),
    drop: name => shelf.delete(name),
    keys: () => [...strong.keys()].join(),
    send: name => {
      const result = HandledPromise.applyMethod(shelf.get(name), 'hello', [lives]);
      result.then(x => console.log('answer', typeof x), e => console.log('answer', e.message));
    },
    watch: name => {
      const result = HandledPromise.applyMethod(shelf.get(name), 'hello', [lives]);
      VatData.watchPromise(result, makeWatcher(), name);
    },
    owe: () => { kits.push(Promise.resolve()); },
    say: name => console.info('says', name, shelf.has(name), Error('said')),
    test: name => vatPowers.testLog('tests', name, shelf.size, { name, long: 'x'.repeat(60) }),
    compartment: name =>
      new Compartment({ globals: { name }, __options__: true }).evaluate('name + typeof VatData'),
    fail: name => { throw TypeError('failed at ' + name); },
  };
  return Far('root', {
    work: operations => operations.map(([op, ...args]) => attempt(() => local[op](...args))),
    receive: (name, thing) => void shelf.set(name, thing),
    give: name => shelf.get(name),
    promise: () => harden([new Promise(() => {})]),
    reject: async message => { await null; throw Error(message); },
    later: async n => { for (let i = 0; i < n; i += 1) await null; return lives; },
    spin: n => { let sum = 0; for (let i = 0; i < n; i += 1) sum += i; return sum; },
    exit: value => vatPowers.exitVat(value),
    exitWithFailure: message => vatPowers.exitVatWithFailure(Error(message)),
  });
};
`;

const sourcesOf = (modules: readonly string[]): Readonly<Record<string, string>> => ({
  vat: `${modules.map((_, i) => `import './m${i}.js';`).join('\n')}\n${ROOT}`,
  ...Object.fromEntries(modules.map((source, i) => [`m${i}`, source])),
});

const modules: fc.Arbitrary<readonly string[]> = fc
  .integer({ min: 1, max: 4 })
  .chain(n => fc.tuple(...Array.from({ length: n }, (_, i) => moduleOf(i, n))));

const MAKERS = ['durable', 'virtual', 'far', 'map', 'weakMap'] as const;
const OPERATIONS = [
  ...[...MAKERS, ...MAKERS, 'link', 'entry', 'read', 'mark', 'marked', 'keep', 'unkeep'],
  ...['fetch', 'drop', 'keys', 'send', 'watch', 'owe', 'say', 'test', 'compartment', 'fail'],
] as const;
const name = fc.constantFrom('a', 'b', 'c', 'd');

const messages: fc.Arbitrary<readonly [method: string, args: readonly unknown[]]> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom(...OPERATIONS), name, name), { maxLength: 8 })
      .map(operations => ['work', [operations]] as const),
  },
  name.map(given => ['give', [given]] as const),
  fc.constant(['promise', []] as const),
  fc.constant(['noSuchMethod', [1]] as const),
  fc.string({ maxLength: 60 }).map(text => ['reject', [text]] as const),
  fc.nat({ max: 9 }).map(n => ['later', [n]] as const),
  { weight: 1, arbitrary: fc.constant(['spin', [2_000]] as const) },
);

/** Imports that arrive: an object of another vat, by name. */
const imports = fc.tuple(name, fc.nat({ max: 3 })).map(([given, n]): VatDelivery => [
  'message',
  vref('o+0'),
  {
    methargs: {
      body: JSON.stringify(['receive', [given, '$0.Alleged: other']]).replace(/^/, '#'),
      slots: [vref(`o-${50 + n}`)],
    },
  },
]);

const deliveries: fc.Arbitrary<readonly VatDelivery[]> = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: messages.map(([method, args]) => (n: number) => [
          call(method, [...args], vref(`p-${60 + n}`)),
        ]),
      },
      { weight: 2, arbitrary: imports.map(delivery => () => [delivery]) },
      { weight: 2, arbitrary: fc.constant(() => [bringOutYourDead]) },
      {
        weight: 1,
        arbitrary: fc.nat({ max: 3 }).map(n => (): VatDelivery[] => [
          ['dropExports', [vref(`o+1${n}`)]],
          ['retireExports', [vref(`o+1${n}`)]],
        ]),
      },
      {
        weight: 1,
        arbitrary: fc.constant((): VatDelivery[] => [
          ['notify', [[vref('p+5'), false, { body: '#"settled"', slots: [] }]]],
        ]),
      },
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map(made => made.flatMap((make, n) => make(n)));

const lastWords: fc.Arbitrary<readonly VatDelivery[]> = fc.oneof(
  { weight: 8, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.constant([call('exit', ['over'])]) },
  { weight: 1, arbitrary: fc.constant([call('exitWithFailure', ['broken'])]) },
);

const life = (parameters: object): fc.Arbitrary<Life> =>
  fc.tuple(modules, deliveries, lastWords).map(([sources, worked, last]) => ({
    bundle: bundleModules(sourcesOf(sources)),
    deliveries: [startVat(parameters), ...worked, bringOutYourDead, ...last],
  }));

/** One to three lives of a vat, each an upgrade of the one before. */
export const vatLives: fc.Arbitrary<readonly Life[]> = fc
  .integer({ min: 0, max: 20 })
  .chain(failInLife => fc.array(life({ failInLife }), { minLength: 1, maxLength: 3 }));
