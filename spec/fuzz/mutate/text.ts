/** Changes texts a little, or bytes in the form of texts. */
import type { Random } from '../../support/random.js';

export interface TextRules {
  /** The highest character that may come in. */
  readonly highest: number;
  readonly words: readonly string[];
}

const INTERESTING = [0x00, 0x01, 0x0a, 0x22, 0x2c, 0x3a, 0x5b, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xff];
const BEYOND = [0x100, 0xd800, 0xdc00, 0xfeff, 0xffff];
/** Longer texts are only cut. */
const LONGEST = 300_000;
const REPEATS = [2, 3, 10, 100, 1_000, 10_000];
const NUMBERS = [
  '0',
  '-1',
  '1',
  '99',
  '255',
  '256',
  '2147483648',
  '4294967296',
  '9007199254740992',
];

const charOf = (random: Random, { highest }: TextRules): string => {
  if (random.chance(40)) return String.fromCharCode(random.pick(INTERESTING)!);
  if (highest > 0xff && random.chance(20)) return String.fromCharCode(random.pick(BEYOND)!);
  return String.fromCharCode(random.below(random.chance(80) ? 0x80 : Math.min(highest, 0xff) + 1));
};

/** A range, mostly short. */
const rangeOf = (text: string, random: Random): readonly [begin: number, end: number] => {
  const begin = random.below(text.length + 1);
  const rest = text.length - begin;
  const most = random.chance(70) ? Math.min(rest, 8) : rest;
  return [begin, begin + random.below(most + 1)];
};

const replaced = (text: string, begin: number, end: number, by: string): string =>
  text.slice(0, begin) + by + text.slice(end);

const changeNumber = (text: string, random: Random): string => {
  const numbers = [...text.matchAll(/\d+/g)];
  const found = random.pick(numbers);
  if (!found) return text;
  const [digits] = found;
  const other = random.chance(50)
    ? String(Number(digits.slice(0, 15)) + random.pick([-1, 1, 2, 10])!)
    : random.pick(NUMBERS)!;
  return replaced(text, found.index, found.index + digits.length, other);
};

const once = (text: string, random: Random, rules: TextRules): string => {
  const [begin, end] = rangeOf(text, random);
  switch (random.below(8)) {
    case 0:
      return replaced(text, begin, end, '');
    case 1:
      return replaced(text, begin, begin, charOf(random, rules));
    case 2:
      return replaced(text, begin, begin + 1, charOf(random, rules));
    case 3: {
      const part = text.slice(begin, end);
      const times = Math.min(random.pick(REPEATS)!, Math.ceil(LONGEST / (part.length + 1)));
      return replaced(text, begin, end, part.repeat(times));
    }
    case 4: {
      const [from, to] = rangeOf(text, random);
      return replaced(text, begin, end, text.slice(from, to));
    }
    case 5:
    case 6:
      return replaced(text, begin, random.chance(50) ? begin : end, random.pick(rules.words) ?? '');
    default:
      return changeNumber(text, random);
  }
};

export const mutateText = (text: string, random: Random, rules: TextRules): string => {
  let changed = text;
  for (let count = 1 + random.below(3); count > 0; count -= 1)
    changed = once(changed, random, rules);
  return changed.length > LONGEST ? changed.slice(0, LONGEST) : changed;
};
