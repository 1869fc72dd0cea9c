/** Waits for promises and finalizers of the whole worker. Works in the start compartment only. */

const nextTurnOfLoop = () =>
  new Promise(resolve => {
    setImmediate(resolve);
  });

/** Settles when the promise queue is empty: XS serves immediates after it. */
export const waitUntilQuiescent = () => nextTurnOfLoop();

/**
 * Collects garbage, and settles when the finalizers have run. The promise queue must be empty
 * first, because pending reactions keep objects alive; XS needs two turns to be sure of that, and
 * two more for finalizers and the promises that they resolve.
 */
export const gcAndFinalize = async () => {
  await nextTurnOfLoop();
  await nextTurnOfLoop();
  globalThis.gc();
  await nextTurnOfLoop();
  await nextTurnOfLoop();
};
