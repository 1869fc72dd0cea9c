// @ts-check
/**
 * Resolutions for one place, in references of that place. Data may mention further promises that
 * the place has not heard of and that are resolved already: their resolutions come along.
 *
 * @import { Data, LocalRef } from './types.js'
 * @import { Promises } from './promises.js'
 * @import { References } from './references.js'
 */

/**
 * @param {Promises} promises
 * @param {References} references
 * @param {readonly LocalRef[]} resolved
 */
export const makeAnnouncement = (promises, references, resolved) => {
  /** @type {Array<{ promise: LocalRef, ref: string, rejected: boolean, data: Data<string> }>} */
  const announced = [];
  references.startAnnouncing(resolved);
  const pending = [...resolved, ...references.takeUntold()];
  for (const promise of pending) {
    const { rejected, data } = promises.getResolution(promise);
    announced.push({
      promise,
      ref: references.exportRef(promise),
      rejected,
      data: { body: data.body, slots: data.slots.map(references.exportRef) },
    });
    pending.push(...references.takeUntold());
  }
  references.finishAnnouncing();
  return announced;
};
