/** Adds times to slog events, and measures host work for `slogDuration`. */
import { KernelUsageError } from './errors.js';
import type { SlogEntry, SlogOutlet, SlogSender } from '../types/slog.js';
import type { FinishSlogEvent } from './types.js';
import type { VerboseConsole } from './verbose.js';

export interface SlogWriter {
  /** For the kernel, which makes no events while nobody listens. */
  readonly outlet: SlogOutlet;
  readonly write: SlogSender;
  readonly duration: <T>(
    labels: readonly [string, string],
    startProperties: Readonly<Record<string, unknown>>,
    action: (finish: FinishSlogEvent, ...args: unknown[]) => Promise<T> | T,
    ...args: unknown[]
  ) => Promise<T>;
}

export interface SlogClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a monotonic clock. */
  readonly monotonic: () => number;
}

/** Each event that ends a task, by the event that begins it. */
const STARTS: ReadonlyMap<string, string> = new Map([
  ['crank-finish', 'crank-start'],
  ['deliver-result', 'deliver'],
  ['syscall-result', 'syscall'],
  ['vat-startup-finish', 'vat-startup-start'],
  ['finish-replay', 'start-replay'],
]);
const STARTED: ReadonlySet<string> = new Set(STARTS.values());

/** Adds `seconds` to events that end a task. Tasks of several vats may overlap. */
const makeStopwatch = () => {
  const startedAt = new Map<string, number>();
  const keyOf = (type: string, { vatID }: SlogEntry) =>
    type.startsWith('crank') ? type : `${type} ${String(vatID)}`;
  return (entry: SlogEntry, monotime: number): SlogEntry => {
    if (STARTED.has(entry.type)) startedAt.set(keyOf(entry.type, entry), monotime);
    const start = STARTS.get(entry.type);
    if (start === undefined) return entry;
    const key = keyOf(start, entry);
    const began = startedAt.get(key);
    startedAt.delete(key);
    return began === undefined ? entry : { ...entry, seconds: monotime - began };
  };
};

/**
 * @param listener - Gets each event with `time` and `monotime`, and with `seconds` when it ends a
 *   task. All are in seconds.
 */
export const makeSlogWriter = (
  { listener, isListening }: Pick<VerboseConsole, 'listener' | 'isListening'>,
  clock: SlogClock,
): SlogWriter => {
  const timed = makeStopwatch();
  const send: SlogSender = entry => {
    const monotime = clock.monotonic() / 1000;
    listener({ ...timed(entry, monotime), time: clock.now() / 1000, monotime });
  };
  const outlet: SlogOutlet = {
    get sender() {
      return isListening() ? send : undefined;
    },
  };
  const write: SlogSender = entry => outlet.sender?.(entry);

  return {
    outlet,
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
