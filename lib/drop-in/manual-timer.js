/**
 * A timer service whose time only the caller moves, for tests without a kernel and for vats that
 * test other vats. It runs this package's timer vat over a device made of variables.
 *
 * Boundary: needs the global `VatData`, of a vat or of a prepared test environment.
 */
import { Fail, q } from '@endo/errors';
import { Far } from '@endo/far';
import { buildRootObject } from '../vats/timer/vat-timer.js';

/**
 * @typedef {bigint | number | { readonly absValue: bigint }} Time
 * @typedef {bigint | number | { readonly relValue: bigint }} Duration
 *
 * @typedef {object} ManualTimerCallbacks
 * @property {(newTime: bigint, message?: string) => void} [advanceTo] before time moves
 * @property {(now: bigint, when: bigint) => void} [setWakeup] the service asks to be woken
 * @property {(now: bigint) => void} [wake] the service is about to be woken
 *
 * @typedef {object} ManualTimerOptions
 * @property {Time} [startTime] default 0
 * @property {ManualTimerCallbacks} [callbacks]
 */

/** @param {unknown} value */
const toNatural = value => {
  const number = BigInt(/** @type {bigint} */ (value));
  number >= 0n || Fail`a time must not be negative: ${number}`;
  return number;
};

/** @param {Time} time */
const valueOfTime = time => toNatural(typeof time === 'object' ? time.absValue : time);

/** @param {Duration} duration */
const valueOfDuration = duration =>
  toNatural(typeof duration === 'object' ? duration.relValue : duration);

/** A baggage that no upgrade will need. */
const makeBaggage = () => {
  /** @type {Map<string, any>} */
  const entries = new Map();
  return harden({
    has: (/** @type {string} */ key) => entries.has(key),
    get: (/** @type {string} */ key) => entries.get(key),
    init: (/** @type {string} */ key, /** @type {any} */ value) => void entries.set(key, value),
    set: (/** @type {string} */ key, /** @type {any} */ value) => void entries.set(key, value),
  });
};

/** @param {object} object */
const bindMethods = object => {
  /** @type {Record<string, Function>} */
  const methods = {};
  for (let from = object; from && from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    for (const name of Object.getOwnPropertyNames(from)) {
      const method = /** @type {any} */ (object)[name];
      const isOwn = name !== 'constructor' && name !== '__getMethodNames__';
      if (isOwn && typeof method === 'function' && !(name in methods)) {
        methods[name] = method.bind(object);
      }
    }
  }
  return methods;
};

/**
 * The methods of a timer service, and `advanceTo(time)` and `advanceBy(duration)`, which move its
 * time forward and answer it. What becomes due is woken in the same turn.
 *
 * @param {ManualTimerOptions} [options]
 */
export const buildManualTimer = ({ startTime = 0n, callbacks = {}, ...others } = {}) => {
  const unknown = Object.keys(others);
  unknown.length === 0 || Fail`buildManualTimer unknown options ${q(unknown.join())}`;
  let now = valueOfTime(startTime);
  /** @type {{ when: bigint, handler: { wake(time: bigint): void } } | undefined} */
  let wakeup;

  const device = harden({});
  const deviceMethods = harden({
    getLastPolled: () => now,
    setWakeup: (/** @type {bigint} */ when, /** @type {any} */ handler) => {
      callbacks.setWakeup?.(now, when);
      wakeup = { when, handler };
      return when;
    },
    removeWakeup: (/** @type {unknown} */ _handler) => {
      const times = wakeup ? [wakeup.when] : [];
      wakeup = undefined;
      return harden(times);
    },
  });
  /** @param {unknown} node */
  const D = node => {
    node === device || Fail`D() of a manual timer knows its own device only`;
    return deviceMethods;
  };
  const root = buildRootObject(/** @type {any} */ ({ D }), {}, /** @type {any} */ (makeBaggage()));
  const service = root.createTimerService(device);

  /**
   * @param {Time} time
   * @param {string} [message] for the callback
   */
  const advanceTo = (time, message) => {
    const when = valueOfTime(time);
    callbacks.advanceTo?.(when, message);
    when > now || Fail`advanceTo(${when}) < current ${now}`;
    now = when;
    // The service may ask to be woken at once again, if very much is due.
    while (wakeup && wakeup.when <= now) {
      callbacks.wake?.(now);
      wakeup.handler.wake(now);
    }
    return now;
  };

  return Far('ManualTimer', {
    .../** @type {any} */ (bindMethods(service)),
    advanceTo,
    advanceBy: (/** @type {Duration} */ duration, /** @type {string | undefined} */ message) =>
      advanceTo(now + valueOfDuration(duration), message),
  });
};
harden(buildManualTimer);
