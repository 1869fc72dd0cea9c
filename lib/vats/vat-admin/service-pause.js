// @ts-check
/**
 * SwingSet's protocol before an upgrade: a vat that hears `pauseService()` takes no new work and
 * answers when what it had begun is done; it serves again after `resumeService()`, and in its next
 * incarnation.
 */
import { Fail } from '@endo/errors';
import { makePromiseKit } from '@endo/promise-kit';

/** @import { PromiseKit } from '@endo/promise-kit' */

/** @param {() => boolean} isBusy whether something that was begun is not done */
export const makeServicePause = isBusy => {
  /** @type {PromiseKit<true> | undefined} */
  let pause;
  const check = () => {
    if (pause && !isBusy()) pause.resolve(true);
  };
  return harden({
    insistServing() {
      // in SwingSet's words
      !pause || Fail`service not available, try again later`;
    },
    /** @returns {Promise<true>} fulfilled when nothing is under way any more */
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
    /** To be called when something is done. */
    check,
  });
};
harden(makeServicePause);
