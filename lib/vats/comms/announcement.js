// @ts-check
/**
 * Translates resolutions for one place. Their data may mention resolved promises that the place
 * does not have yet. The resolutions of those are included.
 *
 * What is too much for one delivery or syscall is announced as rejected: comms must not end by it,
 * because all connections would.
 *
 * @import { Budget } from './budget.js'
 * @import { Data, LocalRef } from './types.js'
 * @import { Promises } from './promises.js'
 * @import { References } from './references.js'
 */
import { errorData } from './marshalled.js';

const tooMuch = harden({
  rejected: true,
  data: errorData('the data is too much for one delivery of the comms vat'),
});

/**
 * @param {object} powers
 * @param {Budget} powers.budget
 * @param {Promises} powers.promises
 * @param {References} powers.references
 * @param {(data: Data, announced: number) => boolean} [powers.hasRoom] whether the syscall can hold
 *   the data besides what it holds, of which so many resolutions are known
 * @param {readonly LocalRef[]} resolved
 */
export const makeAnnouncement = (powers, resolved) => {
  const { budget, promises, references, hasRoom = () => true } = powers;
  /** @type {Array<{ promise: LocalRef, ref: string, rejected: boolean, data: Data<string> }>} */
  const announced = [];
  references.startAnnouncing(resolved);
  const pending = [...resolved, ...references.takeUntold()];
  for (const promise of pending) {
    // Not even read when there is no budget for it.
    const found = budget.isSpent() ? tooMuch : promises.getResolution(promise);
    const { rejected, data } = hasRoom(found.data, pending.length) ? found : tooMuch;
    announced.push({
      promise,
      ref: references.exportRef(promise),
      rejected,
      data: { body: data.body, slots: data.slots.map(references.exportRef) },
    });
    for (const untold of references.takeUntold()) pending.push(untold);
  }
  references.finishAnnouncing();
  return announced;
};
