import { E, Far } from '@endo/far';
import { makePromiseKit } from '@endo/promise-kit';

/** Promises in every entanglement that vat code can tie them in. */
export const buildRootObject = () => {
  const kits = new Map();
  const kit = name => {
    if (!kits.has(name)) kits.set(name, makePromiseKit());
    return kits.get(name);
  };
  return Far('juggler', {
    /** A promise of this vat's, in a list so that it arrives as a promise. */
    promise: name => harden([kit(name).promise]),
    /** The same as the result itself: it is resolved to that promise. */
    forwarded: name => kit(name).promise,
    resolve: (name, value) => kit(name).resolve(value),
    reject: (name, reason) => kit(name).reject(reason),
    /** Resolves a promise of this vat's to one that somebody else decides. */
    follow: (name, [promise]) => {
      kit(name).resolve(promise);
    },
    /** Two promises, each resolved to a list that holds the other. */
    ring: () => {
      const there = makePromiseKit();
      const back = makePromiseKit();
      there.resolve(harden([back.promise]));
      back.resolve(harden([there.promise]));
      return harden([there.promise, back.promise]);
    },
    /** A promise resolved to a list that holds itself. */
    loop: () => {
      const loop = makePromiseKit();
      loop.resolve(harden([loop.promise]));
      return harden([loop.promise]);
    },
    /** Promises resolved to lists of promises, which all arrive at once. */
    tree: () => {
      const leaf = name => Promise.resolve(harden([name]));
      const branch = names => Promise.resolve(harden(names.map(leaf)));
      return harden([branch(['a', 'b']), branch(['c', 'd'])]);
    },
    /** Goes round a ring that somebody else made. */
    goRound: async (root, method, steps) => {
      let [at] = await E(root)[method]();
      for (let i = 0; i < steps; i += 1) [at] = await at;
      return at instanceof Promise ? `still a promise after ${steps}` : at;
    },
    /** Promises that are arguments of the message whose result they wait for. */
    settleAll: promises => Promise.allSettled(promises),
    call: (target, method, ...args) => E(target)[method](...args),
    callPromise: ([promise], method, ...args) => {
      promise.catch(() => undefined);
      return E(promise)[method](...args);
    },
    sendOnly: (target, method, ...args) => E.sendOnly(target)[method](...args),
    symbols: target =>
      Promise.allSettled([
        E(target)[Symbol.asyncIterator](),
        E(target)[Symbol.iterator](),
        E(target)[Symbol.for('registered')](),
      ]),
    [Symbol.asyncIterator]: () => 'asyncIterator',
    [Symbol.iterator]: () => 'iterator',
    [Symbol.for('registered')]: () => 'registered',
  });
};
