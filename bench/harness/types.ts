/** The words of the bench: rows, their lines, and who runs them. */

/** `peer` is `@agoric/swingset-vat`; `limit` does the same work without a kernel. */
export type Contender = 'peer' | 'here' | 'limit';
export const CONTENDERS: readonly Contender[] = ['peer', 'here', 'limit'];

export type Unit = 'ms' | 'MB';

/** What issue 16 asks of a line. */
export type Goal =
  /** The peer's figure is this many times ours. */
  | { readonly peerDividedBy: number }
  /** Ours is at most this many times the peer's. */
  | { readonly timesPeer: number }
  /** Our figure is at most this many times the limit's. */
  | { readonly timesLimit: number }
  /** Our figure is at most this. */
  | { readonly atMost: number }
  /** Our figure is at most this much above the limit's. */
  | { readonly aboveLimit: number };

/** One line of the table. */
export interface Line {
  readonly title: string;
  readonly unit: Unit;
  readonly goal?: Goal;
}

/** Figures of one run, by the key of their line. */
export type Sample = Readonly<Record<string, number>>;

/** What a process sends. */
export interface Outcome {
  readonly sample: Sample;
  /** Of the last kernel that the process has closed. Equal in all rounds. */
  readonly activityhash?: string;
}

/** What the command line decides for all rows. */
export interface Settings {
  readonly platform: 'own' | 'stock';
  /** `endo`: `@endo/init` alone, as in a host of its own. `command`: as the command line loads it. */
  readonly init: 'endo' | 'command';
  /** Small sizes, to try a row. */
  readonly quick: boolean;
  readonly reapInterval: number;
}

/** What a row's process knows. */
export interface Context {
  /** Whose kernel to run. A limit is measured on what our kernel has recorded. */
  readonly kernel: 'peer' | 'here';
  readonly settings: Settings;
  /** Bundles that the parent has made (`prepare.ts`). */
  readonly bundles: string;
  /** The row's fixture, a store that it may change. Empty for a row without one. */
  readonly storeDir: string;
  /** A size, divided by ten in a quick run. */
  readonly size: (full: number) => number;
  /** Told by each kernel when it closes. */
  readonly noteActivityhash: (activityhash: string) => void;
  /** Where on a curve to measure, for the jobs of `growth`. */
  readonly at: number;
}

/** A store that is made once for each contender and copied for each run. */
export interface Fixture {
  readonly name: string;
  readonly make: (context: Context) => Promise<void>;
}

/** Work for processes of its own. */
export interface Job {
  /** For `--only`. */
  readonly name: string;
  readonly fixture?: Fixture;
  /** Runs work on the fixture itself, which may be too large to copy. What they commit stays. */
  readonly inPlace?: boolean;
  readonly measure: (context: Context) => Promise<Sample>;
  readonly limit?: {
    /** What it is, for the table. */
    readonly title: string;
    readonly measure: (context: Context) => Promise<Sample>;
  };
}

/** A job whose figures are lines of the table. */
export interface Row extends Job {
  readonly lines: Readonly<Record<string, Line>>;
}
