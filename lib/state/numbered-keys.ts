/**
 * Pages through keys that hold a number, in the order of the numbers. The store's own order is that
 * of texts: `ko100` comes before `ko20`.
 *
 * Invariant: a page costs a bounded number of reads, whatever the store holds.
 */
import type { KVStore } from '../store/types.js';

/** Reads of one page, at most. */
const MAX_STEPS = 5_000;

const MAX_DIGITS = 15;

export interface NumberPage {
  /** Goes on after this number. */
  readonly after?: number | undefined;
  readonly limit: number;
}

export interface FoundNumbers {
  readonly numbers: readonly number[];
  /** Where the next page goes on. Undefined at the end. */
  readonly next: number | undefined;
}

/**
 * The next number that may have a key, as the key after the missing `keyOf(number)` tells.
 * A longer number that begins with this one's digits comes right after it in the store's order.
 */
const skip = (number: number, nextKey: string | undefined, head: string): number => {
  const digits = String(number).length;
  const [found = ''] = (nextKey?.startsWith(head) && /^\d+/.exec(nextKey.slice(head.length))) || [];
  if (found === '') return 10 ** digits;
  if (found.length > digits) return Math.max(number, Number(found.slice(0, digits))) + 1;
  return Math.max(number + 1, Number(found.padEnd(digits, '0')));
};

/**
 * Finds the numbers that have a key.
 * @param head - what all keys begin with, before the number
 * @param keyOf - the key of a number; what follows the number must sort before digits
 */
export const numbersAfter = (
  { has, getNextKey }: Pick<KVStore, 'has' | 'getNextKey'>,
  head: string,
  keyOf: (number: number) => string,
  { after = -1, limit }: NumberPage,
): FoundNumbers => {
  const numbers: number[] = [];
  let number = after + 1;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (String(number).length > MAX_DIGITS) return { numbers, next: undefined };
    const key = keyOf(number);
    if (!has(key)) {
      number = skip(number, getNextKey(key), head);
    } else if (numbers.length === limit) {
      // One more than the page holds, so there is a next page.
      return { numbers, next: number - 1 };
    } else {
      numbers.push(number);
      number += 1;
    }
  }
  return { numbers, next: number - 1 };
};
