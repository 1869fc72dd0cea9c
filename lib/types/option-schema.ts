/**
 * Building blocks for the schemas of configurations and options. `npm run schemas` writes
 * `schemas/*.json` from them. The types come from them as well; their doc comments are the
 * descriptions in the JSON.
 *
 * Boundary: only that script and types use these modules. Checks at run time read `schemas`.
 */
import Type from 'typebox';
import type { TSchema, TSchemaOptions, TUnsafe } from 'typebox';

/** A value that JSON Schema can't describe, checked with `typeof`. */
export const functionOf = <T>(): TUnsafe<T> => Type.Unsafe<T>({ typeof: 'function' });

/** An object whose fields are not checked. */
export const objectOf = <T>(): TUnsafe<T> => Type.Unsafe<T>({ type: 'object' });

export const names = (): TUnsafe<readonly string[]> =>
  Type.Unsafe<readonly string[]>({ type: 'array', items: { type: 'string' } });

/** 0, or a whole number up to 2^53-1. */
export const countOrZero = (expected = 'an integer from 0 to 2^53-1') =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, expected });

/** A whole number up to 2^53-1, the largest that the kernel can read again. */
export const count = () =>
  Type.Integer({
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    expected: 'a positive integer up to 2^53-1',
  });

export const countOrNever = () =>
  Type.Union(
    [Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), Type.Literal('never')],
    { expected: 'a positive integer up to 2^53-1 or "never"' },
  );

export const path = () => Type.String({ minLength: 1, expected: 'a path' });

/** Checked further by `lib/platform-epoch`. */
export const platformEpoch = () =>
  Type.Unsafe<string | number>({ type: ['string', 'number'], expected: 'a name or a number' });

/** The name of a chain's platform epoch, and so of an upgrade. */
export const epochName = (what = 'a name of') =>
  Type.String({
    // Which other characters are printable depends on the version of Unicode.
    pattern: '^[!-~]([ -~]{0,254}[!-~])?$',
    expected: `${what} 1 to 256 printable ASCII characters`,
  });

/** Fields of an object: all optional. Any other is a warning, or an error for a strict host. */
export const optionsBag = { additionalProperties: false } satisfies TSchemaOptions;

/** Keys of a configuration that begin with `$` are comments. */
const comments = { patternProperties: { '^\\$': {} } };

/** The same for an object in a configuration. */
export const configObject = { ...optionsBag, ...comments } satisfies TSchemaOptions;

/** A record with any names, in a configuration. */
export const recordOf = <T>(values: TSchema): TUnsafe<Record<string, T>> =>
  Type.Unsafe<Record<string, T>>({ type: 'object', ...comments, additionalProperties: values });
