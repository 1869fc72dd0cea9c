// @ts-check
/**
 * The schedule (events by deadline) and the cancel tokens. Both are durable.
 *
 * The device holds at most one wakeup for this vat, for the earliest deadline. More would only
 * duplicate the schedule.
 *
 * @import { Baggage, MapStore } from '@agoric/swingset-liveslots'
 */
import { makeScalarBigMapStore, makeScalarBigWeakMapStore, provide } from '../durable-kinds.js';

/**
 * An event is a durable object. `fired(now)` is called at its time, `cancel()` when its token is
 * used. Neither leaves it scheduled.
 *
 * @typedef {{ fired: (now: bigint) => void, cancel: () => void }} TimerEvent
 * @typedef {{ cancel: () => void }} Cancellable
 */

/** @type {<T>(list: readonly T[], item: T) => T[]} */
const without = (list, item) => list.filter(other => other !== item);

/**
 * @param {Baggage} baggage
 * @param {(earliest: bigint | undefined) => void} armDevice
 */
export const provideSchedule = (baggage, armDevice) => {
  /** @type {MapStore<bigint, readonly TimerEvent[]>} */
  const deadlines = provide(baggage, 'schedule', () =>
    makeScalarBigMapStore('schedule', { durable: true }),
  );

  const earliest = () => {
    for (const when of deadlines.keys()) return when;
    return undefined;
  };
  /** The device's wakeup time; `null` until this incarnation sets it. */
  let armed = /** @type {bigint | undefined | null} */ (null);
  const rearm = () => {
    const when = earliest();
    if (when !== armed) armDevice(when);
    armed = when;
  };

  return harden({
    /**
     * @param {bigint} when
     * @param {TimerEvent} event
     */
    add(when, event) {
      if (deadlines.has(when)) deadlines.set(when, harden([...deadlines.get(when), event]));
      else deadlines.init(when, harden([event]));
      rearm();
    },

    /**
     * Removes an event, if it is still scheduled.
     *
     * @param {bigint} when
     * @param {TimerEvent} event
     */
    remove(when, event) {
      if (!deadlines.has(when)) return;
      const rest = without(deadlines.get(when), event);
      if (rest.length > 0) deadlines.set(when, harden(rest));
      else deadlines.delete(when);
      rearm();
    },

    /**
     * Removes and returns all events up to and including `now`, by time and then by arrival. The
     * device forgot the wakeup that it called, so this sets a new one.
     *
     * @param {bigint} now
     * @returns {TimerEvent[]}
     */
    takeDue(now) {
      const due = [];
      for (let when = earliest(); when !== undefined && when <= now; when = earliest()) {
        due.push(...deadlines.get(when));
        deadlines.delete(when);
      }
      armed = null;
      rearm();
      return due;
    },
  });
};

/** @typedef {ReturnType<typeof provideSchedule>} Schedule */

/** @param {Baggage} baggage */
export const provideCancels = baggage => {
  /** @type {import('@agoric/store').WeakMapStore<object, readonly Cancellable[]>} */
  const byToken = provide(baggage, 'cancels', () =>
    makeScalarBigWeakMapStore('cancels', { durable: true }),
  );

  return harden({
    /**
     * @param {object | undefined} token undefined for what can't be cancelled
     * @param {Cancellable} thing
     */
    add(token, thing) {
      if (!token) return;
      if (byToken.has(token)) byToken.set(token, harden([...byToken.get(token), thing]));
      else byToken.init(token, harden([thing]));
    },

    /**
     * @param {object | undefined} token
     * @param {Cancellable} thing
     */
    remove(token, thing) {
      if (!token || !byToken.has(token)) return;
      const rest = without(byToken.get(token), thing);
      if (rest.length > 0) byToken.set(token, harden(rest));
      else byToken.delete(token);
    },

    /**
     * Cancels everything that was added with this token. Ignores a token without uses.
     *
     * @param {unknown} token
     */
    cancel(token) {
      if (typeof token !== 'object' || token === null || !byToken.has(token)) return;
      const things = byToken.get(token);
      byToken.delete(token);
      for (const thing of things) thing.cancel();
    },
  });
};

/** @typedef {ReturnType<typeof provideCancels>} Cancels */
