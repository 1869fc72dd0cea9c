/** `@agoric/kmarshal` with our types: marshalled data whose slots are krefs, with stand-ins for them. */
import { kser as rawKser, kunser as rawKunser, krefOf as rawKrefOf } from '@agoric/kmarshal';
import { Far } from '@endo/far';
import { makeMarshal, passStyleOf } from '@endo/marshal';
import { parseKRef, type KRef } from '../types/ids.js';
import type { CapData } from '../types/messages.js';

export { kslot } from '@agoric/kmarshal';

export const kser = (value: unknown): CapData<KRef> => {
  const { body, slots } = rawKser(value);
  return { body, slots: slots.map((slot: string) => parseKRef(slot)) };
};

export const kunser = (data: CapData<KRef>): unknown =>
  rawKunser({ body: data.body, slots: [...data.slots] });

/** Marshalled `Error(message)`, as rejections by the kernel carry it. */
export const makeErrorData = (message: string): CapData<KRef> => kser(Error(message));

// Enough of an object for the checks that unmarshalling makes, without one per reference.
const someObject = Far('some object', {});
const somePromise = harden(Promise.resolve());
const checker = makeMarshal<string>(
  undefined,
  slot => (slot.startsWith('p') ? somePromise : someObject),
  { serializeBodyFormat: 'smallcaps', errorTagging: 'off' },
);

/**
 * Can a vat's marshalled data be read? Stock liveslots never makes other data; whoever does must not
 * pass it on to other vats, who would fail over it. Why not, is told in words of the JavaScript
 * engine that runs the kernel, which may differ between replicas.
 */
export const isReadable = ({ body, slots }: CapData<string>): boolean => {
  try {
    checker.fromCapData({ body, slots: [...slots] });
    return true;
  } catch {
    return false;
  }
};

/** Is the data one promise and nothing else? It must be readable. */
export const isSolePromise = ({ body, slots }: CapData<string>): boolean => {
  if (slots.length === 0) return false;
  const style: string = passStyleOf(checker.fromCapData({ body, slots: [...slots] }) as never);
  return style === 'promise';
};

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

/** The kref that data consists of, if it is one reference to an object or device and nothing else. */
export const soleReference = (data: CapData<KRef>): { kref: KRef } | { typeName: string } => {
  if (data.slots.length > 0) {
    const value = kunser(data);
    if (typeof value === 'object' && value !== null) {
      const style: string = passStyleOf(value as never);
      if (style === 'remotable') return { kref: parseKRef(rawKrefOf(value)) };
    }
    return { typeName: typeof value };
  }
  return { typeName: typeof kunser(data) };
};
