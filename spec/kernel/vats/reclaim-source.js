// Exports objects and promises to a holder, and keeps none of the objects.
import { Far } from '@endo/far';
import { E } from '@endo/eventual-send';

export const buildRootObject = () => {
  const pending = new Map();
  const make = count =>
    Array.from({ length: count }, (_, index) =>
      Far('thing', { label: () => `thing ${index}`, self: thing => thing }),
    );
  const makePromise = name => new Promise(resolve => pending.set(name, resolve));
  const known = new WeakMap();
  let devices;
  return Far('root', {
    bootstrap: (vats, given) => {
      devices = given;
      return E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
    },
    giveDevice: (holder, durably) => E(holder).keepDevice(devices.vatAdmin, durably),
    give: (holder, method, count) => E(holder)[method](make(count)),
    giveOne: (holder, method, ...rest) => E(holder)[method](make(1)[0], ...rest),
    giveRows: (holder, rows, count) => E(holder).holdInVirtualMap(rows, make(count)),
    giveTo: (holder, methods, count) => {
      const things = make(count);
      return Promise.all(methods.map(method => E(holder)[method](things)));
    },
    givePromise: (holder, method, name, ...rest) => E(holder)[method](makePromise(name), ...rest),
    givePromises: (holder, method, names) => E(holder)[method](names.map(makePromise)),
    settle: (name, value) => pending.get(name)(value),
    takeKit: async holder => void known.set(await E(holder).exportKit('kit'), 'kit'),
    makeOne: () => make(1)[0],
    askBack: async (holder, key) => E(await E(holder).getStrong(key)).label(),
    knownWeakly: async (holder, key) => E(holder).knowsWeakly(await E(holder).getStrong(key)),
  });
};
