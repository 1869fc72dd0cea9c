/** Runs a job of each contender, in turns, in a process per run. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runTask } from './run-task.js';
import { summarizeAll, type Summary } from './statistics.js';
import { CONTENDERS, type Contender, type Job, type Outcome, type Settings } from './types.js';

export interface Plan {
  readonly settings: Settings;
  readonly rounds: number;
  readonly contenders: readonly Contender[];
  /** Where stores go. */
  readonly scratch: string;
  readonly bundles: string;
  readonly child: string;
  /** Told of each process that begins. */
  readonly onRun: (text: string) => void;
}

/** Summaries of figures, by their keys. */
export type Summaries = Readonly<Record<string, Summary>>;

/** Summaries of each contender. */
export type Figures = Readonly<Partial<Record<Contender, Summaries>>>;

/** A limit is measured on what our kernel has done. */
const kernelOf = (contender: Contender): Contender => (contender === 'peer' ? 'peer' : 'here');

/** Jobs that are no curve are all at 0. */
const where = (at: number): string => (at === 0 ? '' : ` at ${at}`);

const makeFixture = async (
  { fixture, name: job }: Job,
  contender: Contender,
  at: number,
  plan: Plan,
): Promise<string | undefined> => {
  if (!fixture) return undefined;
  const kernel = kernelOf(contender);
  const storeDir = join(plan.scratch, `${fixture.name}-${at}-${kernel}`);
  if (existsSync(storeDir)) return storeDir;
  plan.onRun(`${job}${where(at)}: makes the store "${fixture.name}" of ${kernel}`);
  await mkdir(storeDir);
  const { settings, bundles, child } = plan;
  await runTask({
    ...{ child, job, step: 'fixture', contender: kernel, settings, bundles, storeDir, at },
  });
  return storeDir;
};

/** Copies the fixture before the clock starts. */
const runOnce = async (
  { name: job, inPlace = false }: Job,
  contender: Contender,
  at: number,
  fixture: string | undefined,
  { scratch, settings, bundles, child }: Plan,
): Promise<Outcome> => {
  const task = { child, job, step: 'measure', contender, settings, bundles, at } as const;
  if (fixture !== undefined && inPlace) return runTask({ ...task, storeDir: fixture });
  const storeDir = join(scratch, 'run');
  await rm(storeDir, { recursive: true, force: true });
  if (fixture === undefined) await mkdir(storeDir);
  else await cp(fixture, storeDir, { recursive: true });
  const outcome = await runTask({ ...task, storeDir });
  await rm(storeDir, { recursive: true, force: true });
  return outcome;
};

interface Entrant {
  readonly contender: Contender;
  readonly at: number;
}

/**
 * The entrants take turns in each round, and the first of a round is the last of the next, so that a
 * machine that slows down slows all.
 */
const runRounds = async (
  job: Job,
  entrants: readonly Entrant[],
  plan: Plan,
): Promise<readonly (readonly Outcome[])[]> => {
  const outcomes = entrants.map((): Outcome[] => []);
  const turns = [...entrants.entries()];
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const [index, { contender, at }] of round % 2 === 1 ? turns : turns.toReversed()) {
      const fixture = await makeFixture(job, contender, at, plan);
      plan.onRun(`${job.name}${where(at)}: ${contender}, round ${round} of ${plan.rounds}`);
      outcomes[index]?.push(await runOnce(job, contender, at, fixture, plan));
    }
  }
  return outcomes;
};

const summariesOf = (outcomes: readonly Outcome[] = []): Summaries =>
  summarizeAll(outcomes.map(({ sample }) => sample));

export const DIFFERENT = 'differs from round to round';

/** The activityhash of all rounds, `DIFFERENT`, or undefined if no kernel has run. */
export const commonActivityhash = (outcomes: readonly Outcome[]): string | undefined => {
  const [first, ...others] = new Set(outcomes.map(({ activityhash }) => activityhash));
  return others.length > 0 ? DIFFERENT : first;
};

export interface Measured {
  readonly figures: Figures;
  /** Of our kernel. */
  readonly activityhash?: string;
}

/** Runs a job of each contender. */
export const runJob = async (job: Job, plan: Plan): Promise<Measured> => {
  const contenders = CONTENDERS.filter(
    contender => plan.contenders.includes(contender) && (contender !== 'limit' || job.limit),
  );
  const entrants = contenders.map(contender => ({ contender, at: 0 }));
  const outcomes = await runRounds(job, entrants, plan);
  const activityhash = commonActivityhash(outcomes[contenders.indexOf('here')] ?? []);
  return {
    figures: Object.fromEntries(
      contenders.map((contender, index) => [contender, summariesOf(outcomes[index])]),
    ),
    ...(activityhash !== undefined && { activityhash }),
  };
};

export interface CurvePoint {
  readonly at: number;
  readonly figures: Summaries;
}

/** Runs our kernel at each point of a curve. */
export const runCurve = async (
  job: Job,
  points: readonly number[],
  plan: Plan,
): Promise<readonly CurvePoint[]> => {
  const entrants = points.map(at => ({ contender: 'here' as const, at }));
  const outcomes = await runRounds(job, entrants, plan);
  return points.map((at, index) => ({ at, figures: summariesOf(outcomes[index]) }));
};
