/* global VatData, HandledPromise */
import { importBundle } from '@endo/import-bundle';
import { Far } from '@endo/far';

const attempt = action => {
  try {
    return `${action()}`;
  } catch (error) {
    return `throws ${error.name}`;
  }
};

/** Looks around in the environment that vats live in, and at the powers that it is given. */
export const buildRootObject = vatPowers => {
  const { D } = vatPowers;
  let presence;
  return Far('inhabitant', {
    globals: names => harden(names.filter(name => name in globalThis)),
    vatData: () => harden(Object.keys(VatData).sort()),
    powers: () => harden(Object.keys(vatPowers).sort()),
    confinement: () =>
      harden({
        now: attempt(() => Date.now()),
        random: attempt(() => Math.random()),
        globalThis: attempt(() => {
          globalThis.leak = 1;
          return 'writable';
        }),
        primordial: attempt(() => {
          Object.prototype.leak = 1;
          return 'writable';
        }),
        evaluates: attempt(() => new Compartment().evaluate('1 + 1')),
        hardens: attempt(() => Object.isFrozen(harden({ a: [] }).a)),
        handled: typeof HandledPromise,
      }),
    /** Code from a bundlecap, in this vat. */
    load: async (bundlecap, method, ...args) => {
      const namespace = await importBundle(D(bundlecap).getBundle(), {
        endowments: { console, assert, VatData, HandledPromise },
      });
      const root = namespace.buildRootObject(harden({}), harden({}), new Map());
      return [D(bundlecap).getBundleID(), await root[method](...args)];
    },
    keep: thing => {
      presence = thing;
    },
    disavow: () => vatPowers.disavow(presence),
    use: () => E_ping(presence),
  });
};

const E_ping = presence => HandledPromise.applyMethod(presence, 'ping', []);
