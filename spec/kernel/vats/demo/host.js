import { E, Far } from '@endo/far';

/**
 * The bootstrap vat of the specs: keeps everything it gets to know by name, so that a spec can
 * drive vats through it by messages of its own.
 */
export const buildRootObject = () => {
  const known = new Map();
  let service;

  const settled = async promise => {
    try {
      return ['fulfilled', await promise];
    } catch (reason) {
      return ['rejected', reason instanceof Error ? reason.message : reason];
    }
  };

  return Far('host', {
    bootstrap: async (vats, devices) => {
      for (const [name, root] of Object.entries(vats)) known.set(name, root);
      for (const [name, node] of Object.entries(devices)) known.set(`device:${name}`, node);
      service = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
    },

    /** Sends and answers what became of it. */
    send: (target, method, ...args) => settled(E(known.get(target))[method](...args)),
    /** As `send`, with known things as arguments. */
    give: (target, method, ...names) =>
      settled(E(known.get(target))[method](...names.map(name => known.get(name)))),
    /** As `send`; arguments that are names of known things stand for these. */
    relay: (target, method, ...args) =>
      settled(
        E(known.get(target))[method](...args.map(arg => (known.has(arg) ? known.get(arg) : arg))),
      ),
    /** Keeps the result under a name. */
    keep: async (name, target, method, ...args) => {
      known.set(name, await E(known.get(target))[method](...args));
    },
    /** Keeps the promise itself; `outcome` tells about it. */
    promise: (name, target, method, ...args) => {
      const promise = E(known.get(target))[method](...args);
      promise.catch(() => undefined);
      known.set(name, promise);
    },
    outcome: name => settled(known.get(name)),
    /** Sends and does not look back. */
    cast: (target, method, ...args) => {
      const result = E(known.get(target))[method](...args);
      result.catch(() => undefined);
    },
    /** Two messages down a pipeline: the second goes to the first one's promise. */
    pipeline: (target, first, second, ...args) =>
      settled(E(E(known.get(target))[first]())[second](...args)),
    forget: name => {
      known.delete(name);
    },

    keepBundleCap: async (name, bundleName) => {
      known.set(name, await E(service).getNamedBundleCap(bundleName));
    },
    createVat: async (name, bundleName, options = {}) => {
      const { critical, meter, ...rest } = options;
      const bundleCap = await E(service).getNamedBundleCap(bundleName);
      const outcome = await settled(
        E(service).createVat(bundleCap, {
          ...rest,
          ...(meter && { meter: known.get(meter) }),
          ...(critical && { critical: known.get(critical) }),
        }),
      );
      if (outcome[0] === 'rejected') return outcome;
      known.set(name, outcome[1].root);
      known.set(`${name}:admin`, outcome[1].adminNode);
      const done = E(outcome[1].adminNode).done();
      done.catch(() => undefined);
      known.set(`${name}:done`, done);
      return 'created';
    },
    upgrade: async (name, bundleName, options) => {
      const bundleCap = await E(service).getNamedBundleCap(bundleName);
      return settled(E(known.get(`${name}:admin`)).upgrade(bundleCap, options));
    },
    terminate: (name, reason) =>
      settled(E(known.get(`${name}:admin`)).terminateWithFailure(Error(reason))),
    createMeter: async (name, remaining, threshold) => {
      known.set(name, await E(service).createMeter(remaining, threshold));
    },
    createUnlimitedMeter: async name => {
      known.set(name, await E(service).createUnlimitedMeter());
    },
    meter: name => E(known.get(name)).get(),
    notified: name => {
      const notifier = E(known.get(name)).getNotifier();
      known.set(`${name}:notice`, E(notifier).getUpdateSince());
    },
    /** `outcome` of `${name}:next` tells of the first update that comes from now on. */
    notifiedNext: async name => {
      const notifier = E(known.get(name)).getNotifier();
      const { updateCount } = await E(notifier).getUpdateSince();
      known.set(`${name}:next`, E(notifier).getUpdateSince(updateCount));
    },
  });
};
