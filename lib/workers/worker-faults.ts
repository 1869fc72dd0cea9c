/**
 * Decides whether the end of an xsnap process is a fault of its vat or a death.
 *
 * A fault follows from what the vat did: every replica sees it, and the vat bears the consequences.
 * A death (a signal, an I/O error, a broken protocol) happened on this machine alone and must not
 * become state. If the machine grants less memory or stack than XS may use, what looks like a fault
 * may be that shortage, so it counts as a death.
 */
import { ExitCode } from '@agoric/xsnap/api.js';
import { errorText } from '../errors.js';
import { LongMessageError } from '../platform/errors.js';
import type { Shortages } from '../platform/resource-limits.js';
import type { XsnapExit } from '../platform/xsnap-process.js';
import type { VatID } from '../types/ids.js';
import { WorkerDiedError } from './errors.js';

/** Whether the process ended because it could not write to (or read from) a stream. */
export const isStreamFailure = (error: unknown): boolean =>
  error instanceof WorkerDiedError && error.exitCode === ExitCode.E_IO_ERROR;

/** Problem of a vat that exceeded its computrons for one delivery. */
export const COMPUTRONS_EXCEEDED = 'Compute meter exceeded';

/** -1 as the operating system reports it: the low byte. */
const UNKNOWN_ERROR_STATUS = ExitCode.E_UNKNOWN_ERROR & 0xff;

const problems: ReadonlyMap<number, string> = new Map([
  [ExitCode.E_NOT_ENOUGH_MEMORY, 'Allocate meter exceeded'],
  [ExitCode.E_STACK_OVERFLOW, 'Stack meter exceeded'],
  [ExitCode.E_UNHANDLED_EXCEPTION, 'Unhandled exception in the worker'],
  [ExitCode.E_NO_MORE_KEYS, 'Property name space exhausted'],
  [ExitCode.E_TOO_MUCH_COMPUTATION, COMPUTRONS_EXCEEDED],
  [UNKNOWN_ERROR_STATUS, 'Worker aborted'],
]);

/** The machine's shortage that may explain the exit code, if any. */
const findCause = (code: number, { memory, stack }: Shortages): string | undefined => {
  // XS reports some failed allocations as exceptions, and aborts without a reason on others.
  switch (code) {
    case ExitCode.E_NOT_ENOUGH_MEMORY:
    case ExitCode.E_UNHANDLED_EXCEPTION:
    case UNKNOWN_ERROR_STATUS:
      return memory;
    case ExitCode.E_STACK_OVERFLOW:
      return stack;
    default:
      return undefined;
  }
};

export type Verdict =
  | { readonly kind: 'fault'; readonly problem: string }
  | { readonly kind: 'death'; readonly error: WorkerDiedError };

const death = (
  vatID: VatID,
  how: { reason: string; signal?: string; exitCode?: number },
  cause: unknown,
  stderr: string,
): Verdict => ({
  kind: 'death',
  error: new WorkerDiedError(
    vatID,
    stderr ? { ...how, reason: `${how.reason} (it wrote: ${stderr})` } : how,
    { cause },
  ),
});

export interface ProcessEnd {
  /** How the process ended. A process that had not ended was killed. */
  readonly exit: Exclude<XsnapExit, { kind: 'failed' }>;
  readonly stderr: string;
  readonly shortages: Shortages;
}

/** @param error - the rejection of the operation on the process */
export const judgeExit = (
  vatID: VatID,
  error: unknown,
  { exit, stderr, shortages }: ProcessEnd,
): Verdict => {
  const message = errorText(error);
  if (error instanceof LongMessageError) {
    return { kind: 'fault', problem: 'Message to the kernel too large' };
  }
  switch (exit.kind) {
    case 'exit': {
      const problem = problems.get(exit.code);
      const cause = findCause(exit.code, shortages);
      if (problem !== undefined && cause === undefined) return { kind: 'fault', problem };
      const reason = `exit code ${exit.code}${cause === undefined ? '' : `, perhaps because ${cause}`}`;
      return death(vatID, { reason, exitCode: exit.code }, error, stderr);
    }
    case 'signal':
      return death(
        vatID,
        { reason: `${message} (signal ${exit.signal})`, signal: exit.signal },
        error,
        stderr,
      );
    default:
      return exit satisfies never;
  }
};
