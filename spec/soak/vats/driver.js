/**
 * The vat that drives the players of the soak. It knows roots, admin nodes and things durably,
 * promises in RAM. Each method answers what became of what it did.
 *
 * No `await` stands among the arguments of a call: XS can't write the heap of a function that waits
 * there, and after many such waits its worker crashes.
 */
import { E, Far } from '@endo/far';

/**
 * What a time zone or language would change. Replicas have several of both, and kernel state gets
 * this at each start. A local vat sees those of its process, so the driver is none there.
 */
const surroundings = () => [
  `${new Date(2020, 5, 1)}`,
  Date.parse('2020-06-01T00:00:00'),
  (1234.5).toLocaleString(),
  'TITLE'.toLocaleLowerCase(),
  ['ä', 'z', 'a'].sort((one, other) => one.localeCompare(other)).join(),
];

const reasonOf = reason => (reason instanceof Error ? reason.message : reason);

const settled = async promise => {
  try {
    const value = await promise;
    return harden(['fulfilled', value]);
  } catch (reason) {
    return harden(['rejected', reasonOf(reason)]);
  }
};

export const buildRootObject = ({ VatData: { makeScalarBigMapStore } }, _parameters, baggage) => {
  const table = name => {
    if (!baggage.has(name)) baggage.init(name, makeScalarBigMapStore(name, { durable: true }));
    return baggage.get(name);
  };
  const roots = table('roots');
  const admins = table('admins');
  const things = table('things');
  if (!baggage.has('surroundings')) baggage.init('surroundings', '');
  baggage.set('surroundings', harden(surroundings()));
  const promises = new Map();
  const service = () => baggage.get('service');

  const keep = (label, thing) => {
    if (things.has(label)) return things.get(label) === thing;
    things.init(label, thing);
    return true;
  };
  /** Keeps a promise until it is settled. */
  const keepPromise = (name, promise) => {
    promises.set(name, promise);
    const forget = () => void promises.delete(name);
    promise.then(forget, forget);
  };
  const bundleCap = name => E(service()).getNamedBundleCap(name);

  const driver = Far('driver', {
    bootstrap: async (vats, devices) => {
      const made = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      baggage.init('service', made);
      // The devices that stand for bundles stay, so that rows can be counted from now on.
      await bundleCap('player');
      await bundleCap('raw');
    },
    label: () => 'the driver',

    /** Answers with the root itself, so that the host learns its kref. */
    create: async (name, bundle, options, parameter) => {
      const given = parameter === undefined ? {} : { keep: things.get(parameter) };
      const { mend, refuse, ...rest } = options;
      const vatParameters = { mend, refuse, ...given };
      const cap = await bundleCap(bundle);
      const outcome = await settled(E(service()).createVat(cap, { ...rest, name, vatParameters }));
      if (outcome[0] === 'rejected') return outcome;
      roots.init(name, outcome[1].root);
      admins.init(name, outcome[1].adminNode);
      return harden(['fulfilled', outcome[1].root]);
    },
    forgetVat: name => {
      roots.delete(name);
      admins.delete(name);
    },
    tell: (name, method, ...args) => settled(E(roots.get(name))[method](...args)),
    /** Has one player write to another, and does not wait. */
    post: (from, to, letters) => {
      const asked = E(roots.get(from)).post(from, to, roots.get(to), letters, driver);
      asked.catch(() => {});
    },
    /** As `tell`, with one of the things as last argument. */
    give: (label, name, method, ...args) =>
      settled(E(roots.get(name))[method](...args, things.get(label))),
    /** Keeps the thing that comes back; `fulfilled` has it and whether it is the one known. */
    fetch: async (label, name, method, ...args) => {
      const outcome = await settled(E(roots.get(name))[method](...args));
      if (outcome[0] === 'rejected') return outcome;
      return harden(['fulfilled', outcome[1], keep(label, outcome[1])]);
    },
    pass: (from, to, here, there) => settled(E(roots.get(from)).pass(here, roots.get(to), there)),
    ask: label => settled(E(things.get(label)).label()),
    takeRoot: (name, label) => harden(['fulfilled', roots.get(name), keep(label, roots.get(name))]),
    drop: label => things.delete(label),

    promise: async (name, vat) => {
      const outcome = await settled(E(roots.get(vat)).makePromise(name));
      if (outcome[0] === 'fulfilled') keepPromise(name, outcome[1].promise);
      return outcome[0];
    },
    /** Sends to what the promise will be, and keeps the promise for the answer. */
    pipeline: (name, onto) => {
      keepPromise(name, E(promises.get(onto)).label());
    },
    givePromise: (name, vat, method, ...args) =>
      settled(E(roots.get(vat))[method](...args, harden({ promise: promises.get(name) }))),
    promiseNames: () => harden([...promises.keys()].sort()),

    upgrade: async (name, options) => {
      const admin = admins.get(name);
      const cap = await bundleCap('player');
      return settled(E(admin).upgrade(cap, options));
    },
    upgradeKeeping: async (name, label, parameters) => {
      const admin = admins.get(name);
      const cap = await bundleCap('player');
      const vatParameters = { ...parameters, keep: things.get(label) };
      return settled(E(admin).upgrade(cap, { vatParameters }));
    },
    /** Messages before and behind something that happens to the vat's life. */
    race: (name, count, method, ...args) => {
      const root = roots.get(name);
      const send = () => settled(E(root).countBy(driver));
      const before = Array.from({ length: count }, send);
      const admin = admins.get(name);
      const life =
        method === 'upgrade'
          ? bundleCap('player').then(cap => E(admin).upgrade(cap, ...args))
          : E(admin)[method](...args);
      const behind = Array.from({ length: count }, send);
      return Promise.all([settled(life), ...before, ...behind]);
    },
    admin: (name, method, ...args) => settled(E(admins.get(name))[method](...args)),
    /** Ends a vat, and answers with what the end was, as all who know it hear it. */
    end: async (name, how, words) => {
      const done = settled(E(admins.get(name)).done());
      const told = settled(
        how === 'terminate'
          ? E(admins.get(name)).terminateWithFailure(Error(words))
          : E(roots.get(name))[how](words),
      );
      return Promise.all([told, done, settled(E(roots.get(name)).count())]);
    },
    /** A vat that has a meter, until the meter is empty. */
    burnOut: async (name, remaining) => {
      const meter = await E(service()).createMeter(remaining, 0n);
      const cap = await bundleCap('player');
      const created = await settled(E(service()).createVat(cap, { name, meter }));
      if (created[0] === 'rejected') return created;
      const { root, adminNode } = created[1];
      const done = settled(E(adminNode).done());
      for (let burnt = 0; burnt < 50; burnt += 1) {
        const [status] = await settled(E(root).burn(400_000));
        if (status === 'rejected') return done;
      }
      return 'it went on';
    },
    /** A vat without liveslots that breaks a rule. */
    outlaw: async (name, steps) => {
      const cap = await bundleCap('raw');
      const { root, adminNode } = await E(service()).createVat(cap, {
        name,
        managerType: 'local',
        enableSetup: true,
      });
      const done = settled(E(adminNode).done());
      return Promise.all([settled(E(root).do(steps)), done]);
    },
  });
  return driver;
};
