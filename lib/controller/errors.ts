import { BadOptionError, SwingsetError, quoteValue } from '../errors.js';
import type { BundleID } from '../types/ids.js';

/** One mistake in a configuration or an options bag. */
export interface OptionProblem {
  /** A path, for example `config.vats.alice.creationOptions.managerType`. */
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;
  readonly message: string;
}

/** All mistakes in a configuration or an options bag. */
export class BadOptionsError extends BadOptionError {
  constructor(readonly problems: readonly [OptionProblem, ...OptionProblem[]]) {
    const [first] = problems;
    const message = problems.map(problem => problem.message).join('\n');
    super(first.field, first.value, first.expected, { message });
  }
}

/** A configuration file, or a directory of vats, that can't be read. */
export class ConfigFileError extends SwingsetError {
  readonly code = 'CONFIG_FILE';
  constructor(
    readonly path: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${problem}`, options);
  }
}

/** The configuration names a source or bundle file that does not exist. */
export class MissingSourceError extends SwingsetError {
  readonly code = 'MISSING_SOURCE';
  constructor(
    readonly field: string,
    readonly path: string,
  ) {
    super(`${field}: there is no file ${path}`);
  }
}

/** A source can't be bundled, or a bundle is invalid. */
export class BadBundleError extends SwingsetError {
  readonly code = 'BAD_BUNDLE';
  constructor(
    /** Where the bundle was given: a field of the configuration, or the argument. */
    readonly field: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`${field}: ${problem}`, options);
  }
}

/** A bundle is another one than its host says. */
export class AllegedBundleError extends BadBundleError {
  constructor(
    readonly alleged: string,
    readonly actual: BundleID,
  ) {
    super('bundle', `its ID is ${actual}, not ${alleged} as alleged`);
    this.message = `alleged bundleID ${quoteValue(alleged)} does not match actual "${actual}"`;
  }
}

/** The swingstore already holds a kernel. */
export class AlreadyInitializedError extends SwingsetError {
  readonly code = 'ALREADY_INITIALIZED';
  constructor() {
    super(
      'kernel store already initialized: call makeSwingsetController alone, or initialize a new store',
    );
  }
}

/** A call that is not allowed in the present state. Nothing changed. */
export class KernelUsageError extends SwingsetError {
  readonly code = 'KERNEL_USAGE';
}
