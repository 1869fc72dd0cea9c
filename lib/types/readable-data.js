// @ts-check
/**
 * Decides whether every receiver can read marshalled data, and reads the little of it that the
 * kernel and comms need themselves.
 *
 * Boundary: checks data from a vat, a device, the host or another machine before it is passed on. A
 * vat whose liveslots can't unmarshal data dies of it, so data that passes must be readable by
 * every receiver. Imports nothing, because it is also bundled into the comms vat.
 *
 * Invariants:
 * 1. The answer depends on the data alone, not on the JavaScript engine, its stack or the
 *    environment.
 * 2. The time is linear in the size of the data. In particular, no bigint is ever constructed.
 * 3. Whatever endo's marshallers produce is readable. Anything beyond that (an interface name
 *    without its prefix, an error with unknown properties, an unused slot) is not, even if some
 *    version of endo accepts it.
 */

/**
 * @typedef {{ readonly body: string, readonly slots: readonly string[] }} Data
 * @typedef {'string' | 'symbol' | 'undefined' | 'number' | 'bigint' | 'boolean' | 'null' | 'array'
 *   | 'record' | 'tagged' | 'error' | 'remotable' | 'promise'} Style
 */

/**
 * Maximum decimal digits of a bigint: twice as many as a 4,096-bit key has. Reading a bigint takes
 * quadratic time; on xsnap, 10,000 digits took seconds.
 */
export const MAX_BIGINT_DIGITS = 2_500;

/**
 * Maximum nesting of data. Liveslots reads it recursively: xsnap's stack holds 42 nested records
 * and overflows at 52, which terminates the reader.
 */
export const MAX_DEPTH = 40;

class Flaw extends Error {}

/** @param {string} problem @returns {never} */
const flaw = problem => {
  throw new Flaw(problem);
};

/** Well-known symbols that every engine has. */
const wellKnown = new Set([
  'asyncIterator',
  'hasInstance',
  'isConcatSpreadable',
  'iterator',
  'match',
  'matchAll',
  'replace',
  'search',
  'species',
  'split',
  'toPrimitive',
  'toStringTag',
  'unscopables',
]);

/** @param {unknown} name */
const checkSymbolName = name => {
  if (typeof name !== 'string') return flaw('a symbol without a name');
  if (name.startsWith('@@') && !name.startsWith('@@@@') && !wellKnown.has(name.slice(2))) {
    flaw('an unknown symbol');
  }
};

/** @param {string} digits - without a sign */
const checkDigits = digits => {
  if (!/^[0-9]+$/.test(digits)) flaw('a malformed bigint');
  if (digits.length > MAX_BIGINT_DIGITS) flaw(`a bigint of ${digits.length} digits`);
};

const constants = new Map(
  /** @type {const} */ ([
    ['#undefined', 'undefined'],
    ['#NaN', 'number'],
    ['#Infinity', 'number'],
    ['#-Infinity', 'number'],
  ]),
);

/** @param {unknown} iface */
const isInterfaceName = iface =>
  iface === undefined ||
  iface === 'Remotable' ||
  (typeof iface === 'string' && /^(Alleged|DebugName): /.test(iface));

/** Promises of vats, the kernel and comms: `p-5`, `kp5`, `lp5`, `rp-5`. @param {string} slot */
const isPromiseSlot = slot => /^[klr]?p/.test(slot);

class Slots {
  /** @param {readonly string[]} slots */
  constructor(slots) {
    this.slots = slots;
    /** @type {Set<number>} */
    this.mentioned = new Set();
  }

  /** @param {unknown} index @param {unknown} iface @returns {'remotable' | 'promise'} */
  mention(index, iface) {
    const slot = this.slots[/** @type {number} */ (index)];
    if (!Number.isSafeInteger(index) || slot === undefined)
      return flaw('a slot that does not exist');
    if (!isInterfaceName(iface)) flaw('an invalid interface name');
    this.mentioned.add(/** @type {number} */ (index));
    return isPromiseSlot(slot) ? 'promise' : 'remotable';
  }

  insistAllMentioned() {
    if (this.mentioned.size !== this.slots.length) flaw('a slot that nothing mentions');
  }
}

/** @param {string} text @param {Slots} slots @returns {Style} */
const smallcapsReference = (text, slots) => {
  const found = /^[$&](0|[1-9][0-9]*)(?:\.([^]*))?$/.exec(text);
  if (!found) return flaw('a malformed reference');
  const style = slots.mention(Number(found[1]), found[2]);
  if (style !== (text[0] === '&' ? 'promise' : 'remotable')) {
    flaw('a promise spelt as an object, or an object as a promise');
  }
  return style;
};

/** @param {string} text @param {Slots} slots @returns {Style} */
const smallcapsString = (text, slots) => {
  const first = text.charAt(0);
  if (first < '!' || first > '-') return 'string';
  switch (first) {
    case '!':
      return 'string';
    case '%':
      checkSymbolName(text.slice(1));
      return 'symbol';
    case '#':
      return constants.get(/** @type {any} */ (text)) ?? flaw('an unknown constant');
    case '+':
    case '-':
      checkDigits(text.slice(1));
      return 'bigint';
    case '$':
    case '&':
      return smallcapsReference(text, slots);
    default:
      return flaw('a string that begins with a reserved character');
  }
};

/** @param {unknown} value @param {string} what @param {Slots} slots */
const insistSmallcapsString = (value, what, slots) => {
  if (typeof value !== 'string' || smallcapsString(value, slots) !== 'string') {
    flaw(`${what} that is not a string`);
  }
};

/** @param {object} value @param {readonly string[]} known */
const insistKeys = (value, known) => {
  if (Object.keys(value).some(key => !known.includes(key))) flaw('unknown properties');
};

/**
 * @typedef {(value: unknown, inside?: 'error' | 'errors') => void} Visit schedules the check of a
 *   part
 */

/** @param {unknown} cause @param {unknown} errors @param {Visit} visit */
const visitErrorParts = (cause, errors, visit) => {
  if (cause !== undefined) visit(cause, 'error');
  if (errors !== undefined) {
    if (!Array.isArray(errors)) return flaw('an error whose errors are not a list');
    for (const each of errors) visit(each, 'error');
  }
};

/** @param {any} value @param {Slots} slots @param {Visit} visit @returns {Style} */
const smallcapsObject = (value, slots, visit) => {
  if (Object.hasOwn(value, '#tag')) {
    insistKeys(value, ['#tag', 'payload']);
    insistSmallcapsString(value['#tag'], 'a tag', slots);
    visit(value.payload);
    return 'tagged';
  }
  if (Object.hasOwn(value, '#error')) {
    const { '#error': message, name, errorId, cause, errors } = value;
    insistKeys(value, ['#error', 'name', 'errorId', 'cause', 'errors']);
    insistSmallcapsString(message, 'an error message', slots);
    insistSmallcapsString(name, 'an error name', slots);
    if (errorId !== undefined) insistSmallcapsString(errorId, 'an error id', slots);
    visitErrorParts(cause, errors, visit);
    return 'error';
  }
  for (const [key, part] of Object.entries(value)) {
    insistSmallcapsString(key, 'a property name', slots);
    // In the vat that owns the object it may be a function, and then the record could not be
    // passed.
    if (key === 'then' && typeof part === 'string' && part.startsWith('$')) flaw('a thenable');
    visit(part);
  }
  return 'record';
};

/** @param {any} value @param {Slots} slots @param {Visit} visit @returns {Style} */
const capdataObject = (value, slots, visit) => {
  if (!Object.hasOwn(value, '@qclass')) {
    for (const [key, part] of Object.entries(value)) {
      if (key === 'then' && part?.['@qclass'] === 'slot') flaw('a thenable');
      visit(part);
    }
    return 'record';
  }
  switch (value['@qclass']) {
    case 'undefined':
      return 'undefined';
    case 'NaN':
    case 'Infinity':
    case '-Infinity':
      return 'number';
    case 'bigint':
      if (typeof value.digits !== 'string') return flaw('a malformed bigint');
      checkDigits(value.digits.replace(/^-/, ''));
      return 'bigint';
    case '@@asyncIterator':
      return 'symbol';
    case 'symbol':
      checkSymbolName(value.name);
      return 'symbol';
    case 'tagged':
      if (typeof value.tag !== 'string') flaw('a tag that is not a string');
      visit(value.payload);
      return 'tagged';
    case 'slot':
      insistKeys(value, ['@qclass', 'index', 'iface']);
      return slots.mention(value.index, value.iface);
    case 'error': {
      const { name, message, errorId, cause, errors } = value;
      insistKeys(value, ['@qclass', 'name', 'message', 'errorId', 'cause', 'errors']);
      for (const text of [name, message, errorId ?? '']) {
        if (typeof text !== 'string') flaw('an error without a name or message');
      }
      visitErrorParts(cause, errors, visit);
      return 'error';
    }
    case 'hilbert': {
      const { original, rest } = value;
      visit(original);
      if (!Object.hasOwn(value, 'rest')) return 'record';
      const isRecord = typeof rest === 'object' && rest !== null && !Array.isArray(rest);
      if (!isRecord || Object.keys(rest).length === 0 || Object.hasOwn(rest, '@qclass')) {
        flaw('a malformed escaped record');
      }
      visit(rest);
      return 'record';
    }
    default:
      return flaw('an unknown class of data');
  }
};

/**
 * Checks one value without its parts, which it visits.
 *
 * @param {unknown} value - parsed JSON
 * @param {boolean} isSmallcaps
 * @param {Slots} slots
 * @param {Visit} visit
 * @returns {Style}
 */
const styleOf = (value, isSmallcaps, slots, visit) => {
  switch (typeof value) {
    case 'boolean':
    case 'number':
      return /** @type {'boolean' | 'number'} */ (typeof value);
    case 'string':
      return isSmallcaps ? smallcapsString(value, slots) : 'string';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) {
        for (const part of value) visit(part);
        return 'array';
      }
      return isSmallcaps
        ? smallcapsObject(value, slots, visit)
        : capdataObject(value, slots, visit);
    default:
      return flaw('a missing part');
  }
};

/** @param {Data} data */
const parse = ({ body }) => {
  const isSmallcaps = body.startsWith('#');
  // Marshallers write none, and between machines a line break ends a command.
  if (/[\n\r\t]/.test(body)) flaw('a body with white space');
  try {
    const value = /** @type {unknown} */ (JSON.parse(isSmallcaps ? body.slice(1) : body));
    return { isSmallcaps, value };
  } catch {
    return flaw('a body that is not JSON');
  }
};

/** @param {Data} data @returns {{ isSmallcaps: boolean, value: unknown, style: Style }} */
const check = data => {
  const { isSmallcaps, value } = parse(data);
  const slots = new Slots(data.slots);
  // Not recursive, because the vat chooses the depth.
  /** @type {Array<{ value: unknown, depth: number, mustBe?: string | undefined }>} */
  const pending = [];
  let depth = 0;
  /** @type {Visit} */
  const visit = (part, mustBe) => {
    if (depth >= MAX_DEPTH) flaw(`data nested more than ${MAX_DEPTH} deep`);
    pending.push({ value: part, depth: depth + 1, mustBe });
  };
  const style = styleOf(value, isSmallcaps, slots, visit);
  for (let next = pending.pop(); next; next = pending.pop()) {
    ({ depth } = next);
    const found = styleOf(next.value, isSmallcaps, slots, visit);
    if (next.mustBe && found !== next.mustBe) flaw('an error whose cause is not an error');
  }
  slots.insistAllMentioned();
  return { isSmallcaps, value, style };
};

/** @param {() => void} run @returns {string | undefined} */
const flawOf = run => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof Flaw) return error.message;
    throw error;
  }
};

/**
 * Returns why the data must not be passed on, as text for logs, or undefined if it may be.
 *
 * @param {Data} data
 */
export const findFlaw = data => flawOf(() => void check(data));

/** @type {Visit} */
const ignore = () => {};

/**
 * Like `findFlaw`, for a message: a method (none to call a function) and a list of arguments (none
 * to get a property).
 *
 * @param {Data} methargs
 */
export const findMessageFlaw = methargs =>
  flawOf(() => {
    const { isSmallcaps, value } = check(methargs);
    if (!Array.isArray(value) || value.length !== 2) return flaw('a message that is not a call');
    const slots = new Slots(methargs.slots);
    const [method, args] = value.map(part => styleOf(part, isSmallcaps, slots, ignore));
    if (!['string', 'symbol', 'undefined'].includes(`${method}`)) flaw('a method without a name');
    if (!['array', 'undefined'].includes(`${args}`)) flaw('arguments that are not a list');
  });

/**
 * Returns the style of the data as a whole, and its slot if it is just a reference.
 *
 * @param {Data} data
 * @returns {{ style: Style, slot?: string | undefined } | undefined} undefined if unreadable
 */
export const readStyle = data => {
  try {
    const { isSmallcaps, value } = parse(data);
    const slots = new Slots(data.slots);
    const style = styleOf(value, isSmallcaps, slots, ignore);
    const [index] = slots.mentioned;
    return { style, slot: index === undefined ? undefined : data.slots[index] };
  } catch (error) {
    if (error instanceof Flaw) return undefined;
    throw error;
  }
};

/**
 * Returns the method of a message as SwingSet's errors name it: `ping`, `[@@asyncIterator]` for a
 * symbol, `<funcall>` for a call without a method.
 *
 * @param {Data} methargs
 * @returns {string}
 */
export const describeMethod = methargs => {
  const { body } = methargs;
  if (findMessageFlaw(methargs) !== undefined) return '<unintelligible method>';
  const isSmallcaps = body.startsWith('#');
  const [method] = JSON.parse(isSmallcaps ? body.slice(1) : body);
  if (typeof method !== 'string') {
    const { '@qclass': qclass, name = '@@asyncIterator' } = method;
    return qclass === 'undefined' ? '<funcall>' : `[${name}]`;
  }
  if (!isSmallcaps) return method;
  if (method === '#undefined') return '<funcall>';
  if (method.startsWith('%')) return `[${method.slice(1)}]`;
  return method.startsWith('!') ? method.slice(1) : method;
};
