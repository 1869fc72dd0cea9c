// @ts-check
/**
 * The comms vat. It exchanges messages with the comms vats of other machines, so that vats can use
 * objects and promises of vats on those machines.
 *
 * Boundary: its only own objects are its root and one receiver per remote. It passes on marshalled
 * data unread. It trusts the kernel, but not the remotes.
 *
 * Invariants:
 * 1. All state is in the vatstore, in the keys of SwingSet's comms vat. There is no transcript, so
 *    nothing in RAM may outlive a delivery: each delivery makes everything below anew.
 * 2. Drops and retirements are sent at the end of a delivery, when the counts are final.
 *
 * @import { Data, LocalRef, PlaceID, Syscall, VatRef } from './types.js'
 */
import { makeBudget } from './budget.js';
import { makeCollector } from './collector.js';
import { makeKernelPlace } from './kernel-place.js';
import { errorData, parseMethargs, undefinedData } from './marshalled.js';
import { makeObjects } from './objects.js';
import { makePromises } from './promises.js';
import { makeReceive } from './receive.js';
import { makeRemotes } from './remotes.js';
import { makeRootMethods } from './root-methods.js';
import { makeRouter } from './router.js';
import { makeStore } from './store.js';

const ROOT = 'o+0';

/** @typedef {{ methargs: Data<VatRef>, result?: VatRef | null }} Message */

/** @param {Syscall} kernelSyscall */
const makeDelivery = kernelSyscall => {
  const budget = makeBudget(kernelSyscall);
  const { syscall } = budget;
  const store = makeStore(syscall);
  /** @type {Set<LocalRef>} */
  const lost = new Set();
  const objects = makeObjects(store, object => lost.add(object));
  const promises = makePromises(store, objects, promise => lost.add(promise));
  const tables = { objects, promises };
  const kernel = makeKernelPlace(budget, store, tables);
  const remotes = makeRemotes(budget, store, tables);
  /** @param {PlaceID} id */
  const getPlace = id => (id === 'kernel' ? kernel : remotes.get(id));
  const router = makeRouter(tables, getPlace);
  const collector = makeCollector({ budget, store, tables, getPlace });
  const receive = makeReceive({ budget, tables, router, collector });
  const callRoot = makeRootMethods({ syscall, kernel, remotes });

  /** @type {(result: VatRef | null | undefined, rejected: boolean, data: Data<VatRef>) => void} */
  const answer = (result, rejected, data) => {
    if (result) syscall.resolve([[result, rejected, data]]);
  };
  /** @type {(result: VatRef | null | undefined, error: unknown) => void} */
  const reject = (result, error) =>
    answer(result, true, errorData(/** @type {any} */ (error).message));

  /** @param {Message} message */
  const messageToRoot = ({ methargs, result }) => {
    try {
      const { method, args } = parseMethargs(methargs);
      answer(result, false, callRoot(method, args, methargs.slots));
    } catch (error) {
      reject(result, error);
    }
  };

  /** @type {(remote: ReturnType<typeof remotes.get>, message: Message) => void} */
  const messageFromRemote = (remote, { methargs, result }) => {
    // Answer first: the transport has delivered, and can't do anything about a bad message.
    answer(result, false, undefinedData);
    try {
      const { method, args } = parseMethargs(methargs);
      if (method !== 'receive') throw Error(`method ${String(method)} is not available`);
      receive(remote, args[0]);
    } catch (error) {
      console.warn(`comms: message of remote ${remote.id} failed`, error);
    }
  };

  /** @type {(target: VatRef, message: Message) => void} */
  const messageToRemote = (target, { methargs, result }) => {
    const local = kernel.clist.lookUp(target);
    if (!local) return reject(result, Error(`there is no ${target} to deliver to`));
    const problem = kernel.findProblem(methargs);
    if (problem) return reject(result, Error(problem));
    const data = kernel.importData(methargs);
    router.send(local, data, result ? kernel.importResult(result) : undefined);
  };

  /** @param {VatRef} vref */
  const findObject = vref => kernel.clist.lookUp(vref);

  /** @type {Record<string, (...args: any[]) => void>} */
  const handlers = {
    startVat(/** @type {Data<VatRef>} */ vatParameters) {
      // A new incarnation continues with the stored state.
      if (store.has('initialized')) return;
      const parameters = JSON.parse(vatParameters.body.replace(/^#/, ''));
      const { identifierBase: base = 0, sendExplicitSeqNums = true } = parameters;
      store.set('identifierBase', base);
      store.set('sendExplicitSeqNums', sendExplicitSeqNums ? 1 : 0);
      store.set('lo.nextID', 10 + base);
      store.set('lp.nextID', 20 + base);
      store.set('o.nextID', 30 + base);
      store.set('p.nextID', 40 + base);
      store.set('r.nextID', 1);
      store.set(`meta.${ROOT}`, 'true');
      store.set('initialized', 'true');
    },
    message(/** @type {VatRef} */ target, /** @type {Message} */ message) {
      if (target === ROOT) return messageToRoot(message);
      const remote = remotes.findByReceiver(target);
      if (remote) return messageFromRemote(remote, message);
      return messageToRemote(target, message);
    },
    notify(/** @type {ReadonlyArray<readonly [VatRef, boolean, Data<VatRef>]>} */ resolutions) {
      // A vat may answer another machine with something that can't leave this one.
      const passable = resolutions.map(([vpid, rejected, data]) => {
        const problem = kernel.findProblem(data);
        return problem
          ? /** @type {const} */ ([vpid, true, errorData(problem)])
          : /** @type {const} */ ([vpid, rejected, data]);
      });
      // Import the data first: it may mention promises that this batch resolves.
      const contents = passable.map(([, , data]) => kernel.importData(data));
      // Skip promises that only refused data mentioned: they were never imported.
      const batch = passable.flatMap(([vpid, rejected], index) =>
        kernel.clist.lookUp(vpid)
          ? [
              {
                promise: kernel.importRef(vpid),
                rejected,
                data: /** @type {Data} */ (contents[index]),
              },
            ]
          : [],
      );
      router.resolve('kernel', batch);
    },
    dropExports(/** @type {readonly VatRef[]} */ vrefs) {
      for (const object of vrefs.map(findObject)) {
        if (object) kernel.references.dropImport(object);
      }
    },
    retireExports(/** @type {readonly VatRef[]} */ vrefs) {
      for (const object of vrefs.map(findObject)) {
        if (object) kernel.references.retireImport(object);
      }
    },
    retireImports(/** @type {readonly VatRef[]} */ vrefs) {
      for (const object of vrefs.map(findObject)) {
        if (object) collector.retireByOwner(object);
      }
    },
    bringOutYourDead() {},
    changeVatOptions() {},
    stopVat() {},
  };

  /** @param {readonly [string, ...any[]]} delivery */
  return ([type, ...args]) => {
    const handler = handlers[type];
    if (!handler) throw Error(`unknown delivery ${type}`);
    handler(...args);
    kernel.subscribeToNewPromises();
    remotes.finish();
    collector.collect(lost);
  };
};

/**
 * The entry point of a vat with `enableSetup`.
 *
 * @param {Syscall} syscall
 */
const setup = syscall => {
  /** @param {readonly [string, ...any[]]} delivery */
  const dispatch = delivery => makeDelivery(syscall)(delivery);
  return harden(dispatch);
};
harden(setup);

// SwingSet's kernel accepts only a default export.
export default setup;
