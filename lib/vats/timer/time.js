// @ts-check
/**
 * Branded time: `{ absValue, timerBrand }` for a moment, `{ relValue, timerBrand }` for a duration,
 * in the unit of the host's `poll()`. Bare bigints and safe integers are accepted too.
 *
 * @typedef {object} TimerBrand
 * @typedef {{ readonly absValue: bigint, readonly timerBrand: TimerBrand }} TimestampRecord
 * @typedef {{ readonly relValue: bigint, readonly timerBrand: TimerBrand }} RelativeTimeRecord
 */

import { brief } from '../brief.js';

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {bigint}
 */
const toNat = (value, what) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return toNat(BigInt(value), what);
  if (typeof value !== 'bigint') throw TypeError(`${what} must be a bigint, not ${typeof value}`);
  if (value < 0n) throw Error(`${what}: "[${value}n]" - Must be non-negative`);
  return value;
};

/**
 * @param {TimerBrand} timerBrand
 * @param {'absValue' | 'relValue'} field
 * @param {string} what
 * @returns {(time: any) => bigint}
 */
const makeReader = (timerBrand, field, what) => time => {
  if (typeof time !== 'object' || time === null) return toNat(time, `${what}: ${field}`);
  const names = Object.keys(time).sort().join();
  if (names !== `${field},timerBrand`) {
    throw TypeError(`${what}: expected {${field},timerBrand}, not {${brief(names)}}`);
  }
  if (time.timerBrand !== timerBrand) {
    throw Error(`TimerBrands must match: ${brief(`${time.timerBrand}`)} vs ${timerBrand}`);
  }
  return toNat(time[field], `${what}: ${field}`);
};

/**
 * Reads and makes times of one brand.
 *
 * @param {TimerBrand} timerBrand
 */
export const makeTimes = timerBrand =>
  harden({
    /** The value of a timestamp. @throws for another brand, a duration, or a negative value. */
    readTimestamp: makeReader(timerBrand, 'absValue', 'timestamp'),
    /** The value of a duration. @throws for another brand, a timestamp, or a negative value. */
    readRelativeTime: makeReader(timerBrand, 'relValue', 'relative'),
    /** @type {(absValue: bigint) => TimestampRecord} */
    toTimestamp: absValue => harden({ absValue, timerBrand }),
  });

/** @typedef {ReturnType<typeof makeTimes>} Times */

/**
 * The position of `now` on the grid `start`, `start + interval`, ...: the latest point that is not
 * in the future (undefined before `start`), its number (from 1), and the next point.
 *
 * @param {bigint} start
 * @param {bigint} interval
 * @param {bigint} now
 */
export const gridAt = (start, interval, now) => {
  if (now < start) return { count: 0n, latest: undefined, next: start };
  const steps = (now - start) / interval;
  const latest = start + steps * interval;
  return { count: steps + 1n, latest, next: latest + interval };
};
