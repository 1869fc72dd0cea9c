/** Attempts to reach the host, the supervisor, the clock, or what all code of the worker shares. */
import { Far } from '@endo/far';

/** In no vat. Nothing is reached without a name, so a few ways to say the name. */
const FORBIDDEN = [
  'process',
  'require',
  'module',
  'Buffer',
  'global',
  'window',
  'self',
  'fetch',
  'WebAssembly',
  'Worker',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearImmediate',
  'performance',
  'SharedArrayBuffer',
  'Atomics',
  'WeakRef',
  'FinalizationRegistry',
  'gc',
  'print',
  'issueCommand',
  'handleCommand',
  'resetMeter',
  'currentMeterLimit',
  'vatPowers',
  'syscall',
];

/** What code finds under a name, without the vat's own compartment in between where that can be. */
const ways = [
  name => globalThis[name],
  name => (0, eval)(`typeof ${name} === 'undefined' ? undefined : ${name}`),
  name => Function(`return typeof ${name} === 'undefined' ? undefined : ${name}`)(),
  name => Function('return this')()?.[name],
  name => (() => {}).constructor(`return this`)()?.[name],
  name => new Compartment().globalThis[name],
  name => new Compartment().evaluate(`typeof ${name} === 'undefined' ? undefined : ${name}`),
  name => Object.getPrototypeOf(globalThis)[name],
  name =>
    (function sloppy() {
      return this;
    })()?.[name],
  name => Object.getPrototypeOf(async () => {}).constructor(`return ${name}`)(),
  name =>
    Object.getPrototypeOf(function* empty() {})
      .constructor(`yield ${name}`)()
      .next().value,
];

/** What comes of it, or undefined for errors and promises that fail. */
const attempt = async act => {
  try {
    return await act();
  } catch {
    return undefined;
  }
};

/** Changes to what every module of the worker shares, each of which must fail. */
const pollutions = {
  'Object.prototype': () => {
    Object.prototype.polluted = true;
    return {}.polluted;
  },
  'Object.prototype by definition': () => {
    Object.defineProperty(Object.prototype, 'polluted', { get: () => true });
    return {}.polluted;
  },
  'Array.prototype.push': () => {
    const { push } = Array.prototype;
    Array.prototype.push = () => 0;
    return Array.prototype.push !== push;
  },
  'Promise.prototype.then': () => {
    const { then } = Promise.prototype;
    Promise.prototype.then = () => undefined;
    return Promise.prototype.then !== then;
  },
  'an iterator': () => {
    const proto = Object.getPrototypeOf([][Symbol.iterator]());
    proto.next = () => ({ done: true });
    return [...[1]].length === 0;
  },
  'the prototype of a prototype': () => {
    Object.setPrototypeOf(Object.prototype, { polluted: true });
    return {}.polluted;
  },
  'a module of the vat': () => {
    Far.polluted = true;
    return Far.polluted;
  },
  'JSON.stringify': () => {
    JSON.stringify = () => 'x';
    return JSON.stringify({}) === 'x';
  },
  'Error.prototype.toString': () => {
    Error.prototype.toString = () => 'x';
    return `${Error('y')}` === 'x';
  },
  'the console': () => {
    console.log = () => undefined;
    return Object.isFrozen(console) === false;
  },
  'Symbol.prototype': () => {
    Symbol.prototype.polluted = true;
    return Symbol('x').polluted;
  },
  'regular expressions': () => {
    const { exec } = RegExp.prototype;
    RegExp.prototype.exec = () => null;
    return RegExp.prototype.exec !== exec;
  },
  harden: () => {
    harden.polluted = true;
    return harden.polluted;
  },
  'a getter that a data property replaces': () => {
    const error = Error('x');
    Object.getPrototypeOf(error).name = 'x';
    return Error('y').name === 'x';
  },
};

export const reaches = {
  reachesHost: async () => {
    const reached = [];
    for (const name of FORBIDDEN) {
      for (const [index, way] of ways.entries()) {
        const found = await attempt(() => way(name));
        if (found !== undefined) reached.push(`${name} by way ${index}`);
      }
    }
    return harden(reached);
  },
  importsModules: async () => {
    const reached = [];
    for (const name of ['fs', 'node:fs', 'child_process', 'file:///etc/passwd', './hostile.js']) {
      for (const source of [`im${'port'}('${name}')`, `new Compartment().im${'port'}('${name}')`]) {
        if ((await attempt(() => (0, eval)(source))) !== undefined) reached.push(source);
      }
    }
    return harden(reached);
  },
  readsClock: async () => {
    const read = {
      now: await attempt(() => Date.now()),
      date: await attempt(() => new Date().getTime()),
      text: await attempt(() => Date()),
      random: await attempt(() => Math.random()),
      elsewhere: await attempt(() => new Compartment().evaluate('Date.now()')),
    };
    const isTime = value => value !== undefined && !/NaN|Invalid/.test(String(value));
    return harden(Object.keys(read).filter(key => isTime(read[key])));
  },
  pollutes: async () => {
    const polluted = [];
    for (const [name, act] of Object.entries(pollutions)) {
      if (await attempt(act)) polluted.push(name);
    }
    return harden(polluted);
  },
  /** Its own globals are its own business, and its messages go out all the same. */
  replacesGlobals: () => {
    for (const name of ['JSON', 'Promise', 'Object', 'Array', 'BigInt', 'Map', 'Error', 'harden']) {
      Reflect.set(globalThis, name, () => {
        throw Error('replaced');
      });
    }
    return 'tried';
  },
  readsStacks: () => {
    const error = Error('where');
    const { stack } = error;
    return harden([typeof stack === 'string' ? stack : '', typeof Error.prepareStackTrace]);
  },
  walksCallers: () => {
    const found = [];
    const walker = new Function('return arguments.callee?.caller');
    for (const act of [() => walker(), () => walker.caller, () => walker.arguments]) {
      try {
        const value = act();
        if (value !== undefined && value !== null) found.push(typeof value);
      } catch {
        // As it should be.
      }
    }
    return harden(found);
  },
  /** The powers that it was given are all that there is. */
  changesPowers: ({ vatPowers }) => {
    const changed = [];
    for (const name of Object.getOwnPropertyNames(vatPowers)) {
      try {
        vatPowers[name] = () => undefined;
        changed.push(name);
      } catch {
        // Frozen.
      }
    }
    return harden(changed);
  },
};
