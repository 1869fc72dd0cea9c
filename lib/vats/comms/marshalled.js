// @ts-check
/**
 * The little that comms needs to know about marshalled data: the arguments of its own methods, its
 * own errors, and whether data is exactly one reference. Comms passes on everything else unread.
 *
 * @import { Data } from './types.js'
 */

/** A reference among the arguments, as an index into the slots. */
export class SlotArgument {
  /** @param {number} index */
  constructor(index) {
    this.index = index;
  }
}

/**
 * Smallcaps puts `!` before a string that would otherwise mean something else.
 *
 * @param {string} text
 */
const fromSmallcapsString = text => {
  if (text.startsWith('!')) return text.slice(1);
  const slot = /^[$&]([0-9]+)(\.|$)/.exec(text);
  if (slot) return new SlotArgument(Number(slot[1]));
  if (/^[+-][0-9]+$/.test(text)) return BigInt(text);
  return text;
};

/** @param {any} value */
const fromCapDataObject = value => {
  if (value?.['@qclass'] === 'slot') return new SlotArgument(Number(value.index));
  if (value?.['@qclass'] === 'bigint') return BigInt(value.digits);
  return value;
};

/**
 * The method and arguments of a message to the vat itself: strings, numbers and references.
 *
 * @param {Data<string>} methargs
 * @returns {{ method: unknown, args: unknown[] }}
 */
export const parseMethargs = ({ body }) => {
  const smallcaps = body.startsWith('#');
  const [method, args] = JSON.parse(smallcaps ? body.slice(1) : body);
  const decode = (/** @type {unknown} */ value) =>
    smallcaps && typeof value === 'string' ? fromSmallcapsString(value) : fromCapDataObject(value);
  return { method: decode(method), args: args.map(decode) };
};

/** @type {(data: Data<string>) => boolean} */
export const isSingleReference = ({ body, slots }) => {
  if (slots.length !== 1) return false;
  const smallcaps = body.startsWith('#');
  const value = JSON.parse(smallcaps ? body.slice(1) : body);
  const decoded =
    smallcaps && typeof value === 'string' ? fromSmallcapsString(value) : fromCapDataObject(value);
  return decoded instanceof SlotArgument;
};

/**
 * The first slot, with the interface name that it has in SwingSet.
 *
 * @param {string} [iface]
 */
const slotZero = (iface = 'undefined') => `$0.Alleged: ${iface.replace(/^Alleged: /, '')}`;

/** @type {Data<never>} */
export const undefinedData = harden({ body: '#"#undefined"', slots: [] });

/** @type {(message: string, name?: string) => Data<never>} */
export const errorData = (message, name = 'Error') =>
  harden({ body: `#${JSON.stringify({ '#error': message, name })}`, slots: [] });

/** @type {<Ref extends string>(ref: Ref, iface?: string) => Data<Ref>} */
export const referenceData = (ref, iface) =>
  harden({ body: `#${JSON.stringify(slotZero(iface))}`, slots: [ref] });

/**
 * A call of `method` with one argument: a reference, or text that smallcaps need not escape.
 *
 * @param {string} method
 * @param {{ text: string } | { ref: string }} arg
 * @returns {Data<string>}
 */
export const callData = (method, arg) =>
  'text' in arg
    ? { body: `#${JSON.stringify([method, [arg.text]])}`, slots: [] }
    : { body: `#${JSON.stringify([method, [slotZero()]])}`, slots: [arg.ref] };
