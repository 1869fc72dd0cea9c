/**
 * The structured log as the kernel writes it: event types and fields are SwingSet's, so that its
 * tools read ours. With nobody listening it costs a test of one flag.
 */
import type { VatID } from '../types/ids.js';
import type {
  KernelDelivery,
  KernelSyscall,
  SyscallResult,
  VatDelivery,
  VatDeliveryResult,
  VatSyscall,
  VatSyscallResult,
} from '../types/messages.js';
import type { KRef } from '../types/ids.js';
import type { SlogEntry, SlogSender } from '../types/slog.js';

export class KernelSlog {
  readonly #send: SlogSender | undefined;

  #crankNum = 0;

  #syscallNum = 0;

  constructor(send: SlogSender | undefined) {
    this.#send = send;
  }

  get enabled(): boolean {
    return this.#send !== undefined;
  }

  write(entry: SlogEntry): void {
    this.#send?.(entry);
  }

  crankStart(crankNum: number, crankType: 'routing' | 'delivery', message: { type: string }): void {
    this.#crankNum = crankNum;
    this.#send?.({
      type: 'crank-start',
      crankType,
      crankNum,
      messageType: message.type,
      message,
    });
  }

  crankFinish(fields: Readonly<Record<string, unknown>>): void {
    this.#send?.({ type: 'crank-finish', crankNum: this.#crankNum, ...fields });
  }

  deliver(vatID: VatID, kd: KernelDelivery, vd: VatDelivery): void {
    this.#syscallNum = 0;
    this.#send?.({
      type: 'deliver',
      crankNum: this.#crankNum,
      vatID,
      replay: false,
      dispatch: kd[0],
      kd,
      vd,
    });
  }

  deliverResult(vatID: VatID, dispatch: string, dr: VatDeliveryResult): void {
    this.#send?.({
      type: 'deliver-result',
      crankNum: this.#crankNum,
      vatID,
      replay: false,
      dispatch,
      dr,
    });
  }

  syscall(
    vatID: VatID,
    vsc: VatSyscall,
    vsr: VatSyscallResult,
    ksc: KernelSyscall | undefined,
    ksr: SyscallResult<KRef> | undefined,
  ): void {
    const send = this.#send;
    if (!send) return;
    const common = {
      crankNum: this.#crankNum,
      vatID,
      syscallNum: this.#syscallNum,
      replay: false,
      syscall: vsc[0],
    };
    this.#syscallNum += 1;
    send({ type: 'syscall', ...common, ksc, vsc });
    send({ type: 'syscall-result', ...common, ksr, vsr });
  }
}
