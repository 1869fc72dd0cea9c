/** Makes an input smaller while it still fails. */
import type { Input } from './target.js';

const MOST_TRIES = 300;

/** Smaller inputs, those that leave out most first. */
function* smaller(value: Input): Generator<Input, void, undefined> {
  if (typeof value === 'string') {
    for (let size = Math.ceil(value.length / 2); size >= 1; size = size > 1 ? size >> 1 : 0) {
      for (let at = 0; at < value.length; at += size) {
        yield value.slice(0, at) + value.slice(at + size);
      }
    }
  } else if (Array.isArray(value)) {
    const list = value as readonly Input[];
    for (let size = Math.ceil(list.length / 2); size >= 1; size = size > 1 ? size >> 1 : 0) {
      for (let at = 0; at < list.length; at += size) yield list.toSpliced(at, size);
    }
    for (const [at, part] of list.entries()) {
      for (const less of smaller(part)) yield list.with(at, less);
    }
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    for (const at of entries.keys()) yield Object.fromEntries(entries.toSpliced(at, 1));
    for (const [at, [name, part]] of entries.entries()) {
      for (const less of smaller(part)) yield Object.fromEntries(entries.with(at, [name, less]));
    }
  }
}

export const shrink = async (
  input: Input,
  fails: (input: Input) => Promise<boolean>,
): Promise<Input> => {
  let least = input;
  let tries = 0;
  for (let isSmaller = true; isSmaller && tries < MOST_TRIES;) {
    isSmaller = false;
    for (const less of smaller(least)) {
      tries += 1;
      if (await fails(less)) {
        least = less;
        isSmaller = true;
        break;
      }
      if (tries >= MOST_TRIES) break;
    }
  }
  return least;
};
