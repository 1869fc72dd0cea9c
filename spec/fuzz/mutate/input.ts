/** Changes an input: a few edits at random places of its lists, records and texts. */
import type { Random } from '../../support/random.js';
import type { Input } from '../target.js';
import { mutateText, type TextRules } from './text.js';

export interface Mutation {
  readonly random: Random;
  /** Other inputs, whose parts may come in. */
  readonly donors: readonly Input[];
  readonly words: readonly string[];
}

type Change = (value: Input) => Input;

/** Names with a meaning for JavaScript, or for tools. */
const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'toJSON', 'then'];
const OTHERS = ['length', 'name', 'type', 'code', '', '0', '@qclass', '#tag', '$comment'];

const VALUES: readonly Input[] = [
  ...[null, true, false, 0, 1, -1, 2, 0.5, 255, 256, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e308],
  ...['', 'x', '0', '-1', 'never', '__proto__', 'toString', '\u0000', '\ud800', 'é𝄞', 'a/../b'],
  ...[[], {}, [[]], [null], { toString: 1, valueOf: 1 }, { toJSON: 1 }, { then: null }],
];

const DEPTHS = [1, 2, 39, 41, 101, 201, 1_000];
const LENGTHS = [2, 11, 101, 1_001, 10_001];

const isList = (value: Input): value is readonly Input[] => Array.isArray(value);
const isRecord = (value: Input): value is { readonly [name: string]: Input } =>
  typeof value === 'object' && value !== null && !isList(value);

/** A part of a value, a few levels down. */
const partOf = (value: Input, random: Random): Input => {
  const parts = isList(value) ? value : isRecord(value) ? Object.values(value) : [];
  const part = random.chance(70) ? random.pick(parts) : undefined;
  return part === undefined ? value : partOf(part, random);
};

const nest = (value: Input, random: Random): Input => {
  let nested = value;
  const isInList = random.chance(60);
  for (let depth = random.pick(DEPTHS)!; depth > 0; depth -= 1) {
    nested = isInList ? [nested] : { a: nested };
  }
  return nested;
};

const newValue = ({ random, donors, words }: Mutation): Input => {
  const kind = random.below(10);
  if (kind < 4) return random.pick(VALUES)!;
  if (kind < 6) return random.pick(words) ?? 'word';
  return partOf(random.pick(donors) ?? null, random);
};

const nameFor = ({ random, donors, words }: Mutation): string => {
  if (random.chance(40)) return random.pick(NAMES)!;
  if (random.chance(30)) return random.pick(OTHERS)!;
  const donor = partOf(random.pick(donors) ?? null, random);
  if (isRecord(donor)) return random.pick(Object.keys(donor)) ?? 'a';
  return random.pick(words) ?? 'a';
};

const changeList = (list: readonly Input[], mutation: Mutation): Input => {
  const { random } = mutation;
  const at = random.below(list.length + 1);
  const other = random.below(list.length + 1);
  switch (random.below(6)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return list.toSpliced(at, 0, newValue(mutation));
    case 2:
      return list.toSpliced(at, 0, ...list.slice(other, other + 1));
    case 3:
      return list.slice(0, at);
    case 4: {
      const item = list[at];
      if (item === undefined || JSON.stringify(item).length > 1_000) return list;
      return list.toSpliced(at, 1, ...Array.from({ length: random.pick(LENGTHS)! }, () => item));
    }
    default: {
      const [a, b] = [list[at], list[other]];
      if (a === undefined || b === undefined) return list;
      return list.with(at, b).with(other, a);
    }
  }
};

const changeRecord = (record: { readonly [name: string]: Input }, mutation: Mutation): Input => {
  const { random } = mutation;
  const entries = Object.entries(record);
  const at = random.below(entries.length + 1);
  const [name, value] = entries[at] ?? ['', null];
  // `fromEntries` makes `__proto__` a property like others.
  switch (random.below(4)) {
    case 0:
      return Object.fromEntries(entries.toSpliced(at, 1));
    case 1:
      return Object.fromEntries(entries.toSpliced(at, 1, [nameFor(mutation), value]));
    case 2:
      return Object.fromEntries([...entries, [nameFor(mutation), newValue(mutation)]]);
    default: {
      const [, other = value] = random.pick(entries) ?? [];
      return Object.fromEntries(entries.toSpliced(at, 1, [name, other]));
    }
  }
};

const changeHere = (value: Input, mutation: Mutation): Input => {
  const { random, words } = mutation;
  if (random.chance(15)) return newValue(mutation);
  if (random.chance(4)) return nest(value, random);
  if (isList(value)) return changeList(value, mutation);
  if (isRecord(value)) return changeRecord(value, mutation);
  if (typeof value === 'string') return mutateText(value, random, { highest: 0xffff, words });
  if (typeof value === 'number' && random.chance(60)) {
    return value + random.pick([-1, 1, 0.5, -value, value, 2 ** 32])!;
  }
  return newValue(mutation);
};

/** Goes down to some part, more often to a deep one. */
const changeSomewhere = (value: Input, random: Random, change: Change): Input => {
  if (isList(value) && value.length > 0 && random.chance(85)) {
    const at = random.below(value.length);
    return value.with(at, changeSomewhere(value[at]!, random, change));
  }
  if (isRecord(value)) {
    const name = random.chance(85) ? random.pick(Object.keys(value)) : undefined;
    if (name !== undefined) {
      return Object.fromEntries(
        Object.entries(value).map(([each, part]) => [
          each,
          each === name ? changeSomewhere(part, random, change) : part,
        ]),
      );
    }
  }
  return change(value);
};

/** @param form - `bytes`: the texts in it stand for bytes */
export const mutate = (value: Input, mutation: Mutation, form: 'values' | 'bytes'): Input => {
  const { random, words } = mutation;
  const rules: TextRules = { highest: 0xff, words };
  const change: Change = part =>
    form === 'bytes' && typeof part === 'string' && random.chance(90)
      ? mutateText(part, random, rules)
      : changeHere(part, mutation);
  let changed = value;
  for (let count = 1 + random.below(random.chance(70) ? 2 : 6); count > 0; count -= 1) {
    changed = changeSomewhere(changed, random, change);
  }
  return changed;
};
