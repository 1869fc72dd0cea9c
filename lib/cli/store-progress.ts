/**
 * Progress of long commands, on stderr, so that stdout has the result alone. Escapes control
 * characters, because vats and hosts choose the names in it.
 */
import { printable } from '../printable.js';
import { cutToWidth } from './table.js';

export interface Progress {
  /** Shows the text, unless another one follows too soon. */
  update(text: string): void;
  /** Clears the line. */
  end(): void;
}

export interface ProgressSink {
  /** A terminal gets one line that changes; anything else gets a new line now and then. */
  readonly isTTY?: boolean | undefined;
  /** In cells; 0 or undefined: unknown. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const TERMINAL_INTERVAL_MS = 100;
/** Keeps logs short: a short command writes no progress. */
const LOG_INTERVAL_MS = 5_000;
const CLEAR_LINE = '\r\u001b[K';

export interface ProgressClock {
  /** Milliseconds. */
  readonly now: () => number;
  /** Calls back once, unless the process ends first. Returns a function that cancels it. */
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
      sink.write(`${CLEAR_LINE}${cutToWidth(text, (sink.columns || 80) - 1)}`);
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
