/** Work that must not overlap takes turns, in the order in which it asks. */

export interface Turns {
  /** Does the work after all that asked before, whether or not that failed. */
  take<T>(work: () => Promise<T> | T): Promise<T>;
}

export const makeTurns = (): Turns => {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: work => {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
  };
};
