/**
 * Programs that try to leave their compartment, or to find traces of another one. `answers.json` has
 * the answer that each module must give on every platform: what it exports as `answer`, or the error
 * of loading it.
 */

export interface Probe {
  readonly title: string;
  /**
   * Sources by specifier, loaded in this order. A name that begins with `raw` is a program as an
   * attacker would put it into an archive in place of the bundler's.
   */
  readonly modules: Readonly<Record<string, string>>;
  /** How many compartments load the modules, one after the other. */
  readonly compartments?: number;
}

/** Begins each module that is not raw. */
export const PRELUDE = `
const attempt = run => {
  try {
    return String(run());
  } catch (error) {
    return error instanceof Error ? error.name : 'threw ' + String(error);
  }
};
`;

/** A program that exports the value of an expression. */
const raw = (expression: string): string =>
  `({imports,onceVar})=>{imports([]);onceVar.answer(${expression});}`;

const FUNCTION_KINDS = `[
  function () {}, () => {}, class {}, async () => {}, function* () {}, async function* () {},
  { method() {} }.method, function () {}.bind(), Math.max, Object.getOwnPropertyDescriptor({ get a() {} }, 'a').get,
  Array, Proxy, harden, Compartment, eval, Function, meeting.nothing,
]`;

/** Names of the start compartment, of the engine, of \`ses\`, and of the supervisor. */
const FOREIGN_NAMES = `[
  ['issueCommand', typeof issueCommand], ['handleCommand', typeof handleCommand], ['print', typeof print],
  ['gc', typeof gc], ['performance', typeof performance], ['setTimeout', typeof setTimeout],
  ['setImmediate', typeof setImmediate], ['currentMeterLimit', typeof currentMeterLimit],
  ['resetMeter', typeof resetMeter], ['runProbe', typeof runProbe], ['compileModuleAhead', typeof compileModuleAhead], ['VatData', typeof VatData],
  ['testLog', typeof testLog], ['require', typeof require], ['process', typeof process],
  ['evalScope', typeof evalScope], ['moduleLexicals', typeof moduleLexicals],
  ['globalObject', typeof globalObject], ['scopeTerminator', typeof scopeTerminator],
  ['safeEvaluate', typeof safeEvaluate], ['compartmentFields', typeof compartmentFields],
  ['moduleEvaluator', typeof moduleEvaluator], ['lockdown', typeof lockdown], ['console', typeof console],
].filter(([, type]) => type !== 'undefined').join()`;

const isolation: readonly Probe[] = [
  {
    title: 'names of others are undefined',
    modules: {
      module: `export const answer = ${FOREIGN_NAMES};`,
      raw: raw(FOREIGN_NAMES),
      evaluated: `export const answer = (0, eval)(${JSON.stringify(FOREIGN_NAMES)});`,
      made: `export const answer = Function(${JSON.stringify(`return ${FOREIGN_NAMES}`)})();`,
    },
  },
  {
    title: 'unknown names have no value and can not be assigned',
    modules: {
      read: `export const answer = attempt(() => nope);`,
      assign: `export const answer = attempt(() => { nope = 1; });`,
      raw: raw(`(() => { try { nope = 1; return 'assigned'; } catch (e) { return e.name; } })()`),
    },
  },
  {
    title: 'modules of one compartment share its global object, and compartments do not',
    modules: {
      first: `globalThis.count = (globalThis.count ?? 0) + 1; export const answer = count;`,
      second: `count += 1; export const answer = [count, globalName].join();`,
    },
    compartments: 2,
  },
  {
    title: 'a module runs once in each compartment',
    modules: {
      first: `export const answer = meeting.places.size; meeting.places.set(Symbol(), 1);`,
      second: `import { answer as before } from 'first'; export const answer = before;`,
    },
    compartments: 2,
  },
  {
    title: 'live bindings are lexical names of their module only',
    modules: {
      first: `export let secret = 1; export const bump = () => { secret += 1; }; export let answer = typeof secret;`,
      second: `import { bump, secret as seen } from 'first'; bump(); export const answer = typeof secret + seen;`,
      raw: raw(`typeof secret + typeof bump`),
      last: `export let answer = typeof secret;`,
    },
  },
  {
    title: 'a child compartment shares intrinsics and no globals',
    modules: {
      module: `const child = new Compartment({ own: 1 });
        globalThis.parents = 1;
        export const answer = [
          child.globalThis.Array === Array, child.globalThis.Function === Function,
          child.globalThis.eval === eval, child.globalThis.Compartment === Compartment,
          child.evaluate('typeof parents + typeof meeting + own'),
          child.evaluate('globalThis.childs = 1; Object.getPrototypeOf(globalThis) === Object.prototype'),
          typeof childs,
        ].join();`,
    },
  },
  {
    title: 'template objects are frozen, of one site, and of one evaluation',
    modules: {
      first: `const tag = strings => strings;
        const site = () => tag\`a\${1}b\`;
        const known = meeting.places.get('template');
        meeting.places.set('template', site());
        export const answer = [
          site() === site(), tag\`a\${1}b\` === site(), known === site(), Object.isFrozen(site()),
          Object.isFrozen(site().raw), attempt(() => { site().secret = 1; }),
        ].join();`,
    },
    compartments: 2,
  },
  {
    title: 'the arguments of a program are its source, and its own',
    modules: {
      raw1: `(arguments.mark = 1, ${raw(`arguments.length + typeof arguments[0] + arguments[0].length`)})`,
      raw2: `(arguments[0] = 'changed', ${raw(`String(arguments.mark) + arguments[0]`)})`,
      raw3: raw(`String(arguments.mark) + arguments[0].slice(0, 20)`),
      raw4: raw(
        `(() => { try { return typeof arguments.callee; } catch (e) { return e.name; } })()`,
      ),
    },
    compartments: 2,
  },
  {
    title: 'constants of the global object are those of the moment',
    modules: {
      before: `export const answer = typeof constant;`,
      define: `Object.defineProperty(globalThis, 'constant', { value: 1 }); export const answer = constant;`,
      hide: `globalThis[Symbol.unscopables] = { constant: true }; export const answer = typeof constant;`,
      after: `export const answer = typeof constant;`,
      raw: raw(
        `(() => { try { constant = 2; return 'assigned'; } catch (e) { return e.message; } })()`,
      ),
      evaluated: `export const answer = (0, eval)('typeof constant');`,
      earlier: `export const answer = typeof constant + attempt(() => { undefined = 1; });`,
    },
  },
  {
    title: 'a frozen global object',
    modules: {
      freeze: `globalThis.late = 1; harden(globalThis); export const answer = late;`,
      module: `export const answer = [attempt(() => { late = 2; }), attempt(() => { globalThis.more = 1; }), late].join();`,
      raw: raw(
        `(() => { try { late = 2; return 'assigned'; } catch (e) { return e.message; } })()`,
      ),
    },
  },
];

const evaluators: readonly Probe[] = [
  {
    title: 'Function and its kin evaluate in the compartment, or not at all',
    modules: {
      module: `export const answer = ${FUNCTION_KINDS}.map(f =>
        attempt(() => f.constructor('return globalThis')() === globalThis)).join();`,
      prototypes: `export const answer = ${FUNCTION_KINDS}.map(f =>
        attempt(() => Object.getPrototypeOf(f).constructor('return 1')())).join();`,
      constructed: `export const answer = ${FUNCTION_KINDS}.map(f =>
        attempt(() => Reflect.construct(f.constructor, ['return 1'], Object)())).join();`,
      own: `export const answer = Function('return globalThis')() === globalThis;`,
    },
  },
  {
    // A fault of the engine: docs/vat-author.md warns of it.
    title: 'harden reaches the elements of arrays, but for those that Array.from makes of a length',
    modules: {
      module: `const make = () => ({});
const reached = list => harden(list).filter(Object.isFrozen).length;
export const answer = [
  reached(Array.from({ length: 3 }, make)), reached(Array.from([1, 2, 3], make)),
  reached(Array(3).fill(0).map(make)), reached(Array.from({ length: 3 }, make).slice()),
].join();`,
    },
  },
  {
    title: 'this is undefined',
    modules: {
      module: `export const answer = [typeof this, (function () { return typeof this; })(),
        Function('return typeof this')(), (0, eval)('typeof this'), (() => typeof this)()].join();`,
      raw: raw(
        `[typeof this, this === globalThis, (function () { return typeof this; })()].join()`,
      ),
    },
  },
  {
    title: 'all code is strict',
    modules: {
      callee: `export const answer = attempt(() => (function () { return arguments.callee; })());`,
      caller: `export const answer = attempt(() => (function f() { return f.caller; })());`,
      made: `export const answer = ['with({}){}', '010', 'delete x', 'arguments = 1', 'var static', 'eval = 1']
        .map(text => attempt(() => Function(text))).join();`,
      evaluated: `export const answer = ['with({}){}', '010', 'var x; delete x', 'sloppy = 1', 'var eval']
        .map(text => attempt(() => (0, eval)(text))).join();`,
      raw: `with({}) ({})`,
    },
  },
  {
    title: 'eval is the one of the compartment, and sees no local names',
    modules: {
      direct: `export const answer = attempt(() => (0, eval)('eva' + 'l("1")'));`,
      parenthesized: `const local = 1; export const answer = attempt(() => (eval)('typeof local'));`,
      indirect: `const local = 1; export const answer = (0, eval)('typeof local + (globalThis === this)');`,
      leaking: `(0, eval)('var leaked = 1'); export const answer = typeof leaked;`,
      twice: `export const answer = [eval, eval, globalThis.eval].every(each => each === eval);`,
      raw: `[eval, eval].every(each => each === globalThis.eval) && (${raw('eval === globalThis.eval')})`,
      rawDirect: raw(`eval('1')`),
    },
  },
  {
    title: 'eval is safe after an evaluation within another, and after one that failed',
    modules: {
      raw1: `(meeting.places.get('load')('raw2'), ${raw(`eval === globalThis.eval && globalThis.inner`)})`,
      raw2: `(globalThis.inner = eval === globalThis.eval, ${raw(`inner`)})`,
      rawThrowing: `(() => { throw Error('on purpose'); })()`,
      rawBroken: `}`,
      rawLast: `(globalThis.last = eval === globalThis.eval, ${raw(`last && eval === globalThis.eval`)})`,
    },
  },
  {
    title: 'global names do not change how modules are evaluated',
    modules: {
      replace: `globalThis.eval = () => 'replaced'; globalThis.evalScope = { eval: 1 };
        globalThis.moduleLexicals = { own: 1 }; globalThis.arguments = 1; export const answer = (0, eval)('x');`,
      raw: raw(`[(0, eval)('x'), typeof own, typeof arguments[0], evalScope.eval].join()`),
      module: `export const answer = [(0, eval)('x'), typeof own, attempt(() => arguments.length)].join();`,
    },
  },
  {
    title: 'import expressions are refused',
    modules: {
      raw1: raw(`import('x')`),
      raw2: `/*\n*/\n${raw(`import\u2028('x')`)}`,
      raw3: raw(`import/**/('x')`),
      raw4: raw(`import //\n('x')`),
      raw5: raw(`'import (in a string)'`),
      rawMember: raw(`({ import: x => x }).import('x')`),
      rawSpread: raw(`[...import('x')]`),
      evaluated: `export const answer = ['imp' + 'ort("x")', '/**/ imp' + 'ort ("x")'].map(text => { try { return (0, eval)(text); } catch (e) { return e.message; } }).join();`,
      made: `export const answer = attempt(() => Function('return imp' + 'ort("y")'));`,
      parameter: `export const answer = attempt(() => Function('a = imp' + 'ort("y")', ''));`,
    },
  },
  {
    title: 'HTML comments are refused',
    modules: {
      raw1: raw(`1 <!-- 2`),
      raw2: `\n\n${raw(`(a => a --> 0)(1)`)}`,
      raw3: raw(`'<!-- in a string'`),
      evaluated: `export const answer = ['1 <' + '!-- 2', '\\n--' + '> x', '"<' + '! --"'].map(text => { try { return (0, eval)(text); } catch (e) { return e.message; } }).join();`,
      made: `export const answer = attempt(() => Function('return 1 <' + '!-- 2'));`,
    },
  },
  {
    title: 'programs that are more or less than one expression are refused',
    modules: {
      raw1: `return 1`,
      raw2: `0); }).call(this.globalObject); } } globalThis.pwned = 1; with({}) { with({}) { return (function(){ return (()=>{}`,
      raw3: `() => {}) } /* */ ; ({`,
      raw4: `new.target`,
      raw5: `super.x`,
      raw6: `await 1`,
      raw7: `import.meta`,
      rawTail: `${raw(`typeof pwned`)} // tail`,
    },
  },
  {
    title: 'options of evaluate',
    modules: {
      module: `
        const log = [];
        const watch = new Proxy({}, {
          ownKeys: () => { log.push('ownKeys'); return []; },
          get: (_, key) => { log.push('get ' + String(key)); },
          has: (_, key) => { log.push('has ' + String(key)); return false; },
          getOwnPropertyDescriptor: (_, key) => { log.push('gopd ' + String(key)); },
        });
        const c = new Compartment({ own: 1 }, {}, { transforms: [text => text + '/* seen */'] });
        const run = (text, options) => { try { return String(c.evaluate(text, options)); } catch (e) { return e.name; } };
        export const answer = [
          run('own', {}), run('own', { __moduleShimLexicals__: {} }), run('a + own', { __moduleShimLexicals__: { a: 1 } }),
          run('typeof a', { __moduleShimLexicals__: {} }), run('own', { __moduleShimLexicals__: watch }), log.join(),
          run('own', { __moduleShimLexicals__: null }), run('own', { __moduleShimLexicals__: 'ab' }),
          run('0', { __moduleShimLexicals__: { [Symbol.unscopables]: { own: true } } }),
          run('free = 3, typeof free', { sloppyGlobalsMode: true }), run('free2 = 3', { __moduleShimLexicals__: {} }),
          run('free3 = 3, typeof free3', { __moduleShimLexicals__: {}, sloppyGlobalsMode: true }),
          run('free4 = 3', { __moduleShimLexicals__: {} }),
        ].join(';');`,
    },
  },
];

const intrinsics: readonly Probe[] = [
  {
    title: 'no intrinsic can be changed',
    modules: {
      add: `export const answer = [Object, Array, Function, Promise, Map, RegExp, Error, Symbol, Proxy, Reflect, JSON, Math, Compartment, harden]
        .flatMap(each => [each, each.prototype]).filter(each => each !== undefined)
        .map(each => attempt(() => { each.added = 1; })).join();`,
      replace: `export const answer = [
        () => { Array.prototype.push = 1; }, () => { Object.prototype.toString = 1; },
        () => { Promise.prototype.then = 1; }, () => { Function.prototype.call = 1; },
        () => { RegExp.prototype.exec = 1; }, () => { Symbol.iterator = 1; },
        () => { delete Map.prototype.get; }, () => { Object.setPrototypeOf(Array.prototype, null); },
        () => { ({}).__proto__.__proto__ = {}; }, () => { Object.defineProperty(Array, Symbol.species, { value: 1 }); },
      ].map(attempt).join();`,
      override: `const own = {}; own.toString = () => 'own'; export const answer = String(own);`,
    },
  },
  {
    title: 'prototypes of iterators, generators and other hidden intrinsics are frozen',
    modules: {
      module: `const protoOf = Object.getPrototypeOf;
        export const answer = [
          [][Symbol.iterator](), new Map().entries(), new Set().values(), ''[Symbol.iterator](), 'a'.matchAll(/a/g),
          (function* () {})(), (async function* () {})(), function* () {}, async function* () {}, async () => {},
          new Uint8Array(), Promise.resolve(), Object(1n), Object(Symbol()),
        ].map(each => { const proto = protoOf(each); const up = protoOf(proto);
          return Object.isFrozen(proto) && (up === null || Object.isFrozen(up)) && attempt(() => { proto.added = 1; }); }).join();`,
      shared: `const iterator = [1, 2][Symbol.iterator](); meeting.places.set('iterator', iterator);
        export const answer = [attempt(() => { iterator.added = 1; }), Object.isFrozen(harden(iterator)), iterator.next().value].join();`,
    },
  },
  {
    title: 'time and chance',
    modules: {
      module: `export const answer = [() => Date.now(), () => new Date(), () => Date(), () => Math.random(),
        () => new Date(0).toISOString(), () => new Date(0).constructor.now(), () => Reflect.construct(Date, [])].map(attempt).join();`,
    },
  },
  {
    title: 'regular expressions leave nothing behind',
    modules: {
      module: `/(secret)/.exec('secret'); export const answer = [
          ...['$1', 'lastMatch', 'input', 'lastParen', 'leftContext', '$_', '$&'].map(name => typeof RegExp[name]),
          typeof RegExp.prototype.compile, attempt(() => RegExp.constructor('return 1')()), RegExp.prototype.constructor === RegExp,
        ].join();`,
    },
    compartments: 2,
  },
  {
    title: 'registered symbols are shared, and carry nothing',
    modules: {
      module: `const known = meeting.places.get('symbol'); const symbol = Symbol.for('registered'); meeting.places.set('symbol', symbol);
        export const answer = [known === symbol, Symbol.keyFor(symbol), attempt(() => { symbol.secret = 1; }),
          Symbol.keyFor(Symbol.iterator), Symbol.for('Symbol.iterator') === Symbol.iterator].join();`,
    },
    compartments: 2,
  },
  {
    title: 'errors tell nothing about their callers',
    modules: {
      module: `const error = Error('m'); export const answer = [
          typeof error.stack, error.stack, Object.getOwnPropertyNames(error).sort().join('/'), typeof Error.captureStackTrace, typeof Error.stackTraceLimit,
          attempt(() => { Error.prepareStackTrace = () => 'taken'; return Error('m').stack; }),
          attempt(() => { const o = {}; Error.captureStackTrace(o); return typeof o.stack; }),
          attempt(() => { error.stack = 'mine'; return error.stack; }), error.constructor === Error,
          Object.getPrototypeOf(TypeError) === Error, attempt(() => null.x),
        ].join(';');`,
      raw: raw(`Error('m').stack`),
      evaluated: `export const answer = (0, eval)('Error("m").stack');`,
    },
  },
];

/** Everything that a program can reach, with what it may do to it. */
const CENSUS = `
  const seen = new Map(); const lines = [];
  const walk = (value, path) => {
    if (Object(value) !== value || seen.has(value)) return;
    seen.set(value, path);
    lines.push([path, typeof value, Object.isFrozen(value), value === globalThis ? '' : Object.prototype.toString.call(value)].join());
    walk(Object.getPrototypeOf(value), path + '.proto');
    for (const key of Reflect.ownKeys(value).sort((a, b) => (String(a) < String(b) ? -1 : 1))) {
      const d = Object.getOwnPropertyDescriptor(value, key); const at = path + '.' + String(key);
      lines.push([at, typeof d.value, typeof d.get, typeof d.set, d.writable, d.enumerable, d.configurable,
        typeof d.value === 'function' ? d.value.length : Object(d.value) === d.value ? '' : String(d.value)].join());
      walk(d.value, at); walk(d.get, at + '.get'); walk(d.set, at + '.set');
    }
  };
  walk(globalThis, '');
  for (const [name, hidden] of Object.entries({ generator: function* () {}, asyncGenerator: async function* () {},
    async: async () => {}, array: [][Symbol.iterator](), map: new Map().entries(), set: new Set().values(), string: ''[Symbol.iterator](),
    matches: ''.matchAll(/a/g), typed: Uint8Array })) walk(Object.getPrototypeOf(hidden), name);
`;

export const census = {
  module: `${CENSUS} export const answer = lines.join('\\n');`,
  raw: `({imports,onceVar})=>{imports([]);${CENSUS} onceVar.answer(lines.length > 1000);}`,
};

export const PROBES: readonly Probe[] = [...isolation, ...evaluators, ...intrinsics];
