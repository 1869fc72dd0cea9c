// @ts-check
/**
 * Translates resolutions for one place. Their data may mention resolved promises that the place
 * does not have yet. The resolutions of those are included.
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
