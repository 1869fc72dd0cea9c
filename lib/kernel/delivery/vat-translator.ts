/**
 * Translates between krefs and one vat's vrefs, in both directions.
 *
 * Boundary: changes the vat's c-list and promise deciders only. A vat's fault throws
 * `IllegalSyscallError` or `VatLimitError`, which terminate the vat. Any other error is the
 * kernel's fault.
 */
import { quoteValue } from '../../errors.js';
import type { Clist } from '../../state/clists.js';
import type { KernelState } from '../../state/kernel-state.js';
import {
  isObjectKRef,
  isPromiseKRef,
  parseVRef,
  ROOT_OBJECT_VREF,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
  type VatID,
  type VRef,
} from '../../types/ids.js';
import type {
  CapData,
  KernelDelivery,
  KernelSyscall,
  Message,
  Resolution,
  SyscallResult,
  VatDelivery,
  VatSyscall,
  VatSyscallResult,
} from '../../types/messages.js';
import { findFlaw, findMessageFlaw, readStyle } from '../../types/readable-data.js';
import type { LimitName, VatLimits } from '../../types/vat-limits.js';
import { findExcess, findLongMethod, type Excess } from './capdata-limits.js';
import { IllegalSyscallError, VatLimitError } from './errors.js';

export class VatTranslator {
  readonly #vatID: VatID;

  readonly #state: KernelState;

  readonly #clist: Clist;

  readonly #limits: VatLimits;

  /** References that this delivery has exported. */
  #exports = 0;

  /** References that this delivery has got from devices. */
  #imports = 0;

  constructor(vatID: VatID, state: KernelState) {
    this.#vatID = vatID;
    this.#state = state;
    this.#limits = state.vats.limitsOf(vatID);
    this.#clist = state.clist(vatID);
  }

  deliveryToVat(kd: KernelDelivery): VatDelivery {
    switch (kd[0]) {
      case 'message':
        return this.#messageToVat(kd[1], kd[2]);
      case 'notify':
        return ['notify', this.#resolutionsToVat(kd[1])];
      case 'dropExports':
        return ['dropExports', this.#gcToVat(kd[1], kref => this.#clist.clearReachable(kref))];
      case 'retireExports':
        return ['retireExports', this.#gcToVat(kd[1], kref => this.#clist.delete(kref))];
      case 'retireImports':
        return ['retireImports', this.#gcToVat(kd[1], kref => this.#clist.delete(kref))];
      case 'startVat':
        return ['startVat', this.#dataToVat(kd[1])];
      case 'changeVatOptions':
      case 'bringOutYourDead':
        return kd;
      default:
        return kd satisfies never;
    }
  }

  /**
   * @throws IllegalSyscallError when the vat may not make this syscall
   * @throws VatLimitError when the syscall exceeds one of the vat's limits
   */
  syscallToKernel(vso: VatSyscall): KernelSyscall {
    switch (vso[0]) {
      case 'send':
        return this.#sendToKernel(vso[1], vso[2]);
      case 'callNow': {
        const target = this.#refToKernel(vso[1]);
        if (!target.startsWith('kd')) {
          throw new IllegalSyscallError(`callNow to ${vso[1]}, which is no device node`);
        }
        this.#insistWithin('method', vso[2].length, 'a method name');
        const promise = vso[3].slots.find(vref => parseSyscallVRef(vref).type === 'promise');
        if (promise) throw new IllegalSyscallError(`callNow can't pass the promise ${promise}`);
        return ['callNow', target, vso[2], this.#dataToKernel(vso[3])];
      }
      case 'subscribe':
        return ['subscribe', this.#promiseToKernel(vso[1])];
      case 'resolve':
        return ['resolve', this.#resolutionsToKernel(vso[1])];
      case 'exit':
        return ['exit', vso[1], this.#dataToKernel(vso[2])];
      case 'vatstoreSet':
        this.#insistWithin('vatstoreValue', vso[2].length, 'a value for the vatstore');
        this.#insistWithin('vatstoreKey', vso[1].length, 'a key of the vatstore');
        return vso;
      case 'vatstoreGet':
      case 'vatstoreGetNextKey':
      case 'vatstoreDelete':
        this.#insistWithin('vatstoreKey', vso[1].length, 'a key of the vatstore');
        return vso;
      case 'dropImports':
        return [vso[0], vso[1].map(vref => this.#dropImport(vref))];
      case 'retireImports':
        return [vso[0], vso[1].map(vref => this.#retireImport(vref))];
      case 'retireExports':
      case 'abandonExports':
        return [vso[0], vso[1].flatMap(vref => this.#giveUpExport(vref, vso[0]))];
      default:
        throw new IllegalSyscallError(`unknown syscall ${String((vso as unknown[])[0])}`);
    }
  }

  resultToVat(syscall: VatSyscall[0], result: SyscallResult<KRef>): VatSyscallResult {
    if (result[0] === 'error') return result;
    const data = result[1];
    if (syscall === 'callNow' && data !== null && typeof data === 'object') {
      this.#imports += data.slots.length;
      this.#insistWithin('imports', this.#imports, 'references got from devices in one delivery');
      return ['ok', this.#dataToVat(data)];
    }
    return result as VatSyscallResult;
  }

  #refToVat(kref: KRef): VRef {
    return this.#clist.importKRef(kref);
  }

  #dataToVat(data: CapData<KRef>): CapData<VRef> {
    return { body: data.body, slots: data.slots.map(kref => this.#refToVat(kref)) };
  }

  #messageToVat(target: KRef, msg: Message<KRef>): VatDelivery {
    // An object's owner already has it in its c-list. A promise target is one that the vat decides.
    const targetVRef = isObjectKRef(target)
      ? this.#clist.getRequiredEntry(target).vref
      : this.#refToVat(target);
    const methargs = this.#dataToVat(msg.methargs);
    let result: VRef | null = null;
    if (msg.result) {
      result = this.#refToVat(msg.result);
      this.#state.promises.setDecider(msg.result as PromiseKRef, this.#vatID);
    }
    return ['message', targetVRef, { methargs, result }];
  }

  #resolutionsToVat(resolutions: readonly Resolution<KRef>[]): Resolution<VRef>[] {
    const translated = resolutions.map(([kpid, rejected, data]): Resolution<VRef> => [
      this.#refToVat(kpid),
      rejected,
      this.#dataToVat(data),
    ]);
    // Kernel and vat both forget a promise once the vat has its resolution.
    for (const [kpid] of resolutions) this.#clist.delete(kpid);
    return translated;
  }

  #gcToVat(krefs: readonly KRef[], forget: (kref: KRef) => void): VRef[] {
    return krefs.map(kref => {
      const { vref } = this.#clist.getRequiredEntry(kref);
      forget(kref);
      return vref;
    });
  }

  /** The kref for a vref in a syscall. Creates one for a new export. */
  #refToKernel(vref: VRef): KRef {
    const parsed = parseSyscallVRef(vref);
    const known = this.#clist.getKRef(vref);
    if (known) {
      if (isObjectKRef(known)) {
        const entry = this.#clist.getRequiredEntry(known);
        if (entry.isExport) this.#clist.reexport(known);
        else if (!entry.reachable) {
          throw new IllegalSyscallError(`${vref} was dropped and can't be mentioned`);
        }
      }
      return known;
    }
    if (!parsed.allocatedByVat) throw new IllegalSyscallError(`unknown import ${vref}`);
    this.#exports += 1;
    this.#insistWithin('exports', this.#exports, 'objects and promises exported in one delivery');
    switch (parsed.type) {
      case 'object': {
        const kref = this.#state.objects.create(this.#vatID);
        this.#clist.add(kref, vref);
        return kref;
      }
      case 'promise': {
        const kpid = this.#state.promises.create(this.#vatID);
        this.#clist.add(kpid, vref);
        return kpid;
      }
      case 'device':
        throw new IllegalSyscallError(`a vat can't export a device node (${vref})`);
      default:
        return parsed.type satisfies never;
    }
  }

  #promiseToKernel(vref: VRef): PromiseKRef {
    const kref = this.#refToKernel(vref);
    if (!isPromiseKRef(kref)) throw new IllegalSyscallError(`${vref} is not a promise`);
    return kref;
  }

  #dataToKernel(data: CapData<VRef>, find = findFlaw): CapData<KRef> {
    this.#refuse(findExcess(data, this.#limits));
    const flaw = find(data);
    if (flaw !== undefined) {
      throw new IllegalSyscallError(`unreadable data ${quoteData(data)}: ${flaw}`);
    }
    return { body: data.body, slots: data.slots.map(vref => this.#refToKernel(vref)) };
  }

  #sendToKernel(targetVRef: VRef, msg: Message<VRef>): KernelSyscall {
    const target = this.#refToKernel(targetVRef);
    if (target.startsWith('kd')) {
      throw new IllegalSyscallError(`send to ${targetVRef}, which is a device node`);
    }
    const methargs = this.#dataToKernel(msg.methargs, findMessageFlaw);
    this.#refuse(findLongMethod(methargs, this.#limits));
    if (!msg.result) return ['send', target, { methargs, result: null }];
    const result = this.#promiseToKernel(msg.result);
    this.#insistDecides(result, msg.result);
    // The kernel decides the promise until the message reaches its target.
    this.#state.promises.setDecider(result, undefined);
    return ['send', target, { methargs, result }];
  }

  #resolutionsToKernel(resolutions: readonly Resolution<VRef>[]): Resolution<KRef>[] {
    this.#insistWithin('resolutions', resolutions.length, 'promises resolved at once');
    const resolved = resolutions.map(([vref, rejected, data]): Resolution<KRef> => {
      const kpid = this.#promiseToKernel(vref);
      this.#insistDecides(kpid, vref);
      const translated = this.#dataToKernel(data);
      // Vats forward promises themselves. A promise resolved to itself would never be freed.
      if (!rejected && readStyle(data)?.style === 'promise') {
        throw new IllegalSyscallError(`${vref} can't be fulfilled with a promise`);
      }
      return [kpid, rejected, translated];
    });
    if (new Set(resolved.map(([kpid]) => kpid)).size !== resolved.length) {
      throw new IllegalSyscallError('resolve names a promise twice');
    }
    for (const [kpid] of resolved) this.#clist.delete(kpid);
    return resolved;
  }

  #insistWithin(limit: LimitName, amount: number, what: string): void {
    const most = this.#limits[limit];
    if (amount > most) throw new VatLimitError(limit, most, `${what}: ${amount}`);
  }

  #refuse(excess: Excess | undefined): void {
    if (excess) throw new VatLimitError(excess.limit, this.#limits[excess.limit], excess.what);
  }

  #insistDecides(kpid: PromiseKRef, vref: VRef): void {
    const promise = this.#state.promises.get(kpid);
    if (promise.state !== 'unresolved') {
      throw new IllegalSyscallError(`${vref} is resolved already`);
    }
    if (promise.decider !== this.#vatID) {
      throw new IllegalSyscallError(`${this.#vatID} does not decide ${vref}`);
    }
  }

  #knownObject(vref: VRef, direction: 'import' | 'export'): ObjectKRef {
    const parsed = parseSyscallVRef(vref);
    const kref = this.#clist.getKRef(vref);
    if (parsed.type !== 'object' || parsed.allocatedByVat !== (direction === 'export') || !kref) {
      throw new IllegalSyscallError(`${vref} is not an object ${direction} of ${this.#vatID}`);
    }
    return kref as ObjectKRef;
  }

  #dropImport(vref: VRef): ObjectKRef {
    const kref = this.#knownObject(vref, 'import');
    this.#clist.clearReachable(kref);
    return kref;
  }

  #retireImport(vref: VRef): ObjectKRef {
    const kref = this.#knownObject(vref, 'import');
    if (this.#clist.getRequiredEntry(kref).reachable) {
      throw new IllegalSyscallError(`${vref} must be dropped before it is retired`);
    }
    this.#clist.delete(kref);
    return kref;
  }

  #giveUpExport(vref: VRef, how: 'retireExports' | 'abandonExports'): readonly ObjectKRef[] {
    const kref = this.#knownObject(vref, 'export');
    if (how === 'retireExports' && this.#clist.getRequiredEntry(kref).reachable) {
      throw new IllegalSyscallError(`${vref} is still reachable and can't be retired`);
    }
    if (vref === ROOT_OBJECT_VREF) {
      if (how === 'abandonExports') throw new IllegalSyscallError('a vat keeps its root');
      // A store from SwingSet had dropped the root. Keep it for the next incarnation.
      return [];
    }
    this.#clist.delete(kref);
    return [kref];
  }
}

/** Quotes the beginning, because a vat chooses how long its data is. */
const quoteData = ({ body, slots }: CapData<VRef>): string =>
  quoteValue({ body: body.slice(0, 200), slots: slots.slice(0, 10) });

const parseSyscallVRef = (vref: VRef) => {
  try {
    return parseVRef(vref);
  } catch (cause) {
    throw new IllegalSyscallError(`malformed reference in a syscall`, { cause });
  }
};
