/** What the command lines of the long runs say, and what the runs print. */
import type { PlatformKind } from '../../../lib/types/platform-epoch.js';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import type { ReplayTotals } from '../replays.js';

export interface RunOptions {
  readonly seed: number;
  readonly count: number | undefined;
  /** The run ends early when they are over. */
  readonly minutes: number | undefined;
  readonly times: number | undefined;
  readonly worker: ManagerType | undefined;
  readonly platform: PlatformKind | undefined;
}

/** Runs to the end, or throws. @returns problems that did not stop it */
export type Run = (options: RunOptions) => Promise<readonly string[]>;

export const startClock = () => {
  const started = performance.now();
  return () => Math.round((performance.now() - started) / 1000);
};

/** Prints a line each time that a number has grown by `step`. */
export const makeTicker = (step: number) => {
  let printed = 0;
  return (at: number, line: () => string): void => {
    if (at < printed + step) return;
    printed = at;
    console.log(line());
  };
};

export const printCounts = (counts: ReadonlyMap<string, number>): void => {
  for (const [kind, count] of counts) console.log(`${String(count).padStart(7)} ${kind}`);
};

export const showReplays = ({ vats, deliveries, snapshots, fromSnapshots }: ReplayTotals): string =>
  `replayed ${vats} vats from their first delivery: ${deliveries} deliveries and ` +
  `${snapshots} snapshots are the same; ${fromSnapshots} from their last snapshot`;
