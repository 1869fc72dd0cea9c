/**
 * How far a long command is, on stderr, so that stdout is the result alone. Names in it are those of
 * vats and files: a terminal obeys nothing in them.
 */
import { printable } from '../printable.js';

export interface Progress {
  /** Shown at most so often as a reader can follow; the last one is, if it stays so. */
  update(text: string): void;
  /** Clears what is shown. */
  end(): void;
}

export interface ProgressSink {
  /** A terminal: one line that changes. Anything else gets a line now and then. */
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const TERMINAL_INTERVAL_MS = 100;
/** A log is not to be filled, and short commands leave none. */
const LOG_INTERVAL_MS = 5_000;
const CLEAR_LINE = '\r\u001b[K';

export interface ProgressClock {
  /** Milliseconds. */
  readonly now: () => number;
  /** Calls back once, unless the process ends before; returns what takes it back. */
  readonly after: (ms: number, run: () => void) => () => void;
}

export const makeProgress = (sink: ProgressSink, { now, after }: ProgressClock): Progress => {
  const isTerminal = sink.isTTY ?? false;
  const interval = isTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
  let last = now();
  let isShown = false;
  let forget: () => void = () => undefined;
  const show = (given: string): void => {
    const text = printable(given);
    last = now();
    if (isTerminal) {
      isShown = true;
      sink.write(`${CLEAR_LINE}${text.slice(0, (sink.columns ?? 80) - 1)}`);
    } else {
      sink.write(`${text}\n`);
    }
  };
  return {
    update: text => {
      forget();
      const wait = last + interval - now();
      if (wait <= 0) show(text);
      else forget = after(wait, () => show(text));
    },
    end: () => {
      forget();
      if (isShown) {
        isShown = false;
        sink.write(CLEAR_LINE);
      }
    },
  };
};
