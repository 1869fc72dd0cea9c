/** Counters that allocate IDs. */
import type { Row, RowWriter } from './rows.js';

/** Returns the counter's present number and increments the counter. */
export const takeNumber = <Args extends readonly unknown[]>(
  kv: RowWriter,
  counter: Row<Args, number>,
  args: Args,
  first?: number,
): number => {
  const value = counter.read(kv, ...args) ?? first ?? counter.require(kv, ...args);
  counter.write(kv, value + 1, ...args);
  return value;
};
