// @ts-check
/**
 * The timer device: knows the time of the host's last poll, and calls handlers whose deadline has
 * passed.
 *
 * Device state holds the deadlines in order of time, in the shape of SwingSet's timer device. An
 * event with an `index` belongs to the repeater of that number. A handler must be an object of a
 * vat. If a stored one is not, its deadline passes silently and the others are still called.
 *
 * @typedef {{ handler: any, index?: number }} TimerDeviceEvent
 * @typedef {{ time: bigint, handlers: TimerDeviceEvent[] }} Deadline
 * @typedef {{ startTime: bigint, interval: bigint }} Repeater
 * @typedef {object} TimerDeviceState
 * @property {readonly Deadline[]} deadlines
 * @property {readonly (Repeater | undefined)[]} repeaters
 * @property {bigint} lastPolled
 * @property {number} nextRepeater
 */
import { Far } from '@endo/far';

/** @type {TimerDeviceState} */
const initialState = harden({ deadlines: [], repeaters: [], lastPolled: 0n, nextRepeater: 0 });

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {bigint}
 */
const toTime = (value, what) => {
  const time = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof time !== 'bigint') throw TypeError(`${what} must be a bigint, not ${typeof value}`);
  if (time < 0n) throw RangeError(`${what} is negative: ${time}`);
  return time;
};

/**
 * @param {readonly Deadline[]} deadlines
 * @param {bigint} time
 * @param {TimerDeviceEvent} event
 * @returns {Deadline[]}
 */
const addEvent = (deadlines, time, event) => {
  const position = deadlines.findIndex(deadline => deadline.time >= time);
  if (position < 0) return [...deadlines, { time, handlers: [event] }];
  const before = deadlines.slice(0, position);
  const after = deadlines.slice(position);
  const [first] = after;
  if (first?.time !== time) return [...before, { time, handlers: [event] }, ...after];
  return [...before, { time, handlers: [...first.handlers, event] }, ...after.slice(1)];
};

/**
 * The first future point of the repeater's grid, not counting its start.
 *
 * @param {Repeater} repeater
 * @param {bigint} now
 */
const nextTime = ({ startTime, interval }, now) => {
  const elapsed = now > startTime ? now - startTime : 0n;
  return startTime + (elapsed / interval + 1n) * interval;
};

/**
 * @param {object} tools
 * @param {(handler: any) => { wake: (time: bigint) => void }} tools.SO
 * @param {() => TimerDeviceState | undefined} tools.getDeviceState
 * @param {(state: TimerDeviceState) => void} tools.setDeviceState
 * @param {{ registerDevicePollFunction: (poll: (now: bigint | number) => boolean) => void }} tools.endowments
 */
export const buildRootDeviceNode = ({ SO, getDeviceState, setDeviceState, endowments }) => {
  // Read at each use, because the crank that changed it may have been undone.
  const getState = () => getDeviceState() ?? initialState;
  /** @param {Partial<TimerDeviceState>} changes */
  const update = changes => setDeviceState(harden({ ...getState(), ...changes }));

  /** `SO(handler)`, or undefined if it is not an object of a vat. @param {unknown} handler */
  const callerOf = handler => {
    try {
      return SO(handler);
    } catch {
      return undefined;
    }
  };
  /** @param {unknown} handler */
  const insistHandler = handler => {
    if (!callerOf(handler)) throw TypeError('the handler must be an object of a vat');
  };

  /** @param {unknown} index */
  const getRepeater = index => {
    const repeater = getState().repeaters[Number(index)];
    if (!repeater) throw RangeError(`there is no repeater ${String(index)}`);
    return repeater;
  };

  /** @param {bigint | number} timeValue */
  const poll = timeValue => {
    const now = toTime(timeValue, 'time');
    const { deadlines, lastPolled, repeaters } = getState();
    if (now < lastPolled) {
      throw RangeError(`Time is monotonic. ${now} cannot be less than ${lastPolled}`);
    }
    const due = deadlines.filter(({ time }) => time <= now);
    let rest = deadlines.slice(due.length);
    for (const { time, handlers } of due) {
      for (const { handler, index } of handlers) {
        const caller = callerOf(handler);
        if (!caller) continue;
        caller.wake(time);
        // The last event of a deleted repeater fires, but none follows.
        const repeater = index === undefined ? undefined : repeaters[index];
        if (repeater) rest = addEvent(rest, nextTime(repeater, now), { handler, index });
      }
    }
    update({ deadlines: rest, lastPolled: now });
    return due.length > 0;
  };
  endowments.registerDevicePollFunction(poll);

  return Far('device', {
    /** The time of the host's last poll. */
    getLastPolled: () => getState().lastPolled,

    /** Calls `handler.wake(when)` with the first poll at or after `when`. Returns `when`. */
    setWakeup(/** @type {unknown} */ when, /** @type {object} */ handler) {
      const time = toTime(when, 'wakeup time');
      insistHandler(handler);
      update({ deadlines: addEvent(getState().deadlines, time, { handler }) });
      return time;
    },

    /** Forgets all wakeups of the handler. Returns their times. */
    removeWakeup(/** @type {object} */ handler) {
      const removed = [];
      const kept = [];
      for (const { time, handlers } of getState().deadlines) {
        const others = handlers.filter(event => event.handler !== handler);
        removed.push(...handlers.filter(event => event.handler === handler).map(() => time));
        if (others.length > 0) kept.push({ time, handlers: others });
      }
      if (removed.length > 0) update({ deadlines: kept });
      return harden(removed);
    },

    /**
     * Makes a time grid `startTime + k * interval`, `k > 0`, for `schedule`. Returns its number.
     */
    makeRepeater(/** @type {unknown} */ start, /** @type {unknown} */ step) {
      const startTime = toTime(start, 'start time');
      const interval = toTime(step, 'interval');
      if (interval === 0n) throw RangeError('the interval must not be zero');
      const { nextRepeater: index, repeaters: others } = getState();
      const repeaters = [...others];
      repeaters[index] = { startTime, interval };
      update({ repeaters, nextRepeater: index + 1 });
      return index;
    },

    /** Deletes a repeater. Wakeups that are already scheduled still happen. */
    deleteRepeater(/** @type {unknown} */ index) {
      const number = Number(index);
      getRepeater(number);
      const repeaters = getState().repeaters.map((old, at) => (at === number ? undefined : old));
      update({ repeaters });
      return number;
    },

    /** Calls `handler.wake(time)` at each point of a repeater's grid. Returns the first. */
    schedule(/** @type {unknown} */ index, /** @type {object} */ handler) {
      const number = Number(index);
      insistHandler(handler);
      const { deadlines, lastPolled } = getState();
      const time = nextTime(getRepeater(number), lastPolled);
      update({ deadlines: addEvent(deadlines, time, { handler, index: number }) });
      return time;
    },
  });
};
harden(buildRootDeviceNode);
