// @ts-check
/**
 * The object that `makeRepeater` returns: a time grid that `schedule(handler)` puts to use.
 *
 * @import { Baggage } from '@agoric/swingset-liveslots'
 * @import { Cancels } from './schedule.js'
 */
import { prepareKindMulti } from '../durable-kinds.js';

/**
 * @param {object} powers
 * @param {Baggage} powers.baggage
 * @param {Cancels} powers.cancels
 * @param {(start: bigint, interval: bigint, handler: unknown, cancelToken: object) => void} powers.repeat
 * @param {(handler: unknown, method: string, makeError: ErrorConstructor) => void} powers.checkHandler
 */
export const prepareRepeaters = ({ baggage, cancels, repeat, checkHandler }) => {
  const makeKit = prepareKindMulti(
    baggage,
    'timerRepeater',
    (/** @type {bigint} */ start, /** @type {bigint} */ interval) => ({
      start,
      interval,
      active: false,
    }),
    {
      // No methods: this facet is the cancel token of the repeater's repetition.
      cancel: {},
      repeater: {
        schedule: ({ state, facets }, /** @type {unknown} */ handler) => {
          checkHandler(handler, 'repeater.schedule', Error);
          if (state.active) throw Error('repeater already scheduled');
          state.active = true;
          repeat(state.start, state.interval, handler, facets.cancel);
        },
        disable: ({ state, facets }) => {
          if (!state.active) return;
          cancels.cancel(facets.cancel);
          state.active = false;
        },
      },
    },
  );
  /** @type {(start: bigint, interval: bigint) => object} */
  return (start, interval) => makeKit(start, interval).repeater;
};
