import { E, Far } from '@endo/far';

/** Creates, calls, upgrades and terminates vats for the bench, by the names that it gives them. */
export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const of = name => baggage.get(`vat ${name}`);
  const service = () => baggage.get('service');
  const provide = (key, value) => (baggage.has(key) ? baggage.set : baggage.init)(key, value);
  return Far('root', {
    async bootstrap(vats, devices) {
      provide('service', await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin));
    },
    async create(name, bundle, options = {}) {
      const { root, adminNode } = await E(service()).createVatByName(bundle, { name, ...options });
      provide(`vat ${name}`, harden({ root, adminNode }));
    },
    call: (name, method, ...args) => E(of(name).root)[method](...args),
    async upgrade(name, bundle) {
      const bundleCap = await E(service()).getNamedBundleCap(bundle);
      await E(of(name).adminNode).upgrade(bundleCap);
    },
    async terminate(name) {
      await E(of(name).adminNode).terminateWithFailure(Error('the bench is done with it'));
    },
  });
};
