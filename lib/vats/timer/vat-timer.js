// @ts-check
/**
 * The timer vat: wakeups, delays, repetitions and notifiers on top of the timer device.
 *
 * The vat never measures time. It asks the device for the current time, and the device calls it
 * when a deadline has passed. Everything scheduled is durable except promises: those reject when
 * the incarnation ends.
 *
 * Boundary: the bootstrap vat, which has the device, calls `createTimerService`. The timer service
 * is for vats that may schedule, the clock for those that may only read the time, and the brand for
 * those that compare times.
 *
 * The kinds, their state and the baggage keys are those of SwingSet's vat-timer, so this code can
 * take over from it.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 */
import { Far, passStyleOf } from '@endo/far';
import { provide, provideSingleton } from '../durable-kinds.js';
import { prepareOneShots, prepareRepetitions } from './events.js';
import { prepareNotifiers } from './notifier.js';
import { preparePromiseEvents } from './promise-events.js';
import { prepareRepeaters } from './repeater.js';
import { MOST_AT_ONCE, provideCancels, provideSchedule } from './schedule.js';
import { makeTimes } from './time.js';

/** @param {unknown} token */
const checkCancelToken = token => {
  // As in SwingSet, `null` and its like are no token.
  if (!token) return;
  if (passStyleOf(/** @type {any} */ (token)) !== 'remotable') throw RangeError('bad cancel token');
};

/** @type {(handler: unknown, method: string, makeError?: ErrorConstructor) => void} */
const checkHandler = (handler, method, makeError = RangeError) => {
  // A promise for a handler won't do, because a promise can't be durable.
  if (passStyleOf(/** @type {any} */ (handler)) !== 'remotable') {
    throw makeError(`bad ${method}() handler`);
  }
};

/** @type {(interval: bigint, rule?: 'nonzero' | 'positive') => void} */
const checkInterval = (interval, rule = 'nonzero') => {
  if (interval === 0n) throw Error(`interval must be ${rule}`);
};

/**
 * @param {any} vatPowers
 * @param {unknown} _vatParameters
 * @param {Baggage} baggage
 */
export const buildRootObject = (vatPowers, _vatParameters, baggage) => {
  const { D } = vatPowers;

  const incarnation = provide(baggage, 'incarnation', () => -1n) + 1n;
  baggage.set('incarnation', incarnation);

  const getDevice = () => {
    if (!baggage.has('timerDevice')) throw Error('TimerService used before createTimerService()');
    return baggage.get('timerDevice');
  };
  /** @returns {bigint} */
  const getNow = () => D(getDevice()).getLastPolled();

  const cancels = provideCancels(baggage);
  const schedule = provideSchedule(baggage, {
    isUrgent: cancels.isUnfinished,
    armDevice: earliest => {
      const device = getDevice();
      D(device).removeWakeup(wakeupHandler);
      if (earliest !== undefined) D(device).setWakeup(earliest, wakeupHandler);
    },
  });
  const wakeupHandler = provideSingleton(baggage, 'wakeupHandler', {
    wake: () => {
      const now = getNow();
      let most = MOST_AT_ONCE;
      // What was cancelled comes first, because it must not fire.
      if (cancels.isUnfinished()) {
        schedule.inBulk(() => {
          most -= cancels.finish();
        });
      }
      const due = schedule.takeDue(now, cancels.isUnfinished() ? 0 : most);
      cancels.inBulk(() => due.forEach(event => event.fired(now)));
      sweep();
    },
  });

  const timerBrand = provideSingleton(baggage, 'timerBrand', {
    isMyTimerService: (_context, /** @type {unknown} */ candidate) => candidate === timerService,
    isMyClock: (_context, /** @type {unknown} */ candidate) => candidate === clock,
  });
  const times = makeTimes(timerBrand);
  const { readRelativeTime, readTimestamp, toTimestamp } = times;
  const clock = provideSingleton(baggage, 'timerClock', {
    getCurrentTimestamp: () => toTimestamp(getNow()),
    getTimerBrand: () => timerBrand,
  });

  const powers = { baggage, schedule, cancels, times, getNow };
  const wakeOnce = prepareOneShots(powers);
  const { waitUntil, sweep } = preparePromiseEvents(powers);
  const repeat = prepareRepetitions(powers);
  const makeRepeater = prepareRepeaters({ baggage, cancels, repeat, checkHandler });
  const makeNotifier = prepareNotifiers({ ...powers, incarnation, waitUntil });

  /** @type {(when: bigint, now: bigint, cancelToken: object | undefined) => unknown} */
  const promiseFor = (when, now, cancelToken) => {
    if (when <= now) return toTimestamp(now);
    return new Promise((resolve, reject) => {
      waitUntil(when, cancelToken, {
        fired: firedAt => resolve(toTimestamp(firedAt)),
        cancel: () => reject(Error('TimerCancelled')),
      });
    });
  };

  const timerService = provideSingleton(baggage, 'timerService', {
    getCurrentTimestamp: () => toTimestamp(getNow()),
    getTimerBrand: () => timerBrand,
    getClock: () => clock,

    setWakeup: (
      _context,
      /** @type {unknown} */ when,
      /** @type {unknown} */ handler,
      /** @type {object | undefined} */ cancelToken,
    ) => {
      const whenValue = readTimestamp(when);
      checkHandler(handler, 'setWakeup');
      checkCancelToken(cancelToken);
      wakeOnce(whenValue, handler, cancelToken);
      return toTimestamp(whenValue);
    },

    wakeAt: (
      _context,
      /** @type {unknown} */ when,
      /** @type {object | undefined} */ cancelToken,
    ) => {
      const whenValue = readTimestamp(when);
      checkCancelToken(cancelToken);
      return promiseFor(whenValue, getNow(), cancelToken);
    },

    delay: (
      _context,
      /** @type {unknown} */ delay,
      /** @type {object | undefined} */ cancelToken,
    ) => {
      const delayValue = readRelativeTime(delay);
      checkCancelToken(cancelToken);
      const now = getNow();
      return promiseFor(now + delayValue, now, cancelToken);
    },

    makeRepeater: (_context, /** @type {unknown} */ delay, /** @type {unknown} */ interval) => {
      const delayValue = readRelativeTime(delay);
      const intervalValue = readRelativeTime(interval);
      checkInterval(intervalValue);
      return makeRepeater(getNow() + delayValue, intervalValue);
    },

    repeatAfter: (
      _context,
      /** @type {unknown} */ delay,
      /** @type {unknown} */ interval,
      /** @type {unknown} */ handler,
      /** @type {object | undefined} */ cancelToken,
    ) => {
      const delayValue = readRelativeTime(delay);
      const intervalValue = readRelativeTime(interval);
      checkInterval(intervalValue, 'positive');
      checkHandler(handler, 'repeatAfter');
      checkCancelToken(cancelToken);
      repeat(getNow() + delayValue, intervalValue, handler, cancelToken);
    },

    makeNotifier: (
      _context,
      /** @type {unknown} */ delay,
      /** @type {unknown} */ interval,
      /** @type {object | undefined} */ cancelToken,
    ) => {
      const delayValue = readRelativeTime(delay);
      const intervalValue = readRelativeTime(interval);
      checkInterval(intervalValue);
      checkCancelToken(cancelToken);
      return makeNotifier(getNow() + delayValue, intervalValue, cancelToken);
    },

    cancel: (_context, /** @type {unknown} */ cancelToken) =>
      schedule.inBulk(() => cancels.cancel(cancelToken)),
  });

  return Far('root', {
    /** @param {unknown} timerDevice the root node of the timer device */
    createTimerService(timerDevice) {
      if (baggage.has('timerDevice')) baggage.set('timerDevice', timerDevice);
      else baggage.init('timerDevice', timerDevice);
      return timerService;
    },
  });
};
harden(buildRootObject);
