// @ts-check
/**
 * Another machine's comms vat as a place. Messages may cross on the way, so each side numbers its
 * messages and reports the last number that it received.
 *
 * Invariants:
 * 1. `sendSeq` is the number of the next outbound message, `recvSeq` that of the last inbound one.
 * 2. After this side resolves a promise, its reference stays in the c-list until the remote
 *    acknowledges the resolution (`rq`), because the remote may mention it until then. This side
 *    never uses that reference again: a later mention exports the promise anew. A promise that the
 *    remote resolves leaves the c-list at once.
 * 3. A drop or retirement is ignored if the remote sent it before it saw the last mention of the
 *    object (`lastSent`): that mention imports the object again.
 *
 * Keys, after `rN.`: `name`, `transmitterID`, `sendSeq`, `recvSeq`, `rq`, `o.nextID`, `p.nextID`,
 * `c.<inbound ref>`, `c.<entry>`, `cr.<object>`, `lastSent.<object>`, `initialized`.
 *
 * @import { Budget } from './budget.js'
 * @import { LocalRef, Place, PlaceID, WireCommand, WireRef } from './types.js'
 * @import { Store } from './store.js'
 * @import { Tables } from './references.js'
 */
import { makeAnnouncement } from './announcement.js';
import { makeClist } from './clist.js';
import { callData } from './marshalled.js';
import { makeReferences } from './references.js';
import { flip, formatMessage, isObject, MAX_SENT_REFERENCES, splitForMessages } from './wire.js';

/**
 * Resolutions that may wait for the remote's acknowledgement. With more, its messages are refused.
 * All of them are one row, which each delivery with a further resolution rewrites.
 */
export const MAX_UNACKNOWLEDGED = 100_000;

/**
 * Resolutions that wait at most, so that the row stays far below what the kernel takes. The oldest
 * count as acknowledged, before a remote that is away makes it too long.
 */
export const MAX_KEPT = 2 * MAX_UNACKNOWLEDGED;

/**
 * @param {Budget} budget
 * @param {Store} store
 * @param {Tables} tables
 * @param {PlaceID} id
 */
export const makeRemotePlace = (budget, store, tables, id) => {
  const { syscall } = budget;
  const { promises } = tables;
  const clist = makeClist(store, `${id}.`, flip);

  const references = makeReferences(tables, {
    id,
    clist,
    isTheirs: ref => ref[2] === '-',
    isObjectRef: isObject,
    flip,
    allocate: kind => `r${kind}-${store.allocate(`${id}.${kind}.nextID`)}`,
    noteMention: object => store.set(`${id}.lastSent.${object}`, store.require(`${id}.sendSeq`)),
    noteForget: object => store.delete(`${id}.lastSent.${object}`),
  });

  /** Resolutions told in this delivery. @type {Array<[seqNum: number, ref: WireRef]>} */
  const told = [];

  /** @param {readonly WireCommand[]} commands */
  const transmit = commands => {
    const seqNum = store.allocate(`${id}.sendSeq`);
    const text = formatMessage({
      seqNum: store.require('sendExplicitSeqNums') === '1' ? seqNum : undefined,
      ackNum: store.getNumber(`${id}.recvSeq`),
      commands,
    });
    syscall.send(store.require(`${id}.transmitterID`), callData('transmit', { text }));
    return seqNum;
  };

  /** @type {Place['announce']} */
  const announce = resolved => {
    const announced = makeAnnouncement({ budget, promises, references }, resolved);
    for (const list of splitForMessages(announced)) {
      const seqNum = transmit(
        list.map(({ ref, rejected, data }) => ({ type: 'resolve', promise: ref, rejected, data })),
      );
      for (const { ref } of list) told.push([seqNum, ref]);
    }
  };

  /** @type {(object: LocalRef, ackNum: number) => boolean} */
  const isInformed = (object, ackNum) =>
    ackNum >= Number(store.get(`${id}.lastSent.${object}`) ?? 0);

  /** @type {Place} */
  const place = {
    ...references.placeMethods,
    id,
    announce,

    deliver(target, { body, slots }, result) {
      if (result) references.giveDecision(result);
      transmit([
        {
          type: 'deliver',
          target: references.exportRef(target),
          result: result && references.exportRef(result),
          methargs: { body, slots: slots.map(references.exportRef) },
        },
      ]);
      announce([]);
    },

    sendCollected({ drop, retireOwned, retireImported }) {
      /** @type {WireCommand[]} */
      const commands = [
        ...drop.map(object => /** @type {const} */ ({ type: 'gc', action: 'dropExport', object })),
        ...retireOwned.map(
          object => /** @type {const} */ ({ type: 'gc', action: 'retireExport', object }),
        ),
        ...retireImported.map(
          object => /** @type {const} */ ({ type: 'gc', action: 'retireImport', object }),
        ),
      ];
      while (commands.length > 0) transmit(commands.splice(0, MAX_SENT_REFERENCES));
    },
  };

  return harden({
    ...place,
    references,

    /**
     * Takes the numbers of an inbound message. Returns false for a repeated message.
     *
     * @param {number | undefined} seqNum
     * @param {number} ackNum
     */
    acceptHead(seqNum, ackNum) {
      const expected = store.getNumber(`${id}.recvSeq`) + 1;
      if (seqNum !== undefined && seqNum < expected) return false;
      if (seqNum !== undefined && seqNum > expected) {
        throw Error(`expected message ${expected}, got ${seqNum}: some were lost`);
      }
      if (ackNum >= store.getNumber(`${id}.sendSeq`)) {
        throw Error(`message ${ackNum} is acknowledged, but was never sent`);
      }
      store.set(`${id}.recvSeq`, expected);
      /** @type {Array<[number, WireRef]>} */
      const waiting = store.getJSON(`${id}.rq`);
      const done = waiting.filter(([sent]) => sent <= ackNum);
      if (done.length > 0) {
        store.setJSON(`${id}.rq`, waiting.slice(done.length));
        for (const [, ref] of done) references.forgetPromiseRef(ref);
      }
      if (waiting.length - done.length > MAX_UNACKNOWLEDGED) {
        throw Error(`more than ${MAX_UNACKNOWLEDGED} resolutions were not acknowledged`);
      }
      return true;
    },

    /** Notes, in the row of all, what was told in this delivery. */
    finish() {
      if (told.length === 0) return;
      const waiting = [...store.getJSON(`${id}.rq`), ...told.splice(0)];
      const oldest = waiting.splice(0, waiting.length - MAX_KEPT);
      store.setJSON(`${id}.rq`, waiting);
      for (const [, ref] of oldest) references.forgetPromiseRef(ref);
    },

    /** @type {(object: LocalRef, ackNum: number) => void} */
    dropImport(object, ackNum) {
      if (isInformed(object, ackNum)) references.dropImport(object);
    },
    /** @type {(object: LocalRef, ackNum: number) => void} */
    retireImport(object, ackNum) {
      if (isInformed(object, ackNum)) references.retireImport(object);
    },

    /**
     * The inbound spelling of a reference that both sides know by an agreed index.
     *
     * @param {'egress' | 'ingress'} direction
     * @param {number} index
     */
    wellKnownRef: (direction, index) => `ro${direction === 'egress' ? '+' : '-'}${index}`,

    /** Exports an object to the remote without a message. */
    addEgress(/** @type {LocalRef} */ object, /** @type {WireRef} */ inbound) {
      references.exportObjectAs(object, flip(inbound));
      const lastSent = store.getNumber(`${id}.sendSeq`) - 1;
      store.set(`${id}.lastSent.${object}`, lastSent);
      // Keep allocated numbers clear of the agreed ones.
      const index = Number(inbound.slice(3));
      if (index >= store.getNumber(`${id}.o.nextID`)) store.set(`${id}.o.nextID`, index + 1);
    },
  });
};

/** @typedef {ReturnType<typeof makeRemotePlace>} RemotePlace */
