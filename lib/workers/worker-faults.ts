/**
 * How the end of an xsnap process is judged: a fault of its vat, or a death.
 *
 * A fault follows from what the vat did, so every replica sees it and the vat bears it. A death
 * (signal, I/O, broken protocol) happened to this machine alone and must not become state.
 */
import { ExitCode } from '@agoric/xsnap/api.js';
import type { XsnapExit } from '../platform/xsnap-process.js';
import type { VatID } from '../types/ids.js';
import { WorkerDiedError } from './errors.js';

/** Did the process give up because it could not write to (or read from) a stream? */
export const isStreamFailure = (error: unknown): boolean =>
  error instanceof WorkerDiedError && error.exitCode === ExitCode.E_IO_ERROR;

/** Of a vat that took more computrons in one delivery than it may. */
export const COMPUTRONS_EXCEEDED = 'Compute meter exceeded';

/** -1 as the operating system reports it. */
const UNKNOWN_ERROR_STATUS = ExitCode.E_UNKNOWN_ERROR & 0xff;

const problems: ReadonlyMap<number, string> = new Map([
  [ExitCode.E_NOT_ENOUGH_MEMORY, 'Allocate meter exceeded'],
  [ExitCode.E_STACK_OVERFLOW, 'Stack meter exceeded'],
  [ExitCode.E_UNHANDLED_EXCEPTION, 'Unhandled exception in the worker'],
  [ExitCode.E_NO_MORE_KEYS, 'Property name space exhausted'],
  [ExitCode.E_TOO_MUCH_COMPUTATION, COMPUTRONS_EXCEEDED],
  [UNKNOWN_ERROR_STATUS, 'Worker aborted'],
]);

export type Verdict =
  | { readonly kind: 'fault'; readonly problem: string }
  | { readonly kind: 'death'; readonly error: WorkerDiedError };

// The only error of @endo/netstring that a vat brings about: its worker wrote more than
// MAX_MESSAGE_BYTES in one message.
const oversize = /^(Too long netstring length prefix|Netstring message too big)/;

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

/**
 * @param error what the operation on the process rejected with
 * @param exit how the process ended; it was killed if it hadn't
 */
export const judgeExit = (
  vatID: VatID,
  error: unknown,
  exit: Exclude<XsnapExit, { kind: 'failed' }>,
  stderr: string,
): Verdict => {
  const message = error instanceof Error ? error.message : String(error);
  if (oversize.test(message)) return { kind: 'fault', problem: 'Message to the kernel too large' };
  switch (exit.kind) {
    case 'exit': {
      const problem = problems.get(exit.code);
      if (problem !== undefined) return { kind: 'fault', problem };
      return death(vatID, { reason: `exit code ${exit.code}`, exitCode: exit.code }, error, stderr);
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
