// @ts-check
/**
 * The durable events behind promises for a time. The promise and its resolver live in RAM. When the
 * incarnation ends, the kernel rejects the promise, and its event has no use any more.
 *
 * Invariants
 * 1. Each scheduled event is in the set of the incarnation that created it. (SwingSet's timer has
 *    no such sets, so an event that it created stays until its time.)
 * 2. Events of earlier incarnations are removed a few at a time, so that no delivery's cost depends
 *    on their number.
 *
 * @import { EventPowers } from './events.js'
 */
import { makeScalarBigSetStore, prepareKind, provide } from '../durable-kinds.js';

/** @typedef {{ fired: (now: bigint) => void, cancel: () => void }} Waiter */

/** Events of earlier incarnations removed per sweep. */
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

  /** One set per incarnation that may have left events, oldest first. The last is ours. */
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
      /** Removes the event, because its incarnation has ended. */
      expire: ({ self, state }) => {
        schedule.remove(state.when, self);
        cancels.remove(state.cancelToken, self);
        forget(self);
      },
    },
  );

  /** Removes a few events of earlier incarnations (invariant 2). */
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
