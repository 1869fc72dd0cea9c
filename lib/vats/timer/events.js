// @ts-check
/**
 * The durable events of wakeups and repetitions, which the schedule holds. Those of promises are in
 * `promise-events.js`.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 * @import { Cancels, Schedule } from './schedule.js'
 * @import { Times } from './time.js'
 */
import { E } from '@endo/far';
import {
  prepareKind,
  provideKindHandle,
  providePromiseWatcher,
  watchPromise,
} from '../durable-kinds.js';
import { gridAt } from './time.js';

/**
 * @typedef {object} EventPowers
 * @property {Baggage} baggage
 * @property {Schedule} schedule
 * @property {Cancels} cancels
 * @property {Times} times
 * @property {() => bigint} getNow
 */

/**
 * Is this the reason with which the kernel rejects a promise when its decider's incarnation ends?
 *
 * @param {any} reason
 */
const isUpgradeDisconnection = reason =>
  typeof reason === 'object' &&
  reason !== null &&
  reason.name === 'vatUpgraded' &&
  typeof reason.incarnationNumber === 'number';

/** @param {EventPowers} powers */
export const prepareOneShots = ({ baggage, schedule, cancels, times, getNow }) => {
  /** @type {(handler: any, now: bigint) => void} */
  const wake = (handler, now) => {
    E(handler)
      .wake(times.toTimestamp(now))
      .catch((/** @type {unknown} */ err) => console.error('timer: wakeup handler failed', err));
  };

  const makeOneShot = prepareKind(
    baggage,
    'oneShotEvent',
    (
      /** @type {bigint} */ when,
      /** @type {unknown} */ handler,
      /** @type {object | undefined} */ cancelToken,
    ) => ({ when, handler, cancelToken }),
    {
      fired: ({ self, state }, /** @type {bigint} */ now) => {
        cancels.remove(state.cancelToken, self);
        wake(state.handler, now);
      },
      cancel: ({ self, state }) => schedule.remove(state.when, self),
    },
  );

  /**
   * Calls `handler.wake(now)` once, with the first poll at or after `when`.
   *
   * @param {bigint} when
   * @param {unknown} handler
   * @param {object} [cancelToken]
   */
  return (when, handler, cancelToken) => {
    const now = getNow();
    if (when <= now) return wake(handler, now);
    const event = makeOneShot(when, handler, cancelToken);
    schedule.add(when, event);
    cancels.add(cancelToken, event);
  };
};

/** @param {EventPowers} powers */
export const prepareRepetitions = ({ baggage, schedule, cancels, times, getNow }) => {
  // The next wakeup waits for the handler's answer. The answer may arrive in a later incarnation of
  // this vat, or never, if the handler's incarnation ended. The repetition goes on in both cases.
  const answerWatcher = providePromiseWatcher(
    provideKindHandle(baggage, 'repeaterAnswerWatcher'),
    (_answer, /** @type {any} */ event) => event.scheduleNext(),
    (reason, /** @type {any} */ event) =>
      isUpgradeDisconnection(reason) ? event.scheduleNext() : event.giveUp(reason),
  );

  const makeRepetition = prepareKind(
    baggage,
    'repeaterEvent',
    (
      /** @type {bigint} */ start,
      /** @type {bigint} */ interval,
      /** @type {unknown} */ handler,
      /** @type {object | undefined} */ cancelToken,
    ) => ({
      start,
      interval,
      handler,
      scheduled: /** @type {bigint | undefined} */ (undefined),
      cancelled: false,
      cancelToken,
    }),
    {
      scheduleNext: ({ self, state }) => {
        if (state.cancelled) return;
        state.scheduled = gridAt(state.start, state.interval, getNow()).next;
        schedule.add(state.scheduled, self);
      },
      fired: ({ self, state }, /** @type {bigint} */ now) => {
        state.scheduled = undefined;
        if (state.cancelled) return;
        const answer = E(/** @type {any} */ (state.handler)).wake(times.toTimestamp(now));
        watchPromise(answer, answerWatcher, self);
      },
      cancel: ({ self, state }) => {
        if (state.scheduled !== undefined) schedule.remove(state.scheduled, self);
        state.scheduled = undefined;
        state.cancelled = true;
        state.cancelToken = undefined;
      },
      giveUp: ({ self, state }, /** @type {unknown} */ reason) => {
        console.warn(
          `timer: repetition ends as its handler failed, interval ${state.interval}`,
          reason,
        );
        cancels.remove(state.cancelToken, self);
        state.cancelled = true;
        state.cancelToken = undefined;
      },
    },
  );

  /**
   * Calls `handler.wake(now)` at `start`, and at each `start + k * interval` that comes after the
   * handler answered the previous call.
   *
   * @param {bigint} start
   * @param {bigint} interval
   * @param {unknown} handler
   * @param {object} [cancelToken]
   */
  return (start, interval, handler, cancelToken) => {
    const event = makeRepetition(start, interval, handler, cancelToken);
    cancels.add(cancelToken, event);
    const now = getNow();
    if (gridAt(start, interval, now).latest === now) event.fired(now);
    else event.scheduleNext();
  };
};
