/** Plain-text tables for people. */
import { printable } from '../printable.js';

const textOf = (cell: unknown): string => {
  if (cell === undefined || cell === null) return '-';
  if (typeof cell === 'string') return printable(cell);
  return typeof cell === 'number' || typeof cell === 'boolean' || typeof cell === 'bigint'
    ? `${cell}`
    : printable(JSON.stringify(cell));
};

/**
 * Columns as wide as their widest cell; numbers stand to the right. `undefined` shows as `-`, and
 * what a terminal would obey as in source code.
 */
export const formatTable = (
  headings: readonly string[],
  rows: readonly (readonly unknown[])[],
): string => {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map(row => textOf(row[column]).length)),
  );
  const isNumeric = headings.map(
    (_, column) => rows.length > 0 && rows.every(row => typeof row[column] === 'number'),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [
    line(headings),
    line(widths.map(width => '-'.repeat(width))),
    ...rows.map(row => line(headings.map((_, column) => textOf(row[column])))),
  ].join('\n');
};
