import { E, Far } from '@endo/far';
import { makeScalarBigWeakSetStore } from '@agoric/vat-data';

/** Keeps what it is given, strongly or weakly, until it is told otherwise. */
export const buildRootObject = () => {
  let held = [];
  const known = makeScalarBigWeakSetStore('known');
  const resolvers = new Map();
  return Far('holder', {
    bootstrap: () => undefined,
    hold: (...things) => {
      held.push(...things);
    },
    drop: () => {
      held = [];
    },
    recognize: thing => {
      known.add(thing);
    },
    forget: thing => {
      known.delete(thing);
    },
    makeObject: () => Far('thing', { hello: () => 'hello' }),
    makePromise: name =>
      new Promise((resolve, reject) => {
        resolvers.set(name, { resolve, reject });
      }),
    getPromise: name => ({
      promise: new Promise((resolve, reject) => {
        resolvers.set(name, { resolve, reject });
      }),
    }),
    resolve: (name, value) => resolvers.get(name).resolve(value),
    reject: (name, reason) => resolvers.get(name).reject(Error(reason)),
    /** Sends to something and does not wait for the answer. */
    send: (target, method, ...args) => {
      const answer = E(target)[method](...args);
      answer.catch(() => {});
    },
    sendOnly: (target, method, ...args) => {
      const only = E.sendOnly(target);
      only[method](...args);
    },
    ask: (target, method, ...args) => E(target)[method](...args),
  });
};
