import type { Progress } from '../store-progress.js';

/** What the commands that look at a swingset get of their powers. */
export interface LookIO {
  readonly print: (text: string) => void;
  /** Width of the terminal, in cells. Undefined if stdout is none. */
  readonly columns?: number | undefined;
  /** Sets the exit code of a failure. */
  readonly fail: () => void;
  readonly progress: Progress;
  /** From the first call on, Ctrl-C aborts this signal. */
  readonly interruption: () => AbortSignal;
}
