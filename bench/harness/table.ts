/** The table of `npm run bench`. */
import { formatTable } from '../../lib/cli/table.js';
import type { ResultLine } from './lines.js';
import { DIFFERENT } from './run-job.js';
import type { Unit } from './types.js';

/** Three digits, or all before the point. */
export const formatFigure = (value: number, unit: Unit): string => {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return `${value.toFixed(digits)} ${unit}`;
};

const figure = (value: number | undefined, unit: Unit): string =>
  value === undefined ? '' : formatFigure(value, unit);

const factor = (value: number | undefined): string =>
  value === undefined ? '' : `${value.toFixed(value >= 10 ? 1 : 2)} x`;

const verdict = ({ goal, isMet }: ResultLine): string => {
  if (goal === undefined) return '';
  if (isMet === undefined) return goal;
  return `${goal}: ${isMet ? 'met' : 'missed'}`;
};

const HEADINGS = ['', 'peer', 'here', 'peer/here', 'limit', 'here/limit', 'spread', 'goal'];

/** What must not be: rows whose rounds did not end in the same state. */
export const formatDifferent = (lines: readonly ResultLine[]): string => {
  const different = lines.filter(({ activityhash }) => activityhash === DIFFERENT);
  const rows = [...new Set(different.map(({ row }) => row))];
  return rows.length === 0 ? '' : `\n\nThe activityhash ${DIFFERENT}: ${rows.join(', ')}`;
};

export const formatLines = (lines: readonly ResultLine[]): string =>
  formatTable(
    HEADINGS,
    lines.map(line => [
      line.title,
      figure(line.peer, line.unit),
      figure(line.here, line.unit),
      factor(line.ratio),
      line.limit === undefined ? '' : `${figure(line.limit, line.unit)} ${line.limitTitle ?? ''}`,
      factor(line.overLimit),
      line.spread === undefined ? '' : `±${line.spread.toFixed(0)} %`,
      verdict(line),
    ]),
  );
