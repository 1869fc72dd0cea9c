/**
 * Probes for escapes and for state that compartments share: a vat of two packages that prints an
 * answer for each. Answers name values, never objects.
 */
import type { Bundle } from '../../../../lib/store/types.js';
import { bundlePackages, cjsModule, esModule, FAR, fileOf } from './archives.js';

/** Expressions that the vat evaluates, with the helpers of `HELPERS` in scope. */
export const PROBES: Readonly<Record<string, string>> = {
  powers: `['issueCommand', 'handleCommand', 'print', 'gc', 'resetMeter', 'currentMeterLimit',
    'lockdown', 'process', 'require', 'setImmediate', 'setTimeout', '__warmFunctor'].map(name =>
    name + ':' + typeof globalThis[name]).join()`,
  names: `Object.getOwnPropertyNames(globalThis).sort().join()`,
  frozenGlobal: `String(Object.isFrozen(globalThis))`,
  addGlobal: `trying(() => { globalThis.leak = 1; return globalThis.leak; })`,
  replaceGlobal: `trying(() => { globalThis.WeakMap = 1; return typeof WeakMap; })`,
  deleteGlobal: `trying(() => delete globalThis.VatData)`,
  intrinsics: `[Object, Array, Function, Error, Promise, Map, RegExp, String, Symbol, Reflect, JSON]
    .flatMap(i => [i, i.prototype]).filter(i => i !== undefined && !Object.isFrozen(i)).length`,
  mutateArray: `trying(() => { Array.prototype.leak = 1; return [].leak; })`,
  mutateFunction: `trying(() => { Function.prototype.call = () => 'mine'; return 'mutated'; })`,
  mutateError: `trying(() => { Error.prototype.name = 'Mine'; return Error('x').name; })`,
  mutatePromise: `trying(() => { Promise.prototype.then = () => 'mine'; return 'mutated'; })`,
  mutateEndowment: `trying(() => { VatData.leak = 1; return VatData.leak; })`,
  mutateConsole: `trying(() => { console.log = () => 'mine'; return 'mutated'; })`,
  mutateTextDecoder: `trying(() => { TextDecoder.prototype.leak = 1; return 'mutated'; })`,
  mutateHandledPromise: `trying(() => { HandledPromise.leak = 1; return 'mutated'; })`,
  mutateBase64: `trying(() => { Base64.encode = () => 'mine'; return 'mutated'; })`,
  template: `(() => { const tag = t => t; const make = () => tag\`a\${1}b\`;
    return [make() === make(), Object.isFrozen(make()), make() === otherTemplate()].join(); })()`,
  templateOfOther: `Object.isFrozen(otherTemplate()) + String(otherTemplate() === otherTemplate())`,
  sloppyThis: `trying(() => (function () { return typeof this; })())`,
  functorArguments: `trying(() => typeof arguments + arguments.length)`,
  callee: `trying(() => (function () { return arguments.callee; })())`,
  caller: `trying(() => (function f() { return f.caller; })())`,
  functionConstructor: `trying(() => (() => {}).constructor('return this')())`,
  asyncConstructor: `trying(() => (async () => {}).constructor('return 1'))`,
  generatorConstructor: `trying(() => (function* () {}).constructor('yield 1'))`,
  functionGlobal: `trying(() => Function('return globalThis')() === globalThis)`,
  functionSees: `trying(() => Function('return typeof VatData + typeof issueCommand')())`,
  evalSees: `trying(() => (0, eval)('typeof VatData + typeof issueCommand'))`,
  evalGlobal: `trying(() => (0, eval)('this') === globalThis)`,
  importInEval: `trying(() => (0, eval)('im' + 'port("./other.js")'))`,
  htmlComment: `trying(() => (0, eval)('1 <!' + '-- 2'))`,
  otherGlobal: `[otherGlobal === globalThis, otherGlobal.VatData === VatData,
    otherGlobal.Compartment === Compartment, otherGlobal.eval === eval,
    otherGlobal.Function === Function, otherGlobal.console === console].join()`,
  otherLeaks: `trying(() => { otherGlobal.leak = 1; return 'leaked'; })`,
  sharedIntrinsics: `[otherGlobal.Array === Array, otherGlobal.WeakMap === WeakMap].join()`,
  childGlobals: `Object.getOwnPropertyNames(new Compartment().globalThis).sort().join()`,
  childSees: `new Compartment().evaluate('typeof VatData + typeof console + typeof issueCommand')`,
  childWeakMap: `[new Compartment().globalThis.WeakMap === WeakMap,
    new Compartment().evaluate('new Compartment().globalThis.WeakMap') === WeakMap].join()`,
  childConstructor: `trying(() => new (new Compartment().globalThis.Compartment)() instanceof Compartment)`,
  childMutable: `(() => { const c = new Compartment(); c.globalThis.x = 1; return c.evaluate('x'); })()`,
  compartmentPrototype: `[Compartment.prototype.constructor === Compartment,
    trying(() => Compartment.prototype.constructor().globalThis)].join()`,
  compartmentCalled: `trying(() => Compartment())`,
  escapeByPrototype: `trying(() => {
    const c = new Compartment.prototype.constructor();
    return String(c.globalThis.WeakMap === WeakMap);
  })`,
  lexicals: `[typeof makePort, typeof archives, typeof importVat, typeof compartment, typeof scopeTerminator,
    typeof globalObject, typeof evalScope, typeof moduleLexicals].join()`,
  undefinedName: `trying(() => nothingOfTheKind)`,
  assignName: `trying(() => { nothingOfTheKind = 1; return 'assigned'; })`,
  errorStack: `typeof Error('x').stack + String(Error('x').stack).length`,
  errorOwnStack: `trying(() => Object.getOwnPropertyNames(Error('x')).join())`,
  prepareStackTrace: `trying(() => { Error.prepareStackTrace = () => 'mine'; return Error('x').stack; })`,
  captureStackTrace: `typeof Error.captureStackTrace`,
  weakRef: `typeof WeakRef + typeof FinalizationRegistry`,
  date: `trying(() => Date.now()) + trying(() => new Date().getTime())`,
  random: `trying(() => Math.random())`,
  regExpStatics: `trying(() => { /(a)/.test('a'); return String(RegExp.$1); })`,
  symbolRegistry: `String(Symbol.for('a') === otherGlobal.Symbol.for('a'))`,
  namespace: `[Object.isFrozen(ns), Object.isExtensible(ns), trying(() => { ns.value = 2; }),
    Object.getOwnPropertyNames(ns).join()].join()`,
  data: `JSON.stringify(data) + trying(() => { data.a = 2; return data.a; })`,
  text: `text`,
  cjs: `cjs.toString()`,
  cjsThis: `String(cjsThis)`,
  liveBinding: `[live, bumpLive(), live].join()`,
};

const HELPERS = `
const trying = f => { try { return String(f()); } catch (e) { return e.name + ': ' + e.message; } };
`;

const VAT = `
import * as ns from './other.js';
import data from './data.json';
import text from './text.txt';
import cjs from './common.cjs';
import cjsThis from './this.cjs';
import { otherGlobal, otherTemplate, live, bumpLive } from 'neighbour';
${FAR}
${HELPERS}
const answers = [];
${Object.entries(PROBES)
  .map(([name, probe]) => `answers.push(['${name}', String(${probe})]);`)
  .join('\n')}
export const buildRootObject = vatPowers =>
  Far('prober', {
    answers: () => harden(answers),
    sameInBuild: () => String(vatPowers.VatData === VatData),
  });
`;

const NEIGHBOUR = `
export const otherGlobal = globalThis;
const tag = t => t;
export const otherTemplate = () => tag\`a\${1}b\`;
export let live = 0;
export const bumpLive = () => { live += 1; return live; };
`;

export const bundleProber = (): Bundle =>
  bundlePackages({
    prober: {
      './vat.js': esModule(VAT),
      './other.js': esModule('export let value = 1; export default () => value;'),
      './data.json': fileOf('json', '{"a": 1}'),
      './text.txt': fileOf('text', 'a text\u2028'),
      './common.cjs': cjsModule(
        `const other = require('./this.cjs'); module.exports = () => 'cjs ' + typeof require + other;`,
        ['./this.cjs'],
      ),
      './this.cjs': cjsModule(
        `module.exports = [this === exports, typeof __filename, typeof globalThis.VatData].join();`,
      ),
      neighbour: { compartment: 'neighbour-v1.0.0', module: '.' },
    },
    neighbour: {
      '.': { compartment: 'neighbour-v1.0.0', module: './index.js' },
      './index.js': esModule(NEIGHBOUR),
    },
  });
