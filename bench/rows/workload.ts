/** Rows that measure cranks: a workload after another, the same on each kernel. */
import { costOf, perUnit } from '../harness/stopwatch.js';
import type { Context, Goal, Line, Row, Sample } from '../harness/types.js';
import { startSwingset, type Swingset, type SwingsetConfig } from '../swingset.js';

/** A schedule that saves no heap, for each kernel. */
export const NO_SNAPSHOTS = { snapshotInitial: 1_000_000, snapshotInterval: 1_000_000 };

export interface Workload {
  readonly config: SwingsetConfig;
  /** Before the clock starts. */
  readonly warmUp: (swingset: Swingset, context: Context) => Promise<unknown>;
  /** Resolves to the number of cranks. Commits itself. */
  readonly play: (swingset: Swingset, context: Context) => Promise<number>;
}

const measure = async ({ config, warmUp, play }: Workload, context: Context): Promise<Sample> => {
  const swingset = await startSwingset(context, config);
  await warmUp(swingset, context);
  let cranks = 0;
  const cost = await costOf(async () => {
    cranks = await play(swingset, context);
  });
  await swingset.close();
  const { ms, cpuMs } = perUnit(cost, cranks);
  return { wall: ms, cpu: cpuMs };
};

export interface CrankRow {
  readonly name: string;
  readonly title: string;
  readonly workload: Workload;
  /** Issue 16: at most this much CPU over what the channel itself costs. */
  readonly cpuGoal?: Goal;
  readonly limit: 'bare channel' | 'bare SQLite';
}

const limits: Readonly<
  Record<
    CrankRow['limit'],
    () => Promise<(workload: Workload, context: Context) => Promise<Sample>>
  >
> = {
  'bare channel': async () => (await import('../limits/bare-channel.js')).measureBareChannel,
  'bare SQLite': async () => (await import('../limits/bare-sqlite.js')).measureBareSQLite,
};

/** A row with two lines: wall time and kernel CPU, both for one crank. */
export const crankRow = ({ name, title, workload, cpuGoal, limit }: CrankRow): Row => {
  const wall: Line = {
    title: `${title}, per crank`,
    unit: 'ms',
    goal: { peerDividedBy: 3 },
  };
  const cpu: Line = {
    title: '  CPU of the kernel process',
    unit: 'ms',
    ...(cpuGoal && { goal: cpuGoal }),
  };
  return {
    name,
    lines: { wall, cpu },
    measure: context => measure(workload, context),
    limit: {
      title: limit,
      measure: async context => (await limits[limit]())(workload, context),
    },
  };
};
