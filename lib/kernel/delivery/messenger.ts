/**
 * Sends messages, subscribes vats to promises and resolves promises, in krefs.
 *
 * Boundary: syscalls, lifecycle changes and the host's `queueTo…` calls use it. Every new event
 * goes to the acceptance queue; `router.ts` moves it on.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { KRef, ObjectKRef, PromiseKRef, VatID } from '../../types/ids.js';
import { KernelStateError } from '../../errors.js';
import type { CapData, Message, Resolution } from '../../types/messages.js';
import { isMentionable } from './mentionable.js';
import { kser, makeErrorData } from './kmarshal.js';
import { rejectLongCycles } from './promise-closure.js';
import type { ResolutionPolicy } from '../../types/policies.js';
import { PanicPolicyError } from './errors.js';

export interface MessengerPorts {
  readonly state: KernelState;
  readonly console: Pick<Console, 'log' | 'warn' | 'error'>;
  /** Stops the kernel for good. The host must not commit what it was doing. */
  readonly panic: (problem: string, cause: Error) => void;
}

export class Messenger {
  readonly #state: KernelState;

  readonly #ports: MessengerPorts;

  constructor(ports: MessengerPorts) {
    this.#state = ports.state;
    this.#ports = ports;
  }

  send(target: KRef, msg: Message<KRef>): void {
    // As in SwingSet, messages from the kernel and the host count as sends too.
    this.#state.stats.count('syscallSend');
    this.#state.acceptanceQueue.push({ type: 'send', target, msg });
  }

  /**
   * Sends a message from a device, the kernel or the host. Rejects it if its target is gone,
   * because delivering it would terminate the vat.
   */
  sendFromOutside(target: KRef, msg: Message<KRef>): void {
    if (isMentionable(this.#state, target)) this.send(target, msg);
    else this.rejectMessage(msg, makeErrorData(`${target} is gone: nobody held it`));
  }

  /** Sends a message from the kernel or the host. Returns the promise for its result. */
  sendWithResult(
    target: KRef,
    methargs: CapData<KRef>,
    policy: ResolutionPolicy = 'ignore',
  ): PromiseKRef {
    const result = this.#state.promises.create(undefined, policy);
    this.sendFromOutside(target, { methargs, result });
    return result;
  }

  /** Sends `method(...args)` to an object or promise. Arguments may hold `kslot` references. */
  callMethod(
    target: ObjectKRef | PromiseKRef,
    method: string | symbol,
    args: readonly unknown[],
    policy?: ResolutionPolicy,
  ): PromiseKRef {
    const methargs = kser([method, args]);
    return this.sendWithResult(target, methargs, policy);
  }

  /** Like `callMethod`, without a result. */
  castMethod(
    target: ObjectKRef | PromiseKRef,
    method: string | symbol,
    args: readonly unknown[],
  ): void {
    this.sendFromOutside(target, { methargs: kser([method, args]), result: null });
  }

  notify(vatID: VatID, kpid: PromiseKRef): void {
    this.#state.acceptanceQueue.push({ type: 'notify', vatID, kpid });
  }

  subscribe(vatID: VatID, kpid: PromiseKRef): void {
    if (this.#state.promises.getState(kpid) === 'unresolved') {
      this.#state.promises.addSubscriber(kpid, vatID);
    } else {
      this.notify(vatID, kpid);
    }
  }

  /**
   * Resolves promises that `decider` decides (undefined for the kernel).
   *
   * `tellDecider`: also notify the decider, if it has subscribed, because someone else resolves on
   * its behalf. `mayPanic`: apply a `panic` policy; if false, only log the rejection.
   */
  resolve(
    decider: VatID | undefined,
    resolutions: readonly Resolution<KRef>[],
    { tellDecider = false, mayPanic = true } = {},
  ): void {
    for (const [kref, rejected, data] of rejectLongCycles(this.#state, decider, resolutions)) {
      const kpid = kref as PromiseKRef;
      const promise = this.#state.promises.getUnresolved(kpid);
      if (promise.decider !== decider) {
        throw new KernelStateError(
          `${decider ?? 'the kernel'} resolved ${kpid}, which ${promise.decider ?? 'the kernel'} decides`,
        );
      }
      for (const subscriber of promise.subscribers) {
        if (tellDecider || subscriber !== decider) this.notify(subscriber, kpid);
      }
      for (const slot of data.slots) this.#state.refs.increment(slot);
      this.requeueWaiting(kpid);
      this.#state.promises.resolve(kpid, rejected, data);
      const { policy } = promise;
      const applied = policy === 'panic' && !mayPanic ? 'logFailure' : policy;
      this.#applyPolicy(kpid, applied, rejected, data);
    }
  }

  /**
   * Sends the messages that wait for an unresolved promise on their way again, because it is about
   * to be resolved, or to be decided by a vat that takes pipelined messages.
   */
  requeueWaiting(kpid: PromiseKRef): void {
    // `append` keeps the references that the messages already hold.
    for (const msg of this.#state.promises.takeQueue(kpid)) {
      this.#state.acceptanceQueue.append({ type: 'send', target: kpid, msg });
    }
  }

  rejectMessage(msg: Message<KRef>, error: CapData<KRef>): void {
    if (msg.result) this.resolve(undefined, [[msg.result, true, error]]);
  }

  #applyPolicy(
    kpid: PromiseKRef,
    policy: ResolutionPolicy,
    rejected: boolean,
    data: CapData<KRef>,
  ): void {
    switch (policy) {
      case 'ignore':
        break;
      case 'logAlways':
        this.#ports.console.log(`${kpid} ${rejected ? 'rejected' : 'fulfilled'}: ${data.body}`);
        break;
      case 'logFailure':
        if (rejected) this.#ports.console.error(`${kpid} rejected: ${data.body}`);
        break;
      case 'panic':
        if (rejected) {
          const cause = new PanicPolicyError(kpid, data);
          this.#ports.panic(cause.message, cause);
        }
        break;
      default:
        policy satisfies never;
    }
  }
}
