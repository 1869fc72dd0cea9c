/**
 * What the columns of a record must hold. SQLite keeps any value in any column, so a damaged row can
 * have a text for a position, or a position beyond all integers, at which a page of rows never ends.
 *
 * Boundary: of the kinds of values only. Whether a hash is the right one is for those who read bytes.
 */
import { quoteValue } from '../errors.js';
import { StoreDamagedError } from './errors.js';

type Test = (value: unknown) => boolean;

const isText: Test = value => typeof value === 'string';
const isCount: Test = value => Number.isSafeInteger(value) && (value as number) >= 0;
const isFlag: Test = value => value === 1 || value === null;
const isSize: Test = value => value === null || isCount(value);

const columns = {
  vatID: isText,
  startPos: isCount,
  endPos: isCount,
  position: isCount,
  snapPos: isCount,
  incarnation: isCount,
  hash: isText,
  item: isText,
  bundleID: isText,
  isCurrent: isFlag,
  inUse: isFlag,
  uncompressedSize: isSize,
  compressedSize: isSize,
} satisfies Readonly<Record<string, Test>>;

/** @throws StoreDamagedError that names the column, for a row that nobody wrote like that */
export const insistRecord = <Row extends object>(thing: string, row: Row): Row => {
  for (const name in row) {
    const test: Test | undefined = (columns as Readonly<Record<string, Test>>)[name];
    if (test && !test(row[name])) {
      throw new StoreDamagedError(thing, `its record says ${name} ${quoteValue(row[name])}`);
    }
  }
  return row;
};
