/**
 * Canonical JSON: each value has one text. What is signed and what replicas compare is this text.
 *
 * Invariants
 * 1. `parseCanonical(encodeCanonical(value))` equals `value`, and no other text parses to it.
 * 2. Names of records are sorted by UTF-16 code units. There are no spaces. Strings are escaped as
 *    `JSON.stringify` does.
 * 3. Numbers are safe integers. There is no -0. Fractions and larger numbers travel as strings.
 * 4. Strings and names are well-formed Unicode. No name is `__proto__`.
 * 5. Nothing parses a text before its depth is known to be within the limit.
 */
import { isDeeperThan } from '../../kernel/delivery/capdata-limits.js';
import { BadTransactionError } from './errors.js';

/** Levels of lists and records in a transaction's body. */
export const MAX_DEPTH = 100;

/** Where a value is, as a list from the inside out: built for each value, read for errors alone. */
interface Place {
  readonly parent: Place | undefined;
  readonly name: string | number;
  readonly depth: number;
}

const pathOf = ({ parent, name }: Place): string => {
  if (!parent) return String(name);
  const isIdentifier = typeof name === 'string' && /^[A-Za-z_$][\w$]*$/.test(name);
  return `${pathOf(parent)}${isIdentifier ? `.${name}` : `[${JSON.stringify(name)}]`}`;
};

const placeIn = (parent: Place, name: string | number): Place => ({
  parent,
  name,
  depth: parent.depth + 1,
});

const refuse = (place: Place, value: unknown, expected: string, found?: string): never => {
  const fault = 'canonical';
  throw new BadTransactionError(fault, { field: pathOf(place), value, expected, found });
};

const encodeString = (text: string, place: Place): string =>
  text.isWellFormed()
    ? JSON.stringify(text)
    : refuse(place, text, 'text without lone surrogates (U+D800 to U+DFFF)');

const encodeNumber = (value: number, place: Place): string =>
  Number.isSafeInteger(value) && !Object.is(value, -0)
    ? String(value)
    : refuse(
        place,
        value,
        'an integer from -(2^53-1) to 2^53-1; write other numbers as strings',
        Object.is(value, -0) ? '-0' : String(value),
      );

const isPlain = (value: object): value is Readonly<Record<string, unknown>> => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

const encodeMember = (name: string, value: unknown, place: Place): string => {
  if (name === '__proto__') refuse(place, name, 'any name but __proto__');
  return `${encodeString(name, place)}:${encodeValue(value, place)}`;
};

const encodeObject = (value: object, place: Place): string => {
  if (place.depth > MAX_DEPTH) {
    const details = { field: pathOf(place), value, expected: `at most ${MAX_DEPTH} levels` };
    throw new BadTransactionError('depth', { ...details, found: `${place.depth}` });
  }
  if (Array.isArray(value)) {
    // `Array.from` visits holes as well.
    return `[${Array.from(value, (item, index) => encodeValue(item, placeIn(place, index))).join()}]`;
  }
  if (!isPlain(value)) return refuse(place, value, 'JSON data', 'an object of another kind');
  const names = Object.keys(value).sort();
  return `{${names.map(name => encodeMember(name, value[name], placeIn(place, name))).join()}}`;
};

const encodeValue = (value: unknown, place: Place): string => {
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      return encodeNumber(value, place);
    case 'string':
      return encodeString(value, place);
    case 'object':
      return value === null ? 'null' : encodeObject(value, place);
    default:
      return refuse(place, value, 'JSON data', `a value of type ${typeof value}`);
  }
};

/**
 * The one text of JSON data.
 * @param field - The name of the data in errors.
 * @throws BadTransactionError for anything that is not such data
 */
export const encodeCanonical = (value: unknown, field: string): string =>
  encodeValue(value, { parent: undefined, name: field, depth: 1 });

const EXCERPT = 40;

/** Names the first place where two texts differ. */
const insistSame = (text: string, canonical: string, field: string): void => {
  if (text === canonical) return;
  let at = 0;
  while (text[at] === canonical[at]) at += 1;
  throw new BadTransactionError('canonical', {
    field,
    value: text,
    expected:
      'canonical JSON (sorted names, each once, without spaces); ' +
      `at character ${at} that is ${JSON.stringify(canonical.slice(at, at + EXCERPT))}`,
    found: JSON.stringify(text.slice(at, at + EXCERPT)),
  });
};

/**
 * The value of a canonical text.
 * @param field - The name of the text in errors.
 * @throws BadTransactionError when it is not JSON, nested too deep, or not canonical
 */
export const parseCanonical = (text: string, field: string): unknown => {
  if (isDeeperThan(text, MAX_DEPTH)) {
    const details = { field, value: text, expected: `at most ${MAX_DEPTH} levels` };
    throw new BadTransactionError('depth', { ...details, found: 'more' });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadTransactionError('encoding', { field, value: text, expected: 'JSON' });
  }
  insistSame(text, encodeCanonical(value, field), field);
  return value;
};
