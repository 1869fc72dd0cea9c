/**
 * Records the syscalls of one delivery for its transcript entry, as they are made.
 *
 * Boundary: stands between a worker and the kernel. When a vat exceeds a limit, its further
 * syscalls fail without reaching the kernel, and the delivery's result is a fault.
 *
 * Invariant: memory use stays within the limits, whatever the vat does.
 */
import type {
  VatDeliveryResult,
  VatSyscall,
  VatSyscallHandler,
  VatSyscallResult,
} from '../types/messages.js';
import type { VatLimits } from '../types/vat-limits.js';

export interface SyscallRecorder {
  readonly handle: VatSyscallHandler;
  /** Set if the vat exceeded a limit. Nothing of the delivery may then be kept. */
  readonly fault: string | undefined;
  /** JSON of each syscall: `{"s":syscall,"r":result}`. */
  readonly texts: readonly string[];
  /** Returns the worker's result, or the fault. */
  judge(result: VatDeliveryResult): VatDeliveryResult;
}

const FAILED: VatSyscallResult = ['error', 'the vat went over a limit and ends with this delivery'];

/** Undefined if it has no JSON form: a compromised worker can send anything. */
const jsonOf = (syscall: VatSyscall): string | undefined => {
  try {
    return JSON.stringify(syscall);
  } catch {
    return undefined;
  }
};

export const recordSyscalls = (
  limits: Pick<VatLimits, 'syscall' | 'syscallsOfDelivery'>,
  handleSyscall: VatSyscallHandler,
): SyscallRecorder => {
  const texts: string[] = [];
  let total = 0;
  let fault: string | undefined;

  const fail = (problem: string): VatSyscallResult => {
    fault = problem;
    texts.length = 0;
    return FAILED;
  };

  return {
    handle: syscall => {
      if (fault !== undefined) return FAILED;
      const asked = jsonOf(syscall);
      if (asked === undefined) return fail('a syscall that can not be written as JSON');
      if (asked.length > limits.syscall) {
        return fail(`a syscall of more than ${limits.syscall} characters`);
      }
      const result = handleSyscall(syscall);
      const text = `{"s":${asked},"r":${JSON.stringify(result)}}`;
      total += text.length + 1;
      if (total > limits.syscallsOfDelivery) {
        return fail(
          `syscalls and their results of more than ${limits.syscallsOfDelivery} characters in one delivery`,
        );
      }
      texts.push(text);
      return result;
    },
    get fault() {
      return fault;
    },
    texts,
    judge: result => (fault === undefined ? result : ['error', fault, result[2]]),
  };
};
