import { quoteValue, SwingsetError } from '../../errors.js';

/** What is wrong with a transaction, for programs. */
export type TransactionFault =
  /** More bytes than allowed. */
  | 'size'
  /** Not UTF-8, or not JSON. */
  | 'encoding'
  /** Nested too deep. */
  | 'depth'
  /** JSON that is not the one form that its data has. */
  | 'canonical'
  /** A field is missing, unknown, or has a wrong value. */
  | 'field'
  /** Not signed by its key for this chain. */
  | 'signature';

/** Senders choose names of fields, and errors travel in results. */
const MAX_MESSAGE = 1000;

const shorten = (text: string): string =>
  text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;

export interface BadTransactionDetails {
  /** A path, for example `body.actions[0].method`. */
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;
  /** Text in place of the quoted value. */
  readonly found?: string | undefined;
  readonly message?: string | undefined;
}

/**
 * Bytes that are no transaction of this chain, or a body that can't be signed. The message is equal
 * on all replicas: it never quotes an engine's own errors.
 */
export class BadTransactionError extends SwingsetError {
  readonly code = 'BAD_TRANSACTION';
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;

  constructor(
    readonly fault: TransactionFault,
    { field, value, expected, found = quoteValue(value), message }: BadTransactionDetails,
  ) {
    super(shorten(message ?? `${field}: expected ${expected}, got ${found}`).toWellFormed());
    this.field = field;
    this.value = value;
    this.expected = expected;
  }
}

/** A file that holds no usable key. */
export class KeyFileError extends SwingsetError {
  readonly code = 'KEY_FILE';
  constructor(
    readonly path: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${problem}`, options);
  }
}
