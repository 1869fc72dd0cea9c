/**
 * A vat on liveslots that does random things: it makes, holds, stores and sends objects of all kinds,
 * makes and settles promises, and calls devices. The bootstrap vat also creates and ends vats and
 * uses the timer. The parameters have the seed, so that two kernels see the same.
 */
import { E, Far } from '@endo/far';
import { makeAdministration } from './random-administration.js';
import { makeRandom } from './random-choices.js';
import { makeShelf } from './random-shelf.js';

export const buildRootObject = (vatPowers, { seed, fail, critical = false, ends = 0 }, baggage) => {
  if (fail) throw Error('unfit');
  const { VatData, D, exitVat, exitVatWithFailure } = vatPowers;
  const { watchPromise } = VatData;
  const random = makeRandom(seed);
  const shelf = makeShelf({ VatData, baggage, random, act: (...args) => act(...args) });
  const resolvers = [];
  let administration;

  const things = most => Array.from({ length: random.below(most + 1) }, () => shelf.pick());
  const learnAll = value => {
    const list = Array.isArray(value) ? value : [value];
    for (const item of list.slice(0, 4)) if (random.chance(80)) shelf.learn(item);
  };
  const makePromise = () => {
    let kit;
    const promise = new Promise((resolve, reject) => {
      kit = { resolve, reject };
    });
    promise.catch(() => {});
    resolvers.push({ promise, ...kit });
    shelf.learn(promise);
    return promise;
  };
  /** How a vat may hear of the end of a promise: in RAM, durably, or not at all. */
  const hearOf = promise => {
    const kind = random.below(4);
    if (kind === 0) watchPromise(promise, shelf.makeWatcher(), `note ${random.below(5)}`);
    else if (kind === 1) promise.then(learnAll, learnAll);
    else promise.catch(() => {});
    if (kind === 3) shelf.learn(promise);
  };
  const outcome = () => {
    const kind = random.below(8);
    if (kind === 0) return random.below(100);
    // Objects in a circle of promises would stay in SwingSet, and be free here.
    if (kind === 1) return harden(things(3).filter(thing => !shelf.isPromise(thing)));
    if (kind === 2) return Error(`reason ${random.below(10)}`);
    if (kind === 3) return harden({ promise: shelf.pickPromise() });
    if (kind === 4) return shelf.pickPromise();
    return shelf.pick();
  };
  /** A message to a promise that comes to itself would go round in its vat for ever. */
  const withoutCircle = (promise, value) =>
    shelf.isPromise(value) && !shelf.isOlder(value, promise) ? 'no circle' : value;

  const actions = {
    send(fuel) {
      const target = random.chance(30) ? shelf.pickPromise() : shelf.pick();
      if (shelf.isDevice(target)) return;
      hearOf(E(target).do(Math.max(fuel - 1, 0), ...things(3)));
    },
    /** Sends along a pipeline, whatever the promises come to. */
    pipeline(fuel) {
      const first = E(shelf.pick()).give(Math.max(fuel - 1, 0), ...things(1));
      const second = E(first).give(0, ...things(1));
      for (const promise of [first, second]) hearOf(promise);
    },
    make: () => shelf.make(),
    promise: () => void makePromise(),
    settle() {
      if (resolvers.length === 0) return;
      const [{ promise, resolve, reject }] = resolvers.splice(random.below(resolvers.length), 1);
      if (random.chance(30)) reject(outcome());
      else resolve(withoutCircle(promise, outcome()));
    },
    /** Promises in data of each other, or each other's resolution. */
    entangle() {
      const pair = [makePromise(), makePromise()];
      const kits = resolvers.splice(-2);
      const asData = random.chance(60);
      kits.forEach(({ resolve }, at) => {
        const other = pair[1 - at];
        if (asData || at === 1) resolve(asData ? harden([other]) : random.below(9));
        else resolve(other);
      });
      if (!shelf.isEmpty()) hearOf(E(shelf.pick()).do(0, ...pair));
    },
    listen() {
      const promise = shelf.pickPromise();
      if (promise) hearOf(promise);
    },
    store: () => shelf.store(),
    drop: () => shelf.drop(),
    callDevice() {
      const device = shelf.pickDevice();
      if (!device) return;
      learnAll(D(device).show(...things(2).filter(thing => !shelf.isPromise(thing))));
    },
    administer: () => administration?.act(),
    end() {
      if (!random.chance(ends)) return;
      if (random.chance(50)) exitVat(harden(things(2)));
      else exitVatWithFailure(Error('failure'));
    },
  };
  const kinds = Object.keys(actions);
  const act = (fuel, given) => {
    given.forEach(shelf.learn);
    const count = fuel > 0 ? 1 + random.below(3 * fuel) : random.below(2);
    for (let done = 0; done < count; done += 1) {
      try {
        actions[random.pick(kinds)](fuel);
      } catch (_error) {
        // What can't be stored or sent to: the same on both kernels.
      }
    }
    if (random.chance(10)) throw Error('refused');
  };

  const methods = {
    do: (fuel, ...given) => {
      act(fuel, given);
      return shelf.inData(outcome());
    },
    give: (fuel, ...given) => {
      act(fuel, given);
      return shelf.inData(shelf.pick());
    },
  };
  const root = Far('root', {
    ...methods,
    bootstrap: async (vats, devices) => {
      administration = await makeAdministration({
        vats,
        devices,
        random,
        shelf,
        hear: hearOf,
        critical,
      });
      const { vatAdmin: _vatAdmin, timer: _timer, ...others } = vats;
      Object.values(others).forEach(shelf.learn);
      shelf.learnDevice(devices.shower);
    },
    /** Lets go of all that only RAM holds: SwingSet keeps it for ever if the vat is upgraded then. */
    forgetAll: () => {
      shelf.forgetAll();
      resolvers.length = 0;
    },
    prepare: nth => administration.prepare(nth),
    upgrade: (nth, parameters) => administration.upgrade(nth, parameters),
  });
  shelf.keepRoot(root);
  return root;
};
