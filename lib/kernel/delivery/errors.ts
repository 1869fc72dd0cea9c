/** Errors of the kernel. See `lib/errors.ts` for the family's rules. */
import { SwingsetError } from '../../errors.js';
import type { KRef, VatID } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import type { LimitName } from '../../types/vat-limits.js';

/** The kernel stopped for good: state since the host's last commit must not be committed. */
export class KernelPanicError extends SwingsetError {
  readonly code = 'KERNEL_PANIC';
  constructor(
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(
      `kernel panic: ${problem}. Do not commit: reopen the store, which is at its last commit`,
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
    super(`${kpid} was rejected and its policy is panic: ${data.body}`);
  }
}

/** A vat that the configuration calls critical is gone. */
export class CriticalVatError extends SwingsetError {
  readonly code = 'CRITICAL_VAT';
  constructor(
    readonly vatID: VatID,
    readonly reason: string,
  ) {
    super(`critical vat ${vatID} was lost: ${reason}`);
  }
}

/** A vat asked for what it may not have. It ends with its crank. */
export class IllegalSyscallError extends SwingsetError {
  readonly code = 'ILLEGAL_SYSCALL';
}

/** A vat did more at once than its limits allow (vat-limits.ts). It ends with its crank. */
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
 * A crank was tried again because a worker died, and did not call the devices as before. What the
 * first try did outside of the store can't be undone.
 */
export class DeviceCallsDifferError extends SwingsetError {
  readonly code = 'DEVICE_CALLS_DIFFER';
  constructor(
    /** What the first try called. */
    readonly expected: { readonly target: KRef; readonly method: string },
    /** What the retry called in its place, if anything. */
    readonly actual: { readonly target: KRef; readonly method: string } | undefined,
  ) {
    const instead = actual ? `${actual.target} ${actual.method}() or other arguments` : 'nothing';
    super(
      `a crank that was tried again called ${instead}, and ${expected.target} ${expected.method}() ` +
        'the first time: the vat is not deterministic. Nothing of the crank is kept',
    );
  }
}

/** A method of the controller was called while another one was still running. */
export class KernelBusyError extends SwingsetError {
  readonly code = 'KERNEL_BUSY';
  constructor(readonly operation: string) {
    super(`${operation} was called while the kernel was running; await the earlier call first`);
  }
}

/** The kernel was shut down, or has not been started. */
export class KernelNotRunningError extends SwingsetError {
  readonly code = 'KERNEL_NOT_RUNNING';
  constructor(readonly operation: string) {
    super(`${operation}: the kernel is not running (start it first, and not after shutdown)`);
  }
}

/** What was asked of a vat can't be done in the state it is in. */
export class VatStateError extends SwingsetError {
  readonly code = 'VAT_STATE';
  constructor(
    readonly vatID: VatID,
    problem: string,
  ) {
    super(`${vatID} ${problem}`);
  }
}
