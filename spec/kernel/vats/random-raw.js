/**
 * A vat without liveslots that makes random syscalls, all of which the kernel allows: it keeps books
 * of what it may mention. The parameters have the seed, so that two kernels see the same.
 */
import { makeRandom } from './random-choices.js';

/** Marshalled data that mentions all of the slots. */
const quote = slots =>
  slots.map((vref, at) => (vref.startsWith('p') ? `"&${at}"` : `"$${at}.Alleged: thing"`));
const list = slots => ({ body: `#[${quote(slots).join(',')}]`, slots });
const sole = slots => ({ body: `#${quote(slots)[0] ?? 7}`, slots });
const call = (fuel, slots) => ({ body: `#["do",[${[fuel, ...quote(slots)].join(',')}]]`, slots });

export default function setup(syscall) {
  let random = makeRandom(0);
  let options = {};
  let number = 0;
  /** What the vat knows: vrefs, and whether they may be mentioned. */
  const imports = new Map();
  const exports = new Map([['o+0', true]]);
  const devices = new Set();
  /** Promises: does the vat decide them? */
  const promises = new Map();
  const subscribed = new Set();
  const given = [];

  const subscribe = vpid => {
    subscribed.add(vpid);
    syscall.vatstoreSet('subscribed', [...subscribed].join());
    syscall.subscribe(vpid);
  };
  const learn = vref => {
    if (vref.startsWith('o-')) imports.set(vref, true);
    else if (vref.startsWith('o+')) exports.set(vref, true);
    else if (vref.startsWith('d')) devices.add(vref);
    else if (!promises.has(vref)) {
      promises.set(vref, false);
      if (random.chance(85)) {
        subscribe(vref);
      }
    }
  };
  const makeExport = () => {
    number += 1;
    const again = given.length > 0 && random.chance(40) ? random.pick(given) : undefined;
    const vref = again ?? random.pick([`o+${number}`, `o+v5/${number}`, `o+d6/${number}`]);
    exports.set(vref, true);
    return vref;
  };
  const makePromise = decides => {
    number += 1;
    const vref = `p+${number}`;
    if (decides) promises.set(vref, true);
    return vref;
  };
  const reachable = () => [...imports].filter(([, is]) => is).map(([vref]) => vref);
  const decided = () => [...promises].filter(([, is]) => is).map(([vref]) => vref);
  const thing = withPromises => {
    const kind = random.below(10);
    if (kind < 4 && reachable().length > 0) return random.pick(reachable());
    if (kind < 6) {
      const vref = random.pick(exports.keys());
      exports.set(vref, true);
      return vref;
    }
    if (kind < 7 && withPromises && promises.size > 0) return random.pick(promises.keys());
    if (kind < 8) return makePromise(true);
    if (kind < 9 && devices.size > 0 && options.devices) return random.pick(devices);
    return makeExport();
  };
  const things = (most, withPromises) => [
    ...new Set(Array.from({ length: random.below(most + 1) }, () => thing(withPromises))),
  ];

  const resolveSome = first => {
    const chosen = new Set(first ? [first] : []);
    while (decided().length > 0 && chosen.size < 1 + random.below(3)) {
      chosen.add(random.pick(decided()));
    }
    if (chosen.size === 0) return;
    const resolutions = [...chosen].map(vpid => {
      const rejected = random.chance(30);
      // With older promises, there would be cycles, which stay in SwingSet.
      const slots = things(random.pick([1, 3]), false);
      // A promise can't be fulfilled with another.
      const isSole = slots.length < 2 && (rejected || !slots[0]?.startsWith('p'));
      return [vpid, rejected, isSole ? sole(slots) : list(slots)];
    });
    for (const vpid of chosen) {
      promises.delete(vpid);
      subscribed.delete(vpid);
    }
    syscall.resolve(resolutions);
  };

  const actions = {
    send(fuel) {
      const kind = random.below(10);
      let target;
      if (kind < 3 && promises.size > 0) target = random.pick(promises.keys());
      else if (kind < 9 && reachable().length > 0) target = random.pick(reachable());
      else target = random.pick(exports.keys());
      if (exports.has(target)) exports.set(target, true);
      const methargs = call(Math.max(fuel - 1, 0), things(3, true));
      if (random.chance(30)) return syscall.send(target, methargs);
      if (options.enablePipelining && decided().length > 0 && random.chance(20)) {
        const redirected = random.pick(decided());
        promises.set(redirected, false);
        return syscall.send(target, methargs, redirected);
      }
      const result = makePromise(false);
      syscall.send(target, methargs, result);
      return learn(result);
    },
    resolve: () => resolveSome(),
    subscribe() {
      const others = [...promises.keys()].filter(
        vpid => !promises.get(vpid) && !subscribed.has(vpid),
      );
      if (others.length === 0) return;
      const vpid = random.pick(others);
      subscribe(vpid);
    },
    drop() {
      const dropped = reachable().filter(() => random.chance(40));
      if (dropped.length === 0) return;
      for (const vref of dropped) imports.set(vref, false);
      syscall.dropImports(dropped);
    },
    retireImports() {
      const retired = [...imports].filter(([, is]) => !is && random.chance(50)).map(([v]) => v);
      if (retired.length === 0) return;
      for (const vref of retired) imports.delete(vref);
      syscall.retireImports(retired);
    },
    retireExports() {
      const retired = [...exports].filter(([, is]) => !is && random.chance(50)).map(([v]) => v);
      if (retired.length === 0) return;
      for (const vref of retired) exports.delete(vref);
      given.push(...retired);
      syscall.retireExports(retired);
    },
    abandon() {
      const left = [...exports.keys()].filter(vref => vref !== 'o+0' && random.chance(15));
      if (left.length === 0) return;
      for (const vref of left) exports.delete(vref);
      given.push(...left);
      syscall.abandonExports(left);
    },
    callDevice() {
      if (devices.size === 0) return;
      const args = reachable().filter(() => random.chance(30));
      try {
        const result = syscall.callNow(random.pick(devices), 'show', list(args));
        for (const vref of result.slots) learn(vref);
      } catch (_error) {
        // Other devices have no such method.
      }
    },
    store() {
      const key = `k${random.below(5)}`;
      const kind = random.below(4);
      if (kind < 2) syscall.vatstoreSet(key, random.chance(20) ? '' : `${random.below(100)}`);
      else if (kind === 2) syscall.vatstoreDelete(key);
      else syscall.vatstoreGet(syscall.vatstoreGetNextKey(key) ?? key);
    },
    end() {
      if (!random.chance(options.ends ?? 0)) return;
      const kind = random.below(5);
      if (kind === 0) throw Error('fault');
      if (kind === 1) syscall.dropImports(['o-999999']);
      else if (kind === 2) syscall.exit(true, sole([]));
      else syscall.exit(false, sole(reachable().slice(0, 1)));
    },
  };
  const kinds = Object.keys(actions);
  const housekeeping = ['drop', 'retireImports', 'retireExports', 'store'];

  const deliver = {
    startVat({ body }) {
      options = JSON.parse(body.slice(1));
      if (options.fail) throw Error('unfit');
      random = makeRandom(options.seed);
      number = options.first ?? 100;
      // The kernel notifies the next incarnation of what this one has subscribed to.
      const earlier = syscall.vatstoreGet('subscribed') ?? '';
      for (const vpid of earlier.split(',').filter(Boolean)) subscribed.add(vpid);
    },
    message(target, { methargs, result }) {
      const fuel = JSON.parse(methargs.body.slice(1))[1]?.[0] ?? 0;
      for (const vref of methargs.slots) learn(vref);
      if (target.startsWith('o') && !exports.has(target)) exports.set(target, true);
      // SwingSet notifies the vat of a promise that the vat has resolved itself, to no effect.
      if (result) promises.set(result, !subscribed.has(result));
      for (let count = fuel > 0 ? 1 + random.below(2 * fuel) : 0; count > 0; count -= 1) {
        actions[random.pick(kinds)](fuel);
      }
      if (methargs.body.startsWith('#["bootstrap"')) {
        promises.delete(result);
        const [, [vats, nodes]] = JSON.parse(methargs.body.slice(1));
        const slotOf = text => methargs.slots[Number(text.match(/^.(\d+)/)[1])];
        const service = {
          body: '#["createVatAdminService",["$0"]]',
          slots: [slotOf(nodes.vatAdmin)],
        };
        syscall.send(slotOf(vats.vatAdmin), service);
        // Its errors name its methods, which are others than in SwingSet.
        imports.delete(slotOf(vats.vatAdmin));
        // The others keep what they are given in other ways than SwingSet's.
        devices.clear();
        devices.add(slotOf(nodes.shower));
        syscall.resolve([[result, false, list([])]]);
      } else if (result && promises.get(result) && random.chance(60)) resolveSome(result);
    },
    notify(resolutions) {
      for (const [vpid] of resolutions) {
        promises.delete(vpid);
        subscribed.delete(vpid);
      }
      for (const [, , { slots }] of resolutions) {
        for (const vref of slots) {
          // Those that the notification resolves are forgotten with it.
          if (!resolutions.some(([vpid]) => vpid === vref)) learn(vref);
        }
      }
      if (random.chance(30)) actions[random.pick(housekeeping)]();
      if (random.chance(30)) resolveSome();
    },
    dropExports: vrefs => {
      for (const vref of vrefs) if (exports.has(vref)) exports.set(vref, false);
    },
    retireExports: vrefs => {
      for (const vref of vrefs) exports.delete(vref);
      given.push(...vrefs);
    },
    retireImports: vrefs => {
      for (const vref of vrefs) imports.delete(vref);
    },
    bringOutYourDead() {
      for (const kind of housekeeping) actions[kind]();
    },
  };
  return ([type, ...rest]) => deliver[type]?.(...rest);
}
