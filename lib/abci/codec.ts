/**
 * Requests and responses of ABCI 2.0 as bytes. The generated codecs of `cosmjs-types` do the work;
 * this module guards against what they let pass.
 *
 * Invariants
 * 1. A request has exactly one kind. Unknown kinds are errors, never empty requests.
 * 2. A 64-bit value that does not fit is an error: the generated code wraps it.
 * 3. Times keep their nanoseconds. Nothing here knows `Date`.
 */
import type { DeepPartial } from 'cosmjs-types/helpers.js';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types.js';
import { errorText } from '../errors.js';
import { WireError, WireValueError } from './errors.js';

/** Told apart by `kind`. */
export type AbciRequest = {
  [Kind in keyof Request]-?: { readonly kind: Kind; readonly value: NonNullable<Request[Kind]> };
}[keyof Request];

/**
 * Told apart by `kind`: that of the request, or `exception`. Fields that are left out have their
 * zero value.
 */
export type AbciResponse = {
  [Kind in keyof Response]-?: {
    readonly kind: Kind;
    readonly value: DeepPartial<NonNullable<Response[Kind]>>;
  };
}[keyof Response];

const decodeFields = (bytes: Uint8Array): Request => {
  try {
    return Request.decode(bytes);
  } catch (error) {
    throw new WireError(`a frame of ${bytes.length} bytes is no request: ${errorText(error)}`, {
      cause: error,
    });
  }
};

/**
 * @param bytes - One frame.
 * @throws WireError when the bytes are no request, or one of a kind that ABCI 2.0 does not have
 */
export const decodeRequest = (bytes: Uint8Array): AbciRequest => {
  const fields = Object.entries(decodeFields(bytes)) as [string, unknown][];
  const [first, ...others] = fields.filter(([, field]) => field !== undefined);
  if (!first) {
    throw new WireError(
      `a request of ${bytes.length} bytes has no kind that is known here: this is ABCI 2.0, ` +
        'for CometBFT 0.38',
    );
  }
  const [kind, value] = first;
  if (others.length > 0) {
    const kinds = [kind, ...others.map(([other]) => other)].join(', ');
    throw new WireError(`a request is of several kinds at once: ${kinds}`);
  }
  return { kind, value } as AbciRequest;
};

/** One frame's bytes, without its length. */
export const encodeResponse = ({ kind, value }: AbciResponse): Uint8Array => {
  const fields: DeepPartial<Response> = { [kind]: value };
  return Response.encode(Response.fromPartial(fields)).finish();
};

const MAX_INT64 = 2n ** 63n - 1n;

/** A number that goes out as int64. @throws WireValueError when it doesn't fit */
export const toInt64 = (value: bigint | number, field: string): bigint => {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value) : -1n;
  if (whole >= 0n && whole <= MAX_INT64) return whole;
  throw new WireValueError(field, value, 'a whole number from 0 to 2^63-1');
};

/** An int64 that came in. @throws WireValueError for a negative one, and from 2^53 on */
export const fromInt64 = (value: bigint, field: string): number => {
  if (value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new WireValueError(field, value, 'a whole number from 0 to 2^53-1');
};
