/**
 * Small pieces from which the codecs of stored rows are made. A shape tests a parsed value; a codec
 * turns a row's text into a value and back.
 *
 * Boundary: knows no keys and throws nothing; `rows.ts` says which row has which codec, and words
 * the error. Decoding is on the path of each crank, so shapes are plain predicates that copy nothing.
 * Fields that a shape does not name are allowed: SwingSet's records have some.
 */

export interface Shape<T> {
  /** For "expected …". */
  readonly what: string;
  readonly is: (value: unknown) => value is T;
}

/** A field that may be missing. Never of a whole row, which is there or not. */
export interface OptionalShape<T> extends Shape<T | undefined> {
  readonly optional: true;
}

export interface Codec<T> {
  readonly what: string;
  /** Undefined for a text that is not one of these. */
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

/** From a type guard, such as those of `lib/types/ids.ts`. */
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

export const mapOf = <T>(item: Shape<T>, what: string): Shape<Record<string, T>> =>
  shape(what, value => isRecord(value) && Object.values(value).every(item.is));

export const optional = <T>(inner: Shape<T>): OptionalShape<T> => ({
  what: inner.what,
  is: (value): value is T | undefined => value === undefined || inner.is(value),
  optional: true,
});

/** One shape for each field of `T`, optional exactly where the field is. */
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

/** Records told apart by their `type`. */
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

/** Never of a shape that `undefined` has. */
export const json = <T>({ what, is }: Shape<T>): Codec<T> => ({
  what,
  decode: row => {
    const value = parseJSON(row);
    return is(value) ? value : undefined;
  },
  encode: value => JSON.stringify(value),
});

/** A row that is the value itself. */
export const plain = <T extends string>({ what, is }: Shape<T>): Codec<T> => ({
  what,
  decode: row => (is(row) ? row : undefined),
  encode: value => value,
});

/** A count in decimal. */
export const decimal: Codec<number> = {
  what: count.what,
  decode: row => {
    const value = Number(row);
    return count.is(value) && `${value}` === row ? value : undefined;
  },
  encode: value => `${value}`,
};

/** Texts without commas, as SwingSet writes lists of references. */
export const commas = <T extends string>(item: Shape<T>): Codec<readonly T[]> => ({
  what: `a list with commas, each ${item.what}`,
  decode: row => {
    const list: readonly string[] = row === '' ? [] : row.split(',');
    return list.every(item.is) ? list : undefined;
  },
  encode: list => list.join(','),
});

/** Either codec, the first that can read it; it writes what `a` writes. */
export const orElse = <A, B>(a: Codec<A>, b: Codec<B>): Codec<A | B> => ({
  what: `${a.what} or ${b.what}`,
  decode: row => a.decode(row) ?? b.decode(row),
  encode: value => `${value as string | number}`,
});
