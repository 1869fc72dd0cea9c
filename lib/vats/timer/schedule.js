// @ts-check
/**
 * The schedule (events by deadline) and the cancel tokens. Both are durable.
 *
 * The device holds at most one wakeup for this vat, for the earliest deadline. More would only
 * duplicate the schedule.
 *
 * Invariant: the cost of a delivery is bounded, however many events share a deadline or a token. A
 * delivery handles `MOST_AT_ONCE` of them, and writes each row once. The rest follows at the next
 * poll. No event fires while something that was cancelled before is left.
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

/** One event costs up to 150,000 computrons, and a delivery has 1,000,000,000. */
export const MOST_AT_ONCE = 2_000;

/**
 * A list for each key of a store. An empty one has no row.
 *
 * @template Key
 * @template {object} Item
 * @param {{
 *   has: (key: Key) => boolean,
 *   get: (key: Key) => readonly Item[],
 *   init: (key: Key, items: readonly Item[]) => void,
 *   set: (key: Key, items: readonly Item[]) => void,
 *   delete: (key: Key) => void,
 * }} store
 */
const makeLists = store => {
  /** While `inBulk` runs. @type {Map<Key, Set<Item>> | undefined} */
  let removals;
  /** @type {(key: Key, items: readonly Item[]) => void} */
  const replace = (key, items) => {
    if (items.length > 0) store.set(key, harden(items));
    else store.delete(key);
  };
  /** @type {(key: Key, items: ReadonlySet<Item>) => void} */
  const removeAll = (key, items) => {
    if (!store.has(key)) return;
    replace(
      key,
      store.get(key).filter(item => !items.has(item)),
    );
  };
  return harden({
    replace,
    /** @type {(key: Key, item: Item) => void} */
    add(key, item) {
      if (store.has(key)) store.set(key, harden([...store.get(key), item]));
      else store.init(key, harden([item]));
    },
    /** @type {(key: Key, item: Item) => void} */
    remove(key, item) {
      const items = removals?.get(key) ?? new Set();
      items.add(item);
      if (removals) removals.set(key, items);
      else removeAll(key, items);
    },
    /** Removals during the action are written at its end. @param {() => void} action */
    inBulk(action) {
      removals = new Map();
      try {
        action();
      } finally {
        const all = removals;
        removals = undefined;
        for (const [key, items] of all) removeAll(key, items);
      }
    },
  });
};

/**
 * @param {Baggage} baggage
 * @param {object} ports
 * @param {(earliest: bigint | undefined) => void} ports.armDevice
 * @param {() => boolean} ports.isUrgent whether there is work for the next poll
 */
export const provideSchedule = (baggage, { armDevice, isUrgent }) => {
  /** @type {MapStore<bigint, readonly TimerEvent[]>} */
  const deadlines = provide(baggage, 'schedule', () =>
    makeScalarBigMapStore('schedule', { durable: true }),
  );
  const lists = makeLists(deadlines);

  const earliest = () => {
    for (const when of deadlines.keys()) return when;
    return undefined;
  };
  /** The device's wakeup time; `null` until this incarnation sets it. */
  let armed = /** @type {bigint | undefined | null} */ (null);
  let isInBulk = false;
  const rearm = () => {
    if (isInBulk) return;
    const when = isUrgent() ? 0n : earliest();
    if (when !== armed) armDevice(when);
    armed = when;
  };

  return harden({
    /**
     * @param {bigint} when
     * @param {TimerEvent} event
     */
    add(when, event) {
      lists.add(when, event);
      rearm();
    },

    /**
     * Removes an event, if it is still scheduled.
     *
     * @param {bigint} when
     * @param {TimerEvent} event
     */
    remove(when, event) {
      lists.remove(when, event);
      rearm();
    },

    /** Removals during the action are written at its end. @param {() => void} action */
    inBulk(action) {
      isInBulk = true;
      try {
        lists.inBulk(action);
      } finally {
        isInBulk = false;
        rearm();
      }
    },

    /**
     * Removes and returns the first events up to and including `now`, by time and then by arrival.
     * The device forgot the wakeup that it called, so this sets a new one.
     *
     * @param {bigint} now
     * @param {number} most
     * @returns {TimerEvent[]}
     */
    takeDue(now, most) {
      const due = [];
      while (due.length < most) {
        const when = earliest();
        if (when === undefined || when > now) break;
        const events = deadlines.get(when);
        const taken = events.slice(0, most - due.length);
        due.push(...taken);
        lists.replace(when, events.slice(taken.length));
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
  const lists = makeLists(byToken);

  /** What was cancelled, and has not been told yet. @type {() => readonly Cancellable[]} */
  const getLeft = () => (baggage.has('cancelling') ? baggage.get('cancelling') : []);
  /** @param {readonly Cancellable[]} left */
  const setLeft = left => {
    if (baggage.has('cancelling')) baggage.set('cancelling', harden(left));
    else if (left.length > 0) baggage.init('cancelling', harden(left));
  };
  let isUnfinished = getLeft().length > 0;
  /** @type {(things: readonly Cancellable[], most: number) => readonly Cancellable[]} */
  const cancelSome = (things, most) => {
    for (const thing of things.slice(0, most)) thing.cancel();
    return things.slice(most);
  };

  return harden({
    /**
     * @param {object | undefined} token undefined for what can't be cancelled
     * @param {Cancellable} thing
     */
    add(token, thing) {
      if (token) lists.add(token, thing);
    },

    /**
     * @param {object | undefined} token
     * @param {Cancellable} thing
     */
    remove(token, thing) {
      if (token) lists.remove(token, thing);
    },

    /** Removals during the action are written at its end. @param {() => void} action */
    inBulk: action => lists.inBulk(action),

    /**
     * Cancels everything that was added with this token, in the order in which it was added. Ignores
     * a token without uses.
     *
     * @param {unknown} token
     */
    cancel(token) {
      if (typeof token !== 'object' || token === null || !byToken.has(token)) return;
      const things = byToken.get(token);
      byToken.delete(token);
      const left = cancelSome(things, MOST_AT_ONCE);
      if (left.length === 0) return;
      setLeft([...getLeft(), ...left]);
      isUnfinished = true;
    },

    /** Has `cancel` left something to `finish`? */
    isUnfinished: () => isUnfinished,

    /** Cancels more of what `cancel` left. @returns {number} how much */
    finish() {
      const things = getLeft();
      const left = cancelSome(things, MOST_AT_ONCE);
      setLeft(left);
      isUnfinished = left.length > 0;
      return things.length - left.length;
    },
  });
};

/** @typedef {ReturnType<typeof provideCancels>} Cancels */
