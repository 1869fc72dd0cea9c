/** Errors of the kernel. See `lib/errors.ts` for the family's rules. */
import { SwingsetError } from '../../errors.js';
import type { KRef, VatID } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import type { LimitName } from '../../types/vat-limits.js';

/** The kernel stopped for good. The host must not commit what happened since its last commit. */
export class KernelPanicError extends SwingsetError {
  readonly code = 'KERNEL_PANIC';
  constructor(
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(
      `kernel panic ${problem}. Do not commit. Reopen the store: it still holds the last commit`,
      options,
    );
  }
}

/** A promise whose resolution policy is `panic` was rejected. */
export class PanicPolicyError extends SwingsetError {
  readonly code = 'PANIC_POLICY';
  constructor(
    readonly kpid: KRef,
    readonly data: CapData<KRef>,
  ) {
    super(`${kpid}.policy panic: rejected ${JSON.stringify(data)}`);
  }
}

/** A critical vat was terminated. */
export class CriticalVatError extends SwingsetError {
  readonly code = 'CRITICAL_VAT';
  constructor(
    readonly vatID: VatID,
    readonly reason: string,
  ) {
    super(`critical vat ${vatID} failed: ${reason}`);
  }
}

/** A vat made a syscall that it may not make. Its crank is undone and the vat terminated. */
export class IllegalSyscallError extends SwingsetError {
  readonly code = 'ILLEGAL_SYSCALL';
}

/** A vat exceeded one of its limits (`vat-limits.ts`). Its crank is undone and it is terminated. */
export class VatLimitError extends SwingsetError {
  readonly code = 'VAT_LIMIT';
  constructor(
    readonly limit: LimitName,
    readonly most: number,
    what: string,
  ) {
    super(`limit exceeded: ${what}; at most ${most} (${limit})`);
  }
}

/**
 * A crank ran again because its worker died, and made other device calls than before. What the
 * first try did outside the store can't be undone.
 */
export class DeviceCallsDifferError extends SwingsetError {
  readonly code = 'DEVICE_CALLS_DIFFER';
  constructor(
    /** The call that the first try made. */
    readonly expected: { readonly target: KRef; readonly method: string },
    /** The call that the retry made instead, if any. */
    readonly actual: { readonly target: KRef; readonly method: string } | undefined,
  ) {
    const nameOf = (call: { readonly target: KRef; readonly method: string }) =>
      `${call.target}.${call.method}()`;
    super(
      `a crank first called ${nameOf(expected)}, and when retried ` +
        `${actual ? `${nameOf(actual)} or other arguments` : 'nothing'}: ` +
        'the vat is not deterministic. The crank is undone',
    );
  }
}

/** A controller method was called while another was still running. */
export class KernelBusyError extends SwingsetError {
  readonly code = 'KERNEL_BUSY';
  constructor(readonly operation: string) {
    super(
      `Kernel reentrancy is forbidden: ${operation} was called while the kernel was running; ` +
        'await the earlier call first',
    );
  }
}

/** The kernel has not started, has shut down, or a later one has taken its store over. */
export class KernelNotRunningError extends SwingsetError {
  readonly code = 'KERNEL_NOT_RUNNING';
  constructor(readonly operation: string) {
    super(
      `${operation} needs a running kernel: this one has not started, has shut down, ` +
        'or a later one has taken its store over',
    );
  }
}

/** A vat's state does not allow the operation. */
export class VatStateError extends SwingsetError {
  readonly code = 'VAT_STATE';
  constructor(
    readonly vatID: VatID,
    problem: string,
  ) {
    super(`${vatID} ${problem}`);
  }
}
