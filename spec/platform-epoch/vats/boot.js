/** Makes vats and speaks to them on behalf of a spec; all it knows is durable. */
import { E, Far } from '@endo/far';
import { makeScalarBigMapStore, provide } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const known = provide(baggage, 'known', () => makeScalarBigMapStore('known', { durable: true }));
  if (!baggage.has('bootstraps')) baggage.init('bootstraps', 0);
  if (!baggage.has('lives')) baggage.init('lives', 0);
  baggage.set('lives', baggage.get('lives') + 1);
  const get = name => known.get(name);

  return Far('root', {
    async bootstrap(vats, devices) {
      baggage.set('bootstraps', baggage.get('bootstraps') + 1);
      known.init('vatAdminRoot', vats.vatAdmin);
      known.init('vatAdmin', await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin));
      for (const name of ['alice', 'bob']) if (vats[name]) known.init(name, vats[name]);
      if (devices.switch) {
        known.init('device', devices.switch);
        await Promise.all(
          ['alice', 'bob'].map(name => vats[name] && E(vats[name]).watchSwitch(devices.switch)),
        );
      }
    },
    counts: () => [baggage.get('bootstraps'), baggage.get('lives')],
    /** Makes a dynamic vat known as `name`; its adminNode is `admin <name>`. */
    async create(name, { meter: computrons, critical, ...options } = {}, bundleName = 'subject') {
      const meter = computrons && (await E(get('vatAdmin')).createUnlimitedMeter());
      const made = await E(get('vatAdmin')).createVatByName(bundleName, {
        name,
        ...options,
        ...(meter && { meter }),
        ...(critical && { critical: await E(get('vatAdminRoot')).getCriticalVatKey() }),
      });
      known.init(name, made.root);
      known.init(`admin ${name}`, made.adminNode);
      if (known.has('device')) await E(made.root).watchSwitch(get('device'));
    },
    async createMetered(name, remaining) {
      const meter = await E(get('vatAdmin')).createMeter(remaining, 0n);
      known.init(`meter ${name}`, meter);
      const made = await E(get('vatAdmin')).createVatByName('subject', { name, meter });
      known.init(name, made.root);
    },
    never: () => new Promise(() => {}),
    forget: name => known.delete(name),
    send: (name, method, ...args) => E(get(name))[method](...args),
    /** Sends, and does not wait. */
    sendOnly(name, method, ...args) {
      const result = E(get(name))[method](...args);
      result.catch(() => {});
    },
    restart: (name, options) => E(get(`admin ${name}`)).restart(options),
    async upgrade(name, bundleName, vatParameters) {
      const bundlecap = await E(get('vatAdmin')).getNamedBundleCap(bundleName);
      return E(get(`admin ${name}`)).upgrade(bundlecap, { vatParameters });
    },
    /** Uses what a method of the vat returns before it has returned. */
    pipeline: (name, method) => E(E(get(name))[method]()).use(),
    /** Hands the promise for what one vat's method returns to a method of another. */
    async tell(to, method, from, asked) {
      await E(get(to))[method](E(get(from))[asked]());
    },
    /** Introduces one vat to what a method of another returns, without waiting for it. */
    introduce(from, method, to, as) {
      E(get(to)).hold(as, E(get(from))[method]());
    },
  });
};
