/** Where slog events get their times, and where durations of host work are measured. */
import { KernelUsageError } from './errors.js';
import type { SlogEntry, SlogSender } from '../types/slog.js';
import type { FinishSlogEvent } from './types.js';

export interface SlogWriter {
  /** Undefined when nobody listens, so that the kernel need not make events at all. */
  readonly sender: SlogSender | undefined;
  readonly write: SlogSender;
  readonly duration: <T>(
    labels: readonly [string, string],
    startProperties: Readonly<Record<string, unknown>>,
    action: (finish: FinishSlogEvent, ...args: unknown[]) => Promise<T> | T,
    ...args: unknown[]
  ) => Promise<T>;
}

export interface SlogClock {
  /** Milliseconds since the epoch of Unix. */
  readonly now: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
}

/** @param listener - gets each event with `time` and `monotime` added, both in seconds */
export const makeSlogWriter = (listener: SlogSender | undefined, clock: SlogClock): SlogWriter => {
  const sender: SlogSender | undefined =
    listener &&
    (entry => {
      const monotime = clock.monotonic() / 1000;
      listener({ ...entry, time: clock.now() / 1000, monotime });
    });
  const write: SlogSender = entry => sender?.(entry);

  return {
    sender,
    write,
    duration: async ([startLabel, endLabel], startProperties, action, ...args) => {
      const startedAt = clock.monotonic();
      let finished = false;
      const finish: FinishSlogEvent = (more = {}) => {
        if (finished) throw new KernelUsageError(`slog event ${endLabel} was finished before`);
        finished = true;
        const seconds = (clock.monotonic() - startedAt) / 1000;
        write({ ...startProperties, ...more, type: endLabel, seconds } satisfies SlogEntry);
      };
      write({ ...startProperties, type: startLabel });
      const result = await action(finish, ...args);
      if (!finished) finish();
      return result;
    },
  };
};
