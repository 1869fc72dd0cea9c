// @ts-check
/**
 * The durable events of promises. The promise itself, and what to do for its holder, live in RAM: the
 * kernel rejects it when the incarnation ends, and the event is of no use to anybody then.
 *
 * Invariants
 * 1. Each scheduled event is in the set of the incarnation that made it. (Not those that were made
 *    before there were sets: they stay until their time.)
 * 2. Events of earlier incarnations are taken out, a few at each occasion: a delivery must not cost
 *    more the more of them there are.
 *
 * @import { EventPowers } from './events.js'
 */
import { makeScalarBigSetStore, prepareKind, provide } from '../durable-kinds.js';

/** @typedef {{ fired: (now: bigint) => void, cancel: () => void }} Waiter */

/** How many events of earlier incarnations are taken out at each occasion. */
const SWEPT_AT_ONCE = 50;

const KEY = 'promiseEventSets';

/** @param {EventPowers} powers */
export const preparePromiseEvents = ({ baggage, schedule, cancels }) => {
  /** @type {Map<object, Waiter>} */
  const waiters = new Map();
  /** @type {(event: object) => Waiter | undefined} */
  const takeWaiter = event => {
    const waiter = waiters.get(event);
    waiters.delete(event);
    return waiter;
  };

  /** One of each incarnation that may have left some, oldest first; the last is ours. */
  const getSets = () => /** @type {import('@agoric/store').SetStore<any>[]} */ (baggage.get(KEY));
  /** @type {import('@agoric/store').SetStore<any>[]} */
  const left = provide(baggage, KEY, () => harden([])).filter(
    (/** @type {import('@agoric/store').SetStore<any>} */ set) => set.getSize() > 0,
  );
  const ours = makeScalarBigSetStore('promiseEvents', { durable: true });
  baggage.set(KEY, harden([...left, ours]));
  /** @param {object} event */
  const forget = event => {
    for (const set of getSets()) if (set.has(event)) set.delete(event);
  };

  const makePromiseEvent = prepareKind(
    baggage,
    'promiseEvent',
    (/** @type {bigint} */ when, /** @type {object | undefined} */ cancelToken) => ({
      when,
      cancelToken,
    }),
    {
      fired: ({ self, state }, /** @type {bigint} */ now) => {
        cancels.remove(state.cancelToken, self);
        forget(self);
        takeWaiter(self)?.fired(now);
      },
      cancel: ({ self, state }) => {
        schedule.remove(state.when, self);
        forget(self);
        takeWaiter(self)?.cancel();
      },
      /** Its incarnation is over. */
      expire: ({ self, state }) => {
        schedule.remove(state.when, self);
        cancels.remove(state.cancelToken, self);
        forget(self);
      },
    },
  );

  /** Takes out a few of the events of earlier incarnations. */
  const sweep = () => {
    let number = 0;
    for (const set of getSets().slice(0, -1)) {
      for (const event of set.keys()) {
        if (number >= SWEPT_AT_ONCE) return;
        number += 1;
        event.expire();
      }
    }
  };

  return harden({
    /**
     * @param {bigint} when a time in the future
     * @param {object | undefined} cancelToken
     * @param {Waiter} waiter
     */
    waitUntil: (when, cancelToken, waiter) => {
      sweep();
      const event = makePromiseEvent(when, cancelToken);
      waiters.set(event, waiter);
      ours.add(event);
      schedule.add(when, event);
      cancels.add(cancelToken, event);
    },
    sweep,
  });
};
