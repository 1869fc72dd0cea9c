// @ts-check
/**
 * SwingSet's protocol before an upgrade. After `pauseService()` a vat takes no new work, and
 * answers when its work in progress is done. It serves again after `resumeService()`, and in its
 * next incarnation.
 */
import { Fail } from '@endo/errors';
import { makePromiseKit } from '@endo/promise-kit';

/** @import { PromiseKit } from '@endo/promise-kit' */

/** @param {() => boolean} isBusy is work in progress? */
export const makeServicePause = isBusy => {
  /** @type {PromiseKit<true> | undefined} */
  let pause;
  const check = () => {
    if (pause && !isBusy()) pause.resolve(true);
  };
  return harden({
    insistServing() {
      // SwingSet's message.
      !pause || Fail`service not available, try again later`;
    },
    /** @returns {Promise<true>} fulfilled when no work is in progress */
    pause() {
      if (!pause) {
        pause = makePromiseKit();
        pause.promise.catch(() => {});
      }
      check();
      return pause.promise;
    },
    resume() {
      pause?.reject(Error('shutdown cancelled'));
      pause = undefined;
    },
    /** Call this whenever work is done. */
    check,
  });
};
harden(makeServicePause);
