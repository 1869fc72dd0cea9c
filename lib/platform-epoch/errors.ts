/**
 * Errors of platform epochs. When one is thrown, nothing was written or nothing may be committed.
 */
import { quoteValue, SwingsetError } from '../errors.js';
import type { QueuedEvents } from './queued-events.js';
import { describeQueued } from './report-words.js';
import type { PlatformEpoch } from '../types/platform-epoch.js';

/** As in source code, because JSON has no NaN, Infinity or bigints. */
const quoteEpoch = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'bigint' ? String(value) : quoteValue(value);

/** `platformEpoch` is malformed. */
export class BadPlatformEpochError extends TypeError {
  // A field, because lockdown freezes TypeError.prototype.name.
  override readonly name = 'BadPlatformEpochError';

  readonly code = 'BAD_PLATFORM_EPOCH';

  constructor(
    readonly value: unknown,
    readonly expected: string,
  ) {
    super(`platformEpoch: expected ${expected}, got ${quoteEpoch(value)}`);
  }
}

/** The store has gone beyond this epoch, so the software is older than the store. */
export class PlatformEpochRegressionError extends SwingsetError {
  readonly code = 'PLATFORM_EPOCH_REGRESSION';
  constructor(
    readonly stored: PlatformEpoch,
    readonly given: PlatformEpoch,
  ) {
    super(
      `platformEpoch ${quoteValue(given)} is older than ${quoteValue(stored)}, which this store has reached: ` +
        `run the software that belongs to ${quoteValue(stored)}, or give a newer epoch`,
    );
  }
}

/** The store's epochs are numbers and the host's is a name, or the reverse. They have no order. */
export class PlatformEpochKindError extends SwingsetError {
  readonly code = 'PLATFORM_EPOCH_KIND';
  constructor(
    readonly stored: PlatformEpoch,
    readonly given: PlatformEpoch,
  ) {
    super(
      `platformEpoch ${quoteValue(given)} is a ${typeof given}, but this store has reached ` +
        `${quoteValue(stored)}, a ${typeof stored}: pass platformEpochKindChange: true to change over`,
    );
  }
}

/** The epoch has advanced, but the host does not allow a restart at this boot. */
export class PlatformRestartNotAllowedError extends SwingsetError {
  readonly code = 'PLATFORM_RESTART_NOT_ALLOWED';
  constructor(
    readonly stored: PlatformEpoch | undefined,
    readonly given: PlatformEpoch,
  ) {
    super(
      `platformEpoch ${quoteValue(given)} would restart every vat, and platformRestart.allow is false: ` +
        `allow it at the planned boot, or pass ${
          stored === undefined
            ? 'no platformEpoch, as this store has none yet'
            : `the epoch of the store, ${quoteValue(stored)}`
        }`,
    );
  }
}

/** The host wants to restart with empty queues only, and events are queued. */
export class PlatformRestartQueueNotEmptyError extends SwingsetError {
  readonly code = 'PLATFORM_RESTART_QUEUE_NOT_EMPTY';
  constructor(
    readonly stored: PlatformEpoch | undefined,
    readonly given: PlatformEpoch,
    readonly queued: QueuedEvents,
  ) {
    const previous =
      stored === undefined
        ? 'Boot the previous software without a platformEpoch'
        : `Boot the software of ${quoteValue(stored)} with that platformEpoch`;
    super(
      `platformEpoch ${quoteValue(given)} would restart every vat with ${describeQueued(queued)}, ` +
        `and platformRestart.requireEmptyQueue is true. ${previous}, call controller.run() until ` +
        'nothing is queued, commit, and boot this software again; or pass requireEmptyQueue: false',
    );
  }
}

/** A restart did not finish, and this boot gives no epoch. */
export class PlatformRestartUnfinishedError extends SwingsetError {
  readonly code = 'PLATFORM_RESTART_UNFINISHED';
  constructor(readonly stored: PlatformEpoch) {
    super(
      `the restart of vats for platformEpoch ${quoteValue(stored)} did not finish: pass this epoch again, ` +
        'with the same platformRestart, or a newer one; until then nothing runs',
    );
  }
}

/** The host chose another platform, but the epoch has not advanced. */
export class PlatformChangeError extends SwingsetError {
  readonly code = 'PLATFORM_CHANGE';
  constructor(
    /** `platform`, `imageBundles` or `serveImportBundle`. */
    readonly field: string,
    readonly stored: unknown,
    readonly given: unknown,
    readonly epoch: PlatformEpoch,
  ) {
    super(
      `${field}: expected ${quoteValue(stored)}, as platform epoch ${quoteValue(epoch)} records it, ` +
        `got ${quoteValue(given)}. Vats change over only when they restart: give a new platformEpoch with it`,
    );
  }
}

/** The running engine can't continue the store's vats. */
export class PlatformMismatchError extends SwingsetError {
  readonly code = 'PLATFORM_MISMATCH';
  constructor(
    readonly stored: string,
    readonly running: string,
  ) {
    super(
      `the vats of this store run on ${stored}, but ${running} is installed: ` +
        'pass a new platformEpoch to restart all vats on it, or install the engine they know',
    );
  }
}

export interface VatRestartFailure {
  readonly vatID: string;
  readonly error: string;
}

const listFailures = (failures: readonly VatRestartFailure[]): string =>
  failures.map(({ vatID, error }) => `${vatID} (${error})`).join(', ');

/** Critical vats that could not start. Nothing is committed. */
export class CriticalRestartError extends SwingsetError {
  readonly code = 'CRITICAL_RESTART';
  constructor(readonly failures: readonly VatRestartFailure[]) {
    super(
      `critical vats could not be restarted: ${listFailures(failures)}. ` +
        'Do not commit; run the previous software or mend the vats',
    );
  }
}

/** Policy `panic`: vats could not start. Nothing is committed. */
export class RestartFailedError extends SwingsetError {
  readonly code = 'RESTART_FAILED';
  constructor(readonly failures: readonly VatRestartFailure[]) {
    super(
      'vats could not be restarted, and platformRestart.onVatFailure is panic: ' +
        `${listFailures(failures)}. Do not commit; run the previous software or mend the vats`,
    );
  }
}
