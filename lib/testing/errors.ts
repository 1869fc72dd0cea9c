/** What a test did wrong, or what its vats did not do. */
import { errorText, SwingsetError } from '../errors.js';
import { nearestName } from '../nearest-name.js';

/** The test names a vat or device that it has not given to `startTestSwingset`. */
export class UnknownTestNameError extends SwingsetError {
  readonly code = 'TEST_UNKNOWN_NAME';
  constructor(
    readonly what: 'vat' | 'device',
    readonly given: string,
    readonly known: readonly string[],
  ) {
    const near = nearestName(given, known);
    const hint =
      near === undefined ? `known: ${known.join(', ') || 'none'}` : `did you mean ${near}?`;
    super(`there is no ${what} "${given}" in this test; ${hint}`);
  }
}

/** A vat could not be created at the start of the test. */
export class TestVatStartError extends SwingsetError {
  readonly code = 'TEST_VAT_START';
  constructor(
    readonly vat: string,
    reason: unknown,
  ) {
    super(`vat "${vat}" could not start: ${errorText(reason)}`, { cause: reason });
  }
}

/** All work is done, and the answer to a `call` is still open. */
export class CallPendingError extends SwingsetError {
  readonly code = 'TEST_CALL_PENDING';
  constructor(
    readonly method: string,
    /** What is the matter with the vat that was called. */
    problem: string | undefined,
  ) {
    super(
      `${method}() has not answered although all work is done: ` +
        (problem ?? 'use send() for a call that answers later'),
    );
  }
}

/** The swingset is closed: by `close()`, or because a boot failed. */
export class TestSwingsetClosedError extends SwingsetError {
  readonly code = 'TEST_SWINGSET_CLOSED';
  constructor() {
    super('this test swingset is closed; start another one with startTestSwingset');
  }
}
