// @ts-check
/**
 * The kernel as a place. Nothing is ever in flight between it and the vat, so both forget a promise
 * as soon as either resolves it.
 *
 * Keys: `c.<vref>`, `c.<entry>`, `cr.<object>`, `o.nextID`, `p.nextID`, and `meta.<vref>` of the
 * objects that serve the vat itself (its root, receivers, transmitters).
 *
 * @import { Budget } from './budget.js'
 * @import { Data, LocalRef, Place, VatRef } from './types.js'
 * @import { Store } from './store.js'
 * @import { Tables } from './references.js'
 */
import { makeAnnouncement } from './announcement.js';
import { makeClist } from './clist.js';
import { makeReferences } from './references.js';
import { findExcess, MAX_SENT_LENGTH, sizeOf } from './wire.js';

/** The kernel takes 10,000. */
const MAX_RESOLUTIONS = 9_000;

/** What one `syscall.resolve` has room for. */
const makeRoom = () => {
  let length = 0;
  /** @type {(data: Data, announced: number) => boolean} */
  return (data, announced) => {
    const more = sizeOf(data).length;
    // Without references, data adds no resolution to those that are announced anyway.
    const isTooMany = data.slots.length > 0 && announced + data.slots.length > MAX_RESOLUTIONS;
    if (isTooMany || (length > 0 && length + more > MAX_SENT_LENGTH)) return false;
    length += more;
    return true;
  };
};

/** @type {(ref: VatRef) => boolean} */
const isMentionable = ref => /^[op][+-]/.test(ref);

/**
 * @param {Budget} budget
 * @param {Store} store
 * @param {Tables} tables
 */
export const makeKernelPlace = (budget, store, tables) => {
  const { syscall } = budget;
  const { promises } = tables;
  const clist = makeClist(store, '', ref => ref);

  /** Promises that the vat imported in this delivery. @type {Map<LocalRef, VatRef>} */
  const newPromises = new Map();

  const references = makeReferences(tables, {
    id: 'kernel',
    clist,
    isTheirs: ref => ref[1] === '-',
    isObjectRef: ref => ref.startsWith('o'),
    flip: ref => ref,
    allocate: kind => {
      budget.noteExport();
      return `${kind}+${store.allocate(`${kind}.nextID`)}`;
    },
    noteNewPromise: (promise, ref) => newPromises.set(promise, ref),
  });

  /** @type {Place['announce']} */
  const announce = resolved => {
    const powers = { budget, promises, references, hasRoom: makeRoom() };
    const announced = makeAnnouncement(powers, resolved);
    if (announced.length === 0) return;
    syscall.resolve(announced.map(({ ref, rejected, data }) => [ref, rejected, data]));
    for (const { promise } of announced) references.forgetPromise(promise);
  };

  /** @type {Place} */
  const place = {
    ...references.placeMethods,
    id: 'kernel',
    announce,

    deliver(target, { body, slots }, result) {
      if (result) references.giveDecision(result);
      const methargs = { body, slots: slots.map(references.exportRef) };
      const vresult = result && references.exportRef(result);
      syscall.send(references.exportRef(target), methargs, vresult);
      if (vresult) syscall.subscribe(vresult);
      announce([]);
    },

    sendCollected({ drop, retireOwned, retireImported }) {
      const drops = drop.filter(vref => !store.has(`meta.${vref}`));
      const retires = retireOwned.filter(vref => !store.has(`meta.${vref}`));
      if (drops.length > 0) syscall.dropImports(drops);
      if (retires.length > 0) syscall.retireImports(retires);
      if (retireImported.length > 0) syscall.retireExports(retireImported);
    },
  };

  /**
   * The reason why data with these slots can't leave the machine, if there is one.
   *
   * @param {readonly VatRef[]} slots
   */
  const findUnmentionable = slots => {
    const bad = slots.find(ref => !isMentionable(ref) || !references.isKnownOrNew(ref));
    return bad && `${bad} can't be mentioned to other machines`;
  };

  return harden({
    ...place,
    references,

    findUnmentionable,

    /**
     * The reason why the data can't leave the machine, if there is one.
     *
     * @param {Data<VatRef>} data
     */
    findProblem: data => findExcess(data) ?? findUnmentionable(data.slots),

    /** @type {(data: Data<VatRef>) => Data} */
    importData: ({ body, slots }) => ({ body, slots: slots.map(references.importRef) }),

    /** Imports the result promise of a message from the kernel. */
    importResult(/** @type {VatRef} */ vpid) {
      const promise = references.importRef(vpid);
      newPromises.delete(promise);
      references.takeDecision(promise);
      return promise;
    },

    /** Subscribes to the promises imported in this delivery that are still unresolved. */
    subscribeToNewPromises() {
      for (const [promise, vpid] of newPromises) {
        if (!promises.isResolved(promise)) syscall.subscribe(vpid);
      }
      newPromises.clear();
    },
  });
};

/** @typedef {ReturnType<typeof makeKernelPlace>} KernelPlace */
