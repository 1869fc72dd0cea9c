/** One slog sender of several. */
import { isPromise } from '../controller/outlets.js';
import type { SlogEntry, SlogSender } from '../types/slog.js';

/**
 * A sender that passes each entry to all of them. If some throw, the others still get it, and the
 * first error is thrown at the end: the kernel warns of it once. One that rejects is treated alike.
 */
export const joinSlogSenders = (...senders: readonly SlogSender[]): SlogSender => {
  // A promise, where there is one, goes to the kernel's guard of `slogSender`.
  const join = (entry: SlogEntry): unknown => {
    const errors: unknown[] = [];
    const pending: PromiseLike<unknown>[] = [];
    for (const send of senders) {
      try {
        const result: unknown = send(entry);
        if (isPromise(result)) pending.push(result);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) {
      // The error that is thrown stands for theirs.
      for (const each of pending) void Promise.resolve(each).catch(() => undefined);
      throw errors[0];
    }
    return pending.length > 0 ? Promise.all(pending) : undefined;
  };
  return join;
};
