/** Plain-text tables for people. */
import stringWidth from 'string-width';
import { printable } from '../printable.js';

const textOf = (cell: unknown): string => {
  if (cell === undefined || cell === null) return '-';
  if (typeof cell === 'string') return printable(cell);
  return typeof cell === 'number' || typeof cell === 'boolean' || typeof cell === 'bigint'
    ? `${cell}`
    : printable(JSON.stringify(cell));
};

const pad = (text: string, width: number, toTheRight: boolean): string => {
  const spaces = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return toTheRight ? `${spaces}${text}` : `${text}${spaces}`;
};

/**
 * A table with columns as wide as their widest cell, in terminal cells; numbers align right.
 * `undefined` shows as `-`, and control characters show as escapes.
 */
export const formatTable = (
  headings: readonly string[],
  rows: readonly (readonly unknown[])[],
): string => {
  const texts = rows.map(row => headings.map((_, column) => textOf(row[column])));
  const widths = headings.map((heading, column) =>
    Math.max(...[heading, ...texts.map(row => row[column] ?? '')].map(text => stringWidth(text))),
  );
  const isNumeric = headings.map(
    (_, column) => rows.length > 0 && rows.every(row => typeof row[column] === 'number'),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0, isNumeric[column] ?? false))
      .join('  ')
      .trimEnd();
  return [line(headings), line(widths.map(width => '-'.repeat(width))), ...texts.map(line)].join(
    '\n',
  );
};
