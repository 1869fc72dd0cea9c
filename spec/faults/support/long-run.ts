export interface LongRunOptions {
  readonly seed: number;
  /** How much is tried; what it counts is up to each run. By default as much as there is. */
  readonly count?: number | undefined;
  /** Names of the parts to run; by default all. */
  readonly only?: readonly string[] | undefined;
}

/** Prints as it goes, and returns everything that was wrong. */
export type LongRun = (options: LongRunOptions) => Promise<readonly string[]>;
