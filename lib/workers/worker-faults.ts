/**
 * How the end of an xsnap process is judged: a fault of its vat, or a death.
 *
 * A fault follows from what the vat did, so every replica sees it and the vat bears it. A death
 * (signal, I/O, broken protocol) happened to this machine alone and must not become state. Where the
 * machine grants less memory or stack than XS may use, XS may give up for lack of it: what looks like
 * a fault is a death there.
 */
import { ExitCode } from '@agoric/xsnap/api.js';
import type { Shortages } from '../platform/resource-limits.js';
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

/** What the machine had too little of, if that may be why XS gave up. */
const findCause = (code: number, { memory, stack }: Shortages): string | undefined => {
  // XS throws some refusals of memory as errors, and gives up on others without saying why.
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

export interface ProcessEnd {
  /** How the process ended; it was killed if it hadn't. */
  readonly exit: Exclude<XsnapExit, { kind: 'failed' }>;
  readonly stderr: string;
  readonly shortages: Shortages;
}

/** @param error what the operation on the process rejected with */
export const judgeExit = (
  vatID: VatID,
  error: unknown,
  { exit, stderr, shortages }: ProcessEnd,
): Verdict => {
  const message = error instanceof Error ? error.message : String(error);
  if (oversize.test(message)) return { kind: 'fault', problem: 'Message to the kernel too large' };
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
