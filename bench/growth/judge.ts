/** Whether a figure stays flat along a curve. */
import type { CurvePoint } from '../harness/run-job.js';

/** Issue 16. */
export const MOST_GROWTH = 1.2;

export interface Growth {
  /** The largest median over the first one. */
  readonly factor: number;
  readonly isFlat: boolean;
}

/** Undefined if a figure is missing. */
export const judgeGrowth = (points: readonly CurvePoint[], key: string): Growth | undefined => {
  const medians = points.flatMap(({ figures }) => figures[key]?.median ?? []);
  const [first] = medians;
  if (first === undefined || medians.length < points.length) return undefined;
  const factor = Math.max(...medians) / first;
  return { factor, isFlat: factor <= MOST_GROWTH };
};
