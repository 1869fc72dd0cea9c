/**
 * Checks marshalled data against the limits of its receiver (`lib/types/vat-limits.ts`).
 *
 * Boundary: scans text and counts, before anything parses the data. Parsing a body nested too deep
 * would overflow the stack, at a depth that differs between engines.
 */
import { BadOptionError } from '../../errors.js';
import type { CapData, Message } from '../../types/messages.js';
import type { LimitName, VatLimits } from '../../types/vat-limits.js';

export interface Excess {
  readonly limit: LimitName;
  /** What is too much, for example "a method name of 12000 characters". */
  readonly what: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Does the JSON text nest lists and records more than `most` levels deep? */
export const isDeeperThan = (text: string, most: number): boolean => {
  // Each level takes a bracket.
  if (text.length <= most) return false;
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (quoted) {
      if (unit === BACKSLASH) index += 1;
      else if (unit === QUOTE) quoted = false;
    } else if (unit === QUOTE) quoted = true;
    else if (OPENING.has(unit)) {
      depth += 1;
      if (depth > most) return true;
    } else if (CLOSING.has(unit)) depth -= 1;
  }
  return false;
};

/** The first limit that the data exceeds, if any. */
export const findExcess = (
  { body, slots }: CapData<string>,
  limits: VatLimits,
): Excess | undefined => {
  if (body.length > limits.body) {
    return { limit: 'body', what: `marshalled data of ${body.length} characters` };
  }
  if (slots.length > limits.slots) {
    return { limit: 'slots', what: `marshalled data with ${slots.length} references` };
  }
  if (isDeeperThan(body, limits.depth)) {
    return { limit: 'depth', what: `marshalled data with lists or records in each other` };
  }
  return undefined;
};

/** Returns what a host or device passes. @throws BadOptionError when it exceeds a vat's limits */
export const insistDeliverable = <Ref extends string>(
  data: CapData<Ref>,
  limits: VatLimits,
  field: string,
): CapData<Ref> => {
  const excess = findExcess(data, limits);
  if (!excess) return data;
  const { limit, what } = excess;
  throw new BadOptionError(field, what, `no more than vats can take: ${limit} ${limits[limit]}`);
};

/** The method name in marshalled `[method, args]`, if too long. The body must parse. */
export const findLongMethod = (
  { body }: CapData<string>,
  { method: most }: VatLimits,
): Excess | undefined => {
  if (body.length <= most) return undefined;
  const [method] = JSON.parse(body.replace(/^#/, '')) as unknown[];
  // Smallcaps writes a symbol as a string, the older encoding as a record that holds its name once.
  const length = typeof method === 'string' ? method.length : JSON.stringify(method ?? null).length;
  return length > most
    ? { limit: 'method', what: `a method name of ${length} characters` }
    : undefined;
};

/** What data adds to the size of a delivery, in UTF-16 units. */
export const sizeOfData = ({ body, slots }: CapData<string>): number => {
  let size = body.length;
  for (const slot of slots) size += slot.length + 3;
  return size;
};

export const sizeOfMessage = ({ methargs }: Message<string>): number => sizeOfData(methargs);
