/** `@agoric/kmarshal` with our types: marshalled data whose slots are krefs, with stand-ins for them. */
import { kser as rawKser, kunser as rawKunser } from '@agoric/kmarshal';
import { parseKRef, type KRef } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import { readStyle } from '../../types/readable-data.js';

export { kslot } from '@agoric/kmarshal';

export const kser = (value: unknown): CapData<KRef> => {
  const { body, slots } = rawKser(value);
  return { body, slots: slots.map((slot: string) => parseKRef(slot)) };
};

export const kunser = (data: CapData<KRef>): unknown =>
  rawKunser({ body: data.body, slots: [...data.slots] });

/** Marshalled `Error(message)`, as rejections by the kernel carry it. */
export const makeErrorData = (message: string): CapData<KRef> => kser(Error(message));

/** Vats choose how much they say; it stands in kernel state, reports and statuses. UTF-16 units. */
const MAX_PROBLEM_LENGTH = 2000;

const shorten = (text: string): string => {
  if (text.length <= MAX_PROBLEM_LENGTH) return text;
  // Not in the midst of a surrogate pair.
  return `${text.slice(0, MAX_PROBLEM_LENGTH).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (value === undefined) return 'no reason was given';
  if (value instanceof Error) return value.message || value.name;
  // As it is passed: `{"code":7}`, `$0.Alleged: thing` and the like, the same on all replicas.
  return kser(value).body.replace(/^#/, '');
};

/**
 * What a reason that a vat gave says to a reader: the message of an error, or the value as text; at
 * most 2,000 characters. Never throws.
 */
export const describeError = (value: unknown): string => {
  try {
    return shorten(textOf(value));
  } catch {
    return 'a value that has no text';
  }
};

/** What `typeof` says of values that are not what it calls an object. */
const primitives: readonly string[] = [
  'string',
  'symbol',
  'undefined',
  'number',
  'bigint',
  'boolean',
];

/** The kref that data consists of, if it is one reference to an object or device and nothing else. */
export const soleReference = (data: CapData<KRef>): { kref: KRef } | { typeName: string } => {
  const found = readStyle(data);
  if (!found) return { typeName: 'unreadable' };
  const { style, slot } = found;
  if (style === 'remotable') return { kref: parseKRef(slot) };
  return { typeName: primitives.includes(style) ? style : 'object' };
};
