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

/** As much of one line as fits into so many terminal cells. */
export const cutToWidth = (text: string, width: number): string => {
  let [fits, cells] = ['', 0];
  // Emoji of several characters and letters with accents stay whole.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    cells += stringWidth(segment);
    if (cells > width) break;
    fits += segment;
  }
  return fits;
};

/** The widest name that tables show in full, in terminal cells. */
const NAME_WIDTH = 24;

export const shortenName = (name: string | undefined): string | undefined =>
  name !== undefined && stringWidth(name) > NAME_WIDTH
    ? `${cutToWidth(name, NAME_WIDTH - 1)}…`
    : name;

/** Terminal cells of a text's widest line. */
export const widthOf = (text: string): number =>
  Math.max(...text.split('\n').map(line => stringWidth(line)));

export interface FitOptions {
  /** Of the terminal, in cells. Undefined: any width will do. */
  readonly width: number | undefined;
  /** Headings of the columns that are left out, in this order, until the table fits. */
  readonly givesWay: readonly string[];
}

/** A table that leaves out columns until it fits. The rest stays as it is if none is left to go. */
export const fitTable = (
  headings: readonly string[],
  rows: readonly (readonly unknown[])[],
  { width = Infinity, givesWay }: FitOptions,
): string => {
  const gone = new Set<string>();
  for (;;) {
    const kept = headings.flatMap((heading, index) => (gone.has(heading) ? [] : [index]));
    const table = formatTable(
      kept.map(index => headings[index] ?? ''),
      rows.map(row => kept.map(index => row[index])),
    );
    const next = givesWay.find(heading => !gone.has(heading));
    if (next === undefined || widthOf(table) <= width) return table;
    gone.add(next);
  }
};
