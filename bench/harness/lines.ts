/** Turns figures into lines of the table: medians, ratios, and whether the goal is met. */
import type { Measured } from './run-job.js';
import type { Contender, Goal, Line, Row, Unit } from './types.js';

export interface ResultLine {
  readonly row: string;
  readonly key: string;
  readonly title: string;
  readonly unit: Unit;
  /** Medians. */
  readonly peer?: number;
  readonly here?: number;
  readonly limit?: number;
  /** Peer over here: how many times less ours is. */
  readonly ratio?: number;
  /** Here over limit. */
  readonly overLimit?: number;
  /** What `limit` is. */
  readonly limitTitle?: string;
  /** Half the distance between the least and the most of ours, in percent of the median. */
  readonly spread?: number;
  /** Of our kernel after the row: equal for equal workloads, whatever local options are. */
  readonly activityhash?: string;
  readonly goal?: string;
  /** Undefined where a figure that the goal needs is missing. */
  readonly isMet?: boolean;
}

type Medians = Readonly<Partial<Record<Contender, number>>>;

interface JudgedGoal {
  readonly goal: string;
  readonly isMet?: boolean;
}

const judgement = (goal: string, isMet: boolean | undefined): JudgedGoal => ({
  goal,
  ...(isMet !== undefined && { isMet }),
});

const compare = (
  value: number | undefined,
  other: number | undefined,
  test: (value: number, other: number) => boolean,
): boolean | undefined =>
  value === undefined || other === undefined ? undefined : test(value, other);

export const judge = (goal: Goal, unit: Unit, { peer, here, limit }: Medians): JudgedGoal => {
  if ('peerDividedBy' in goal) {
    const times = goal.peerDividedBy;
    return judgement(
      `peer / ${times}`,
      compare(here, peer, (ours, theirs) => ours * times <= theirs),
    );
  }
  if ('timesPeer' in goal) {
    const times = goal.timesPeer;
    return judgement(
      `peer x ${times}`,
      compare(here, peer, (ours, theirs) => ours <= theirs * times),
    );
  }
  if ('timesLimit' in goal) {
    const times = goal.timesLimit;
    return judgement(
      `limit x ${times}`,
      compare(here, limit, (ours, least) => ours <= least * times),
    );
  }
  if ('aboveLimit' in goal) {
    const more = goal.aboveLimit;
    return judgement(
      `limit + ${more} ${unit}`,
      compare(here, limit, (ours, least) => ours <= least + more),
    );
  }
  return judgement(
    `${goal.atMost} ${unit}`,
    compare(here, goal.atMost, (ours, most) => ours <= most),
  );
};

const lineOf = (
  row: Row,
  key: string,
  line: Line,
  { figures, activityhash }: Measured,
): ResultLine | undefined => {
  const { title, unit, goal } = line;
  const medians: Medians = Object.fromEntries(
    Object.entries(figures).flatMap(([contender, summaries]) => {
      const summary = summaries[key];
      return summary ? [[contender, summary.median]] : [];
    }),
  );
  const { peer, here, limit } = medians;
  if (peer === undefined && here === undefined && limit === undefined) return undefined;
  const ours = figures.here?.[key];
  return {
    ...{ row: row.name, key, title, unit, ...medians },
    ...(peer !== undefined && here && { ratio: peer / here }),
    ...(here !== undefined && limit && { overLimit: here / limit }),
    ...(limit !== undefined && row.limit && { limitTitle: row.limit.title }),
    ...(ours && { spread: (100 * (ours.most - ours.least)) / 2 / ours.median }),
    ...(activityhash !== undefined && { activityhash }),
    ...(goal && judge(goal, unit, medians)),
  };
};

export const linesOf = (row: Row, measured: Measured): readonly ResultLine[] =>
  Object.entries(row.lines).flatMap(([key, line]) => lineOf(row, key, line, measured) ?? []);
