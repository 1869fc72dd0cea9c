/**
 * The project's errors: one family, each with a stable `code`, its data as fields, and a message
 * that says what to do. Nothing in `lib` throws a bare Error for a condition that a host can meet.
 */

/** Messages quote names and texts of vats, stores and clients, who choose how long those are. */
const MAX_MESSAGE = 10_000;

const withinLimit = (message: string): string =>
  message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;

/**
 * Base of every error thrown on purpose. Match on `code`, never on the message, which is cut after
 * 10,000 characters: the fields have it all.
 */
export abstract class SwingsetError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(withinLimit(message), options);
    this.name = new.target.name;
  }
}

/** The message of an error, or the text of any other thrown value. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** For values without JSON: undefined, functions, cycles, and data that is nested too deep. */
const describe = (value: unknown): string => {
  try {
    return String(value);
  } catch {
    return `a value of type ${typeof value}`;
  }
};

/** Quotes a foreign value for a message: short, and safe for anything. */
export const quoteValue = (value: unknown): string => {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'bigint' ? `${inner}n` : inner,
    );
  } catch {
    text = undefined;
  }
  text ??= describe(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

/** A value is not an ID of the expected kind. */
export class BadIdentifierError extends SwingsetError {
  readonly code = 'BAD_IDENTIFIER';
  constructor(
    readonly what: string,
    readonly value: unknown,
  ) {
    super(`${quoteValue(value)} is not a ${what}`);
  }
}

export interface BadOptionDetails extends ErrorOptions {
  /** SwingSet's text for this fault, on which hosts may match. */
  readonly message?: string;
}

/** An option or configuration field is unknown or has the wrong type. */
export class BadOptionError extends SwingsetError {
  readonly code = 'BAD_OPTION';
  constructor(
    readonly field: string,
    readonly value: unknown,
    readonly expected: string,
    { message, ...options }: BadOptionDetails = {},
  ) {
    super(message ?? `${field}: expected ${expected}, got ${quoteValue(value)}`, options);
  }
}

/** The kernel's own tables contradict each other: a bug or a damaged store. Stops the kernel. */
export class KernelStateError extends SwingsetError {
  readonly code: 'KERNEL_STATE' | 'DAMAGED_ROW' = 'KERNEL_STATE';
}

/** A row of the kernel's tables is missing, or has a value that the kernel never writes. */
export class DamagedRowError extends KernelStateError {
  override readonly code = 'DAMAGED_ROW';
  constructor(
    readonly key: string,
    /** The stored text. Undefined if the row is missing. */
    readonly value: string | undefined,
    readonly expected: string,
  ) {
    const found = value === undefined ? 'the row is missing' : `got ${quoteValue(value)}`;
    super(
      `kernel table row ${key} is damaged: expected ${expected}, ${found}. Run \`swingset-kernel ` +
        'store verify` on the store: it lists what is damaged and what can be repaired',
    );
  }
}

/** The swingstore has no kernel yet. */
export class NotInitializedError extends SwingsetError {
  readonly code = 'NOT_INITIALIZED';
  constructor() {
    super('this swingstore has no kernel; call initializeSwingset first');
  }
}

/** The kernel's tables have another schema version. */
export class SchemaVersionError extends SwingsetError {
  readonly code = 'SCHEMA_VERSION';
  constructor(
    readonly found: number,
    readonly supported: number,
  ) {
    super(
      `the store has kernel schema version ${found}, but this kernel needs ${supported}: ${
        found < supported ? 'upgrade the store with upgradeSwingset first' : 'use newer software'
      }`,
    );
  }
}
