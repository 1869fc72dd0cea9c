/** Makes keepers and speaks to them; knows them durably. */
import { E, Far } from '@endo/far';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const known = provide(baggage, 'known', () => makeScalarBigMapStore('known', { durable: true }));
  const get = name => known.get(name);
  const pending = new Map();

  return Far('root', {
    async bootstrap(vats, devices) {
      known.init('vatAdmin', await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin));
      known.init('static', vats.static);
      known.init('counter', devices.counter);
    },
    async create(name, vatParameters) {
      const made = await E(get('vatAdmin')).createVatByName('keeper', { name, vatParameters });
      known.init(name, made.root);
      known.init(`admin ${name}`, made.adminNode);
    },
    async upgrade(name, vatParameters) {
      const bundlecap = await E(get('vatAdmin')).getNamedBundleCap('keeper');
      return E(get(`admin ${name}`)).upgrade(bundlecap, { vatParameters });
    },
    terminate: name => E(get(`admin ${name}`)).terminateWithFailure('enough'),
    send: (name, method, ...args) => E(get(name))[method](...args),
    /** Keeps what the method returns under a name of its own. */
    async obtain(as, name, method, ...args) {
      known.init(as, await E(get(name))[method](...args));
    },
    /** Gives one known thing to a method of another. */
    give: (thing, name, method, ...args) => E(get(name))[method](get(thing), ...args),
    giveAs: (key, thing, name) => E(get(name)).keep(key, get(thing)),
    watchBy: (label, name) =>
      E(get(name)).watch(new Promise(resolve => pending.set(label, resolve)), label),
    passPromise: (from, to, label) => void E(get(to)).watch(E(get(from)).never(), label),
    giveDevice: name => E(get(name)).keep('device', get('counter')),
  });
};
