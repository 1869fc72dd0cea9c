/**
 * The parts that codecs of stored rows are made of. A shape tests a parsed value; a codec converts
 * a row's text to a value and back.
 *
 * Boundary: knows no keys and throws nothing. `rows.ts` assigns codecs to rows and throws the
 * error. Every crank decodes rows, so shapes are plain predicates that copy nothing. They allow
 * fields that they do not name, because SwingSet's records have some.
 */

export interface Shape<T> {
  /** Completes the sentence "expected …". */
  readonly what: string;
  readonly is: (value: unknown) => value is T;
}

/** A field that may be missing. Not for whole rows, which are present or absent. */
export interface OptionalShape<T> extends Shape<T | undefined> {
  readonly optional: true;
}

export interface Codec<T> {
  readonly what: string;
  /** Returns undefined if the text is not valid. */
  readonly decode: (text: string) => T | undefined;
  readonly encode: (value: T) => string;
}

const shape = <T>(what: string, test: (value: unknown) => boolean): Shape<T> => ({
  what,
  is: test as Shape<T>['is'],
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const text = shape<string>('a text', value => typeof value === 'string');
export const flag = shape<boolean>('true or false', value => typeof value === 'boolean');
export const number = shape<number>('a number', value => Number.isFinite(value));
export const count = shape<number>(
  'a non-negative integer',
  value => Number.isSafeInteger(value) && (value as number) >= 0,
);
export const anything = shape<unknown>('JSON data', () => true);
export const anyRecord = shape<Readonly<Record<string, unknown>>>('a record', isRecord);

/** Makes a shape from a type guard, for example one of `lib/types/ids.ts`. */
export const guarded = <T>(what: string, is: (value: unknown) => value is T): Shape<T> => ({
  what,
  is,
});

export const oneOf = <const T extends string | number | boolean>(...values: T[]): Shape<T> =>
  shape(values.join(' or '), value => values.includes(value as T));

export const either = <A, B>(a: Shape<A>, b: Shape<B>): Shape<A | B> =>
  shape(`${a.what} or ${b.what}`, value => a.is(value) || b.is(value));

export const listOf = <T>(item: Shape<T>, what = `a list, each ${item.what}`): Shape<T[]> =>
  shape(what, value => Array.isArray(value) && value.every(item.is));

/** Of what would be done twice. */
export const setOf = <T>(item: Shape<T>): Shape<T[]> =>
  shape(
    `a list without repetitions, each ${item.what}`,
    value =>
      Array.isArray(value) && value.every(item.is) && new Set<unknown>(value).size === value.length,
  );

export const mapOf = <T>(item: Shape<T>, what: string): Shape<Record<string, T>> =>
  shape(what, value => isRecord(value) && Object.values(value).every(item.is));

export const optional = <T>(inner: Shape<T>): OptionalShape<T> => ({
  what: inner.what,
  is: (value): value is T | undefined => value === undefined || inner.is(value),
  optional: true,
});

/** One shape per field of `T`, optional exactly for the optional fields. */
export type Fields<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K>
    ? OptionalShape<Exclude<T[K], undefined>>
    : Shape<T[K]>;
};

export const record = <T extends object>(what: string, fields: Fields<T>): Shape<T> => {
  const entries = Object.entries<Shape<unknown>>(fields as Record<string, Shape<unknown>>);
  return shape(
    what,
    value => isRecord(value) && entries.every(([name, { is }]) => is(value[name])),
  );
};

type FieldsOfType<T extends { readonly type: string }, Type> = T extends unknown
  ? Type extends T['type']
    ? Omit<T, 'type'>
    : never
  : never;

/** Records that their `type` tells apart. */
export const byType = <T extends { readonly type: string }>(
  what: string,
  kinds: { readonly [Type in T['type']]: Fields<FieldsOfType<T, Type>> },
): Shape<T> => {
  const shapes = new Map<unknown, Shape<object>>(
    Object.entries(kinds).map(([type, fields]) => [type, record(what, fields as Fields<object>)]),
  );
  return shape(what, value => isRecord(value) && (shapes.get(value['type'])?.is(value) ?? false));
};

const parseJSON = (row: string): unknown => {
  try {
    return JSON.parse(row) as unknown;
  } catch {
    return undefined;
  }
};

/** JSON text. The shape must not accept `undefined`. */
export const json = <T>({ what, is }: Shape<T>): Codec<T> => ({
  what,
  decode: row => {
    const value = parseJSON(row);
    return is(value) ? value : undefined;
  },
  encode: value => JSON.stringify(value),
});

/** Not `harden`, because tools read stores without lockdown. */
const freezeJSON = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freezeJSON(part);
};

/** Distinct texts that a codec remembers. */
const MOST_REMEMBERED = 1000;

/**
 * For rows that each crank reads and few change: decodes a text once. All readers share the value,
 * so it is frozen.
 */
export const remembered = <T>(codec: Codec<T>): Codec<T> => {
  const values = new Map<string, T>();
  return {
    ...codec,
    decode: row => {
      const known = values.get(row);
      if (known !== undefined) return known;
      const value = codec.decode(row);
      if (value === undefined) return undefined;
      if (values.size >= MOST_REMEMBERED) values.clear();
      freezeJSON(value);
      values.set(row, value);
      return value;
    },
  };
};

/** The row is the value itself. */
export const plain = <T extends string>({ what, is }: Shape<T>): Codec<T> => ({
  what,
  decode: row => (is(row) ? row : undefined),
  encode: value => value,
});

/** A count in decimal digits. */
export const decimal: Codec<number> = {
  what: count.what,
  decode: row => {
    const value = Number(row);
    return count.is(value) && `${value}` === row ? value : undefined;
  },
  encode: value => `${value}`,
};

/** A list separated by commas, as SwingSet writes lists of references. */
export const commas = <T extends string>(item: Shape<T>): Codec<readonly T[]> => ({
  what: `a comma-separated list, each ${item.what}`,
  decode: row => {
    const list: readonly string[] = row === '' ? [] : row.split(',');
    return list.every(item.is) ? list : undefined;
  },
  encode: list => list.join(','),
});

/** Decodes with the first codec that accepts the text. Both write plain text. */
export const orElse = <A, B>(a: Codec<A>, b: Codec<B>): Codec<A | B> => ({
  what: `${a.what} or ${b.what}`,
  decode: row => a.decode(row) ?? b.decode(row),
  encode: value => `${value as string | number}`,
});
