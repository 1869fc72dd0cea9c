// @ts-check
/**
 * A notifier of the points of a time grid. It stores only the grid, so it costs nothing while
 * nobody asks, and skips points that nobody asked for.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 * @import { Cancels } from './schedule.js'
 * @import { Times, TimestampRecord } from './time.js'
 * @import { Waiter } from './promise-events.js'
 */
import { prepareKind, prepareKindMulti } from '../durable-kinds.js';
import { gridAt } from './time.js';

/** @typedef {{ value: TimestampRecord, updateCount: bigint | undefined }} UpdateRecord */

/**
 * @param {object} powers
 * @param {Baggage} powers.baggage
 * @param {Cancels} powers.cancels
 * @param {Times} powers.times
 * @param {() => bigint} powers.getNow
 * @param {bigint} powers.incarnation
 * @param {(when: bigint, cancelToken: object | undefined, waiter: Waiter) => void} powers.waitUntil
 */
export const prepareNotifiers = ({ baggage, cancels, times, getNow, incarnation, waitUntil }) => {
  const makeIterator = prepareKind(
    baggage,
    'timerIterator',
    (/** @type {any} */ notifier) => ({
      notifier,
      updateCount: /** @type {bigint | undefined} */ (undefined),
      // False, or the incarnation in which `next()` is unsettled. A `next()` of an earlier one was
      // rejected.
      active: /** @type {false | bigint} */ (false),
    }),
    {
      next: context => {
        const { state } = context;
        if (state.active === incarnation) {
          throw Error('timer iterator dislikes overlapping next()');
        }
        state.active = incarnation;
        return Promise.resolve(state.notifier.getUpdateSince(state.updateCount)).then(
          (/** @type {UpdateRecord} */ { value, updateCount }) => {
            // Use the context, so that this closure keeps the iterator alive.
            context.state.active = false;
            context.state.updateCount = updateCount;
            return harden({ value, done: updateCount === undefined });
          },
        );
      },
    },
  );

  /** @type {(now: bigint) => UpdateRecord} */
  const makeFinal = now => harden({ value: times.toTimestamp(now), updateCount: undefined });
  /** @type {(latest: bigint, updateCount: bigint) => UpdateRecord} */
  const makeUpdate = (latest, updateCount) =>
    harden({ value: times.toTimestamp(latest), updateCount });

  const makeKit = prepareKindMulti(
    baggage,
    'timerNotifier',
    (
      /** @type {bigint} */ start,
      /** @type {bigint} */ interval,
      /** @type {object | undefined} */ cancelToken,
    ) => ({
      start,
      interval,
      cancelToken,
      final: /** @type {UpdateRecord | undefined} */ (undefined),
    }),
    {
      canceller: {
        cancel: ({ state }) => {
          state.final = makeFinal(getNow());
          // Otherwise the notifier would keep the token alive.
          state.cancelToken = undefined;
        },
      },
      notifier: {
        [Symbol.asyncIterator]: ({ facets }) => makeIterator(facets.notifier),
        getUpdateSince: ({ state }, /** @type {bigint | undefined} */ known) => {
          const { start, interval, cancelToken, final } = state;
          if (final) return final;
          const { count, latest, next } = gridAt(start, interval, getNow());
          if (latest !== undefined && known !== count) return makeUpdate(latest, count);
          return new Promise(resolve => {
            waitUntil(next, cancelToken, {
              fired: now => {
                const reached = gridAt(start, interval, now);
                resolve(makeUpdate(/** @type {bigint} */ (reached.latest), reached.count));
              },
              cancel: () => resolve(makeFinal(getNow())),
            });
          });
        },
      },
    },
  );

  /**
   * @param {bigint} start
   * @param {bigint} interval
   * @param {object | undefined} cancelToken
   */
  return (start, interval, cancelToken) => {
    const { notifier, canceller } = makeKit(start, interval, cancelToken);
    cancels.add(cancelToken, canceller);
    return notifier;
  };
};
