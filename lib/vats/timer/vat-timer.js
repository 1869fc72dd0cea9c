// @ts-check
/**
 * The timer vat: wakeups, delays, repetitions and notifiers on top of the timer device.
 *
 * The vat asks the device for the time whenever it matters and is called by it when a deadline
 * has passed; it never measures time itself. All that was asked for is durable, but promises:
 * those are rejected when the incarnation ends.
 *
 * Boundary: `createTimerService` is for the bootstrap vat, which has the device. The time service
 * goes to whoever may schedule, the clock to whoever may only look, the brand to whoever compares.
 *
 * Kinds, their state and baggage keys are those of SwingSet's vat-timer, so that this vat can be
 * the next incarnation of one.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 */
import { Far, passStyleOf } from '@endo/far';
import { provide, provideSingleton } from '../durable-kinds.js';
import { prepareOneShots, prepareRepetitions } from './events.js';
import { prepareNotifiers } from './notifier.js';
import { preparePromiseEvents } from './promise-events.js';
import { prepareRepeaters } from './repeater.js';
import { provideCancels, provideSchedule } from './schedule.js';
import { makeTimes } from './time.js';

/** @param {unknown} token */
const checkCancelToken = token => {
  if (token === undefined) return;
  if (passStyleOf(/** @type {any} */ (token)) !== 'remotable') throw RangeError('bad cancel token');
};

/** @type {(handler: unknown, method: string) => void} */
const checkHandler = (handler, method) => {
  // Not even a promise for one: it could not be kept beyond the incarnation.
  if (passStyleOf(/** @type {any} */ (handler)) !== 'remotable') {
    throw RangeError(`bad ${method}() handler`);
  }
};

/** @param {bigint} interval */
const checkInterval = interval => {
  if (interval === 0n) throw Error('interval must be nonzero');
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
    if (!baggage.has('timerDevice')) throw Error('call createTimerService() with the device first');
    return baggage.get('timerDevice');
  };
  /** @returns {bigint} */
  const getNow = () => D(getDevice()).getLastPolled();

  const cancels = provideCancels(baggage);
  const schedule = provideSchedule(baggage, earliest => {
    const device = getDevice();
    D(device).removeWakeup(wakeupHandler);
    if (earliest !== undefined) D(device).setWakeup(earliest, wakeupHandler);
  });
  const wakeupHandler = provideSingleton(baggage, 'wakeupHandler', {
    wake: () => {
      const now = getNow();
      for (const event of schedule.takeDue(now)) event.fired(now);
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
      checkInterval(intervalValue);
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

    cancel: (_context, /** @type {unknown} */ cancelToken) => cancels.cancel(cancelToken),
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
