/**
 * The kernel's structured log. Event types and fields are SwingSet's, so that its tools can read
 * it. Without a listener each entry costs one test.
 */
import type { VatID } from '../../types/ids.js';
import type {
  KernelDelivery,
  KernelSyscall,
  SyscallResult,
  VatDelivery,
  VatDeliveryResult,
  VatSyscall,
  VatSyscallResult,
} from '../../types/messages.js';
import type { KRef, VRef } from '../../types/ids.js';
import type { SlogEntry, SlogOutlet, SlogSender } from '../../types/slog.js';

/** A vat's position in its transcript: the number of entries. */
export type TranscriptPosition = (vatID: VatID) => number;

/** Syscalls for which SwingSet's form of a kernel syscall names the vat. */
const ofVat: ReadonlySet<KernelSyscall[0]> = new Set([
  'subscribe',
  'resolve',
  'exit',
  'vatstoreGet',
  'vatstoreGetNextKey',
  'vatstoreSet',
  'vatstoreDelete',
  'abandonExports',
]);

const deliveryInSwingSetForm = (kd: KernelDelivery): unknown => {
  if (kd[0] !== 'notify') return kd;
  const [type, resolutions] = kd;
  return [
    type,
    resolutions.map(([kpid, rejected, data]) => [
      kpid,
      { state: rejected ? 'rejected' : 'fulfilled', data },
    ]),
  ];
};

const inSwingSetForm = (vatID: VatID, ksc: KernelSyscall | undefined): unknown => {
  if (!ksc) return undefined;
  const [type, ...args] = ksc;
  if (type === 'callNow') return ['invoke', ...args];
  return ofVat.has(type) ? [type, vatID, ...args] : ksc;
};

export class KernelSlog {
  readonly #outlet: SlogOutlet;

  readonly #positionOf: TranscriptPosition;

  #crankNum = 0;

  #deliveryNum = 0;

  #delivering = false;

  #syscallNum = 0;

  constructor(
    outlet: SlogOutlet = { sender: undefined },
    positionOf: TranscriptPosition = () => 0,
  ) {
    this.#outlet = outlet;
    this.#positionOf = positionOf;
  }

  get #send(): SlogSender | undefined {
    return this.#outlet.sender;
  }

  get enabled(): boolean {
    return this.#send !== undefined;
  }

  write(entry: SlogEntry): void {
    this.#send?.(entry);
  }

  /** What a vat prints, with the delivery that was running. */
  console({ type, source, ...fields }: SlogEntry): void {
    const where = this.#delivering
      ? { state: 'delivery', crankNum: this.#crankNum, deliveryNum: this.#deliveryNum }
      : { state: 'idle' };
    this.#send?.({ type, source, ...where, ...fields });
  }

  /** A c-list entry was added or deleted. */
  clist(mode: 'import' | 'export' | 'drop', vatID: VatID, kobj: KRef, vobj: VRef): void {
    this.#send?.({ type: 'clist', crankNum: this.#crankNum, mode, vatID, kobj, vobj });
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
    if (!this.#send) return;
    this.#syscallNum = 0;
    this.#delivering = true;
    this.#deliveryNum = this.#positionOf(vatID);
    this.#send({
      type: 'deliver',
      crankNum: this.#crankNum,
      vatID,
      deliveryNum: this.#deliveryNum,
      replay: false,
      dispatch: kd[0],
      kd: deliveryInSwingSetForm(kd),
      vd,
    });
  }

  deliverResult(vatID: VatID, dispatch: string, dr: VatDeliveryResult): void {
    this.#delivering = false;
    this.#send?.({
      type: 'deliver-result',
      crankNum: this.#crankNum,
      vatID,
      deliveryNum: this.#deliveryNum,
      replay: false,
      dispatch,
      dr,
    });
  }

  /** Logs a syscall before the kernel executes it. `ksc` is undefined for an illegal one. */
  syscall(vatID: VatID, vsc: VatSyscall, ksc: KernelSyscall | undefined): void {
    if (!this.#send) return;
    const common = this.#syscallFields(vatID, vsc[0]);
    this.#send({ type: 'syscall', ...common, ksc: inSwingSetForm(vatID, ksc), vsc });
  }

  syscallResult(
    vatID: VatID,
    syscall: string,
    ksr: SyscallResult<KRef> | undefined,
    vsr: VatSyscallResult,
  ): void {
    if (!this.#send) return;
    this.#send({ type: 'syscall-result', ...this.#syscallFields(vatID, syscall), ksr, vsr });
    this.#syscallNum += 1;
  }

  #syscallFields(vatID: VatID, syscall: string) {
    return {
      crankNum: this.#crankNum,
      vatID,
      deliveryNum: this.#deliveryNum,
      syscallNum: this.#syscallNum,
      replay: false,
      syscall,
    };
  }
}
