/**
 * The types of columns. SQLite stores any value in any column, so a damaged row may hold text for a
 * position, or a position beyond all safe integers, which would make paging loop forever.
 *
 * Boundary: checks types only. Code that reads the bytes checks them against the hash.
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

/** @throws StoreDamagedError that names the column, if a value has the wrong type */
export const insistRecord = <Row extends object>(thing: string, row: Row): Row => {
  for (const name in row) {
    const test: Test | undefined = (columns as Readonly<Record<string, Test>>)[name];
    if (test && !test(row[name])) {
      throw new StoreDamagedError(thing, `its record has ${quoteValue(row[name])} as ${name}`);
    }
  }
  return row;
};
