/**
 * Executes a vat's syscalls during a delivery.
 *
 * Boundary: one handler per delivery. A vat's fault is recorded as a termination and answered with
 * an error. A kernel fault throws through the worker and panics.
 *
 * Invariants
 * 1. After an illegal syscall the kernel executes no more syscalls of the delivery.
 * 2. `syscall.exit` takes effect when the crank ends.
 */
import { insistVatSyscallObject } from '@agoric/swingset-liveslots';
import { quoteValue } from '../../errors.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { Vatstore } from '../../state/vatstore.js';
import type { CounterName } from '../../state/stats.js';
import { storableText } from '../../store/hash.js';
import type { DeviceKRef, KRef, ObjectKRef, PromiseKRef, VatID } from '../../types/ids.js';
import type {
  KernelSyscall,
  SyscallResult,
  VatSyscall,
  VatSyscallResult,
} from '../../types/messages.js';
import type { DeviceManager } from './device-manager.js';
import { IllegalSyscallError, VatLimitError } from './errors.js';
import { retireObjects } from '../gc/gc.js';
import { makeErrorData } from './kmarshal.js';
import type { Messenger } from './messenger.js';
import type { Termination } from './outcome.js';
import type { KernelSlog } from './slog.js';
import type { VatTranslator } from './vat-translator.js';

/** A compromised worker can send anything, so check it before it reaches the tables. */
const insistWellFormed = (vso: VatSyscall): void => {
  try {
    insistVatSyscallObject(vso);
  } catch (cause) {
    throw new IllegalSyscallError(`malformed syscall ${quoteValue(vso)}`, { cause });
  }
};

/** A syscall as the worker meant it, or something with a name that no syscall has. */
const withName = (given: unknown): VatSyscall =>
  Array.isArray(given) && typeof given[0] === 'string'
    ? (given as unknown as VatSyscall)
    : (['nameless', given] as unknown as VatSyscall);

const storable = (vso: VatSyscall): VatSyscall => {
  switch (vso[0]) {
    case 'vatstoreGet':
    case 'vatstoreGetNextKey':
    case 'vatstoreDelete':
      return [vso[0], storableText(vso[1])];
    case 'vatstoreSet':
      return [vso[0], storableText(vso[1]), storableText(vso[2])];
    default:
      // Marshalled data is JSON, which escapes unpaired surrogates.
      return vso;
  }
};

export interface SyscallPorts {
  readonly state: KernelState;
  readonly queue: Messenger;
  readonly devices: Pick<DeviceManager, 'invoke'>;
  readonly slog: KernelSlog;
  /** Where the rule that a vat broke is reported. */
  readonly console: Pick<Console, 'error'>;
}

/**
 * The reason that `done()` rejects with when a vat broke a rule, as in SwingSet. The console says
 * which rule.
 */
const ILLEGAL = 'syscall translation error: prepare to die';

const counterOf: Readonly<Partial<Record<VatSyscall[0], CounterName>>> = {
  callNow: 'syscallCallNow',
  subscribe: 'syscallSubscribe',
  resolve: 'syscallResolve',
  exit: 'syscallExit',
  vatstoreGet: 'syscallVatstoreGet',
  vatstoreSet: 'syscallVatstoreSet',
  vatstoreGetNextKey: 'syscallVatstoreGetNextKey',
  vatstoreDelete: 'syscallVatstoreDelete',
};

export class DeliverySyscalls {
  readonly #vatID: VatID;

  readonly #ports: SyscallPorts;

  readonly #translator: VatTranslator;

  readonly #vatstore: Vatstore;

  #illegal: Termination | undefined;

  #exit: Termination | undefined;

  constructor(vatID: VatID, ports: SyscallPorts, translator: VatTranslator) {
    this.#vatID = vatID;
    this.#ports = ports;
    this.#translator = translator;
    this.#vatstore = ports.state.vatstore(vatID);
  }

  /** Set after an illegal syscall: undo the crank and terminate the vat. */
  get illegal(): Termination | undefined {
    return this.#illegal;
  }

  /** Set after `syscall.exit`. */
  get exit(): Termination | undefined {
    return this.#exit;
  }

  readonly handle = (given: VatSyscall): VatSyscallResult => {
    const { state, slog } = this.#ports;
    const vso = withName(given);
    state.stats.count('syscalls');
    let ksr: SyscallResult<KRef> | undefined;
    let vsr: VatSyscallResult;
    let noted = false;
    const note = (ksc?: KernelSyscall) => {
      if (!noted) slog.syscall(this.#vatID, vso, ksc);
      noted = true;
    };
    if (this.#illegal) {
      ksr = ['error', ILLEGAL];
      vsr = ksr;
    } else {
      try {
        insistWellFormed(vso);
        const counter = counterOf[vso[0]];
        if (counter) state.stats.count(counter);
        const ksc = this.#translator.syscallToKernel(storable(vso));
        note(ksc);
        ksr = this.#execute(ksc);
        vsr = this.#translator.resultToVat(vso[0], ksr);
      } catch (error) {
        const isLimit = error instanceof VatLimitError;
        if (!isLimit && !(error instanceof IllegalSyscallError)) throw error;
        this.#ports.console.error(`illegal syscall of ${this.#vatID}: ${error.message}`);
        // SwingSet has no limits, so the vat's creator must learn which one the vat exceeded.
        const info = makeErrorData(isLimit ? error.message : ILLEGAL);
        this.#illegal = { vatID: this.#vatID, reject: true, info };
        ksr = ['error', ILLEGAL];
        vsr = ksr;
      }
    }
    note();
    slog.syscallResult(this.#vatID, vso[0], ksr, vsr);
    return vsr;
  };

  #execute(ksc: KernelSyscall): SyscallResult<KRef> {
    const { state, queue, devices } = this.#ports;
    switch (ksc[0]) {
      case 'send':
        queue.send(ksc[1], ksc[2]);
        break;
      case 'callNow':
        return devices.invoke(ksc[1] as DeviceKRef, ksc[2], ksc[3]);
      case 'subscribe':
        queue.subscribe(this.#vatID, ksc[1] as PromiseKRef);
        break;
      case 'resolve':
        queue.resolve(this.#vatID, ksc[1]);
        break;
      case 'exit':
        this.#exit = { vatID: this.#vatID, reject: ksc[1], info: ksc[2] };
        break;
      case 'vatstoreGet':
        // SwingSet answers null for an empty value, too. Vats of adopted stores count on it.
        return ['ok', this.#vatstore.get(ksc[1]) || null];
      case 'vatstoreGetNextKey':
        return ['ok', this.#vatstore.getNextKey(ksc[1]) ?? null];
      case 'vatstoreSet':
        this.#vatstore.set(ksc[1], ksc[2]);
        break;
      case 'vatstoreDelete':
        this.#vatstore.delete(ksc[1]);
        break;
      case 'dropImports':
      case 'retireImports':
        // The translator did it all: flags, entries and counts belong to the c-list.
        break;
      case 'retireExports':
        retireObjects(state, ksc[1] as readonly ObjectKRef[]);
        break;
      case 'abandonExports':
        for (const kref of ksc[1] as readonly ObjectKRef[]) {
          state.objects.orphan(kref, this.#vatID);
          state.refs.addMaybeFree(kref);
        }
        break;
      default:
        ksc satisfies never;
    }
    return ['ok', null];
  }
}
