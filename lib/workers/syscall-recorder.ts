/**
 * Writes down the syscalls of one delivery for its transcript entry, as they are made.
 *
 * Boundary: stands between a worker and the kernel. A vat that says too much is told that its
 * syscalls fail, and the kernel hears no more of them; the delivery's result is then a fault.
 *
 * Invariant: what is kept in memory stays within the limits, whatever the vat goes on to do.
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
  /** Set when the vat went over a limit: nothing of the delivery is to be kept. */
  readonly fault: string | undefined;
  /** `{"s":syscall,"r":result}` each. */
  readonly texts: readonly string[];
  /** The worker's result, or the fault. */
  judge(result: VatDeliveryResult): VatDeliveryResult;
}

const FAILED: VatSyscallResult = ['error', 'the vat went over a limit and ends with this delivery'];

/** Undefined for what can't be written: a worker that was taken over can say anything. */
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
