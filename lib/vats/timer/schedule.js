// @ts-check
/**
 * What is to happen when, and what a cancel token stands for; both survive the incarnation.
 *
 * The device holds at most one wakeup of this vat, the earliest deadline, as the rest would be
 * kept twice.
 *
 * @import { Baggage, MapStore } from '@agoric/swingset-liveslots'
 */
import { makeScalarBigMapStore, makeScalarBigWeakMapStore, provide } from '../durable-kinds.js';

/**
 * An event is a durable object: `fired(now)` when its time has come, `cancel()` when its token is
 * used. Both leave it unscheduled.
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
  /** What the device was last told; `null` while this incarnation has told it nothing. */
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
     * Takes an event out, if it is still there.
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
     * Takes out all events up to and including `now`, in order of time and then of arrival. The
     * device has forgotten its wakeup by calling it.
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
     * @param {object | undefined} token none for what can't be cancelled
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
     * Cancels all that was given this token; a token that nobody used is nobody's mistake.
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
