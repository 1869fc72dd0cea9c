import type { CurvePoint } from '../harness/run-job.js';
import type { Job } from '../harness/types.js';

/** A figure that depends on a size. */
export interface Curve {
  readonly job: Job;
  readonly title: string;
  /** What grows. */
  readonly axis: string;
  readonly points: readonly number[];
  /** Of a quick run. */
  readonly quickPoints: readonly number[];
  /** The keys of the figures, all in milliseconds, and what they are. */
  readonly lines: Readonly<Record<string, string>>;
  /** Figures that may grow by 20 % at most. */
  readonly flat: readonly string[];
}

/** A curve with its results. */
export interface GrownCurve extends Pick<Curve, 'title' | 'axis' | 'lines' | 'flat'> {
  readonly name: string;
  readonly points: readonly CurvePoint[];
}
