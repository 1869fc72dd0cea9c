/** `@agoric/kmarshal` with our types: marshals values that hold krefs as stand-ins (`kslot`). */
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

/** Marshalled `Error(message)`, for rejections by the kernel. */
export const makeErrorData = (message: string): CapData<KRef> => kser(Error(message));

/**
 * The longest reason of its end that a vat may tell others, in UTF-16 units of the body. vat-admin
 * passes reasons on, and each error in one gets longer by that. With less room, a vat could choose a
 * reason that ends vat-admin for exceeding its own limit.
 */
const MAX_REASON_LENGTH = 1_000_000;

/** The reason of a vat's end, or an error in place of one that is too long to be passed on. */
export const toldReason = (info: CapData<KRef>): CapData<KRef> =>
  info.body.length <= MAX_REASON_LENGTH
    ? info
    : makeErrorData(
        `the vat's reason is too long to be told: ${info.body.length} characters, ` +
          `at most ${MAX_REASON_LENGTH}`,
      );

/** Caps text that a vat chose and that goes to kernel state and reports. UTF-16 units. */
const MAX_PROBLEM_LENGTH = 2000;

/** The text, or its beginning with an ellipsis. */
export const shortenProblem = (text: string): string => {
  if (text.length <= MAX_PROBLEM_LENGTH) return text;
  // Don't cut a surrogate pair in half.
  return `${text.slice(0, MAX_PROBLEM_LENGTH).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (value === undefined) return 'no reason was given';
  if (value instanceof Error) return value.message || value.name;
  // The marshalled form, such as `{"code":7}`, is the same on all replicas.
  return kser(value).body.replace(/^#/, '');
};

/**
 * Readable text for a rejection reason that a vat gave: an error's message, or the marshalled
 * value, of at most 2,000 characters. Never throws.
 */
export const describeError = (value: unknown): string => {
  try {
    return shortenProblem(textOf(value));
  } catch {
    return 'a value that has no text';
  }
};

/** The kref, if data is exactly one reference to an object or device. */
export const soleReference = (data: CapData<KRef>): KRef | undefined => {
  const found = readStyle(data);
  return found?.style === 'remotable' ? parseKRef(found.slot) : undefined;
};
