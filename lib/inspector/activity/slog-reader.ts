/** Follows a slog in the background, and adds up what it says. */
import { errorText } from '../../errors.js';
import { followSlogFile } from './slog-file.js';
import { SlogTotals, type SlogSums } from './slog-totals.js';

export interface SlogReader {
  readonly path: string;
  readonly totals: Pick<SlogTotals, 'vats' | 'turnsOf'>;
  readonly sums: () => SlogSums & { readonly bytes: number; readonly problem: string | null };
  /** Bytes that have yet to be read. */
  readonly left: () => number;
  /** Reads a part of what has come since, unless it is reading. @returns whether there was more */
  readonly step: () => Promise<boolean>;
}

/** Parts of one step. Others have their turn between two of them. */
const PARTS = 16;

export const makeSlogReader = (path: string): SlogReader => {
  const totals = new SlogTotals();
  const file = followSlogFile(
    path,
    line => totals.takeLine(line),
    () => totals.clear(),
  );
  let problem: string | null = null;
  let isReading = false;
  const step = async (): Promise<boolean> => {
    if (isReading) return false;
    isReading = true;
    const before = problem;
    try {
      const hasRead = await file.step();
      // A slog of many gigabytes is read in minutes, not hours.
      for (let part = 1; part < PARTS && file.left() > 0; part += 1) await file.step();
      problem = null;
      return hasRead || before !== null;
    } catch (error) {
      problem = errorText(error);
      return problem !== before;
    } finally {
      isReading = false;
    }
  };
  return {
    path,
    totals,
    sums: () => ({ ...totals.sums(), bytes: file.bytes(), problem }),
    left: file.left,
    step,
  };
};
