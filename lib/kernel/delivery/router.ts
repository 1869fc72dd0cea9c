/**
 * Finds where a message goes: along a chain of resolutions to a vat, to a promise's queue, or
 * nowhere.
 * Source: SwingSet docs `kernel-promises.md`, `delivery.md`.
 */
import type { KernelState } from '../../state/kernel-state.js';
import {
  isDeviceKRef,
  isObjectKRef,
  isPromiseKRef,
  type KRef,
  type PromiseKRef,
  type VatID,
} from '../../types/ids.js';
import type { CapData, Message } from '../../types/messages.js';
import { describeMethod } from '../../types/readable-data.js';
import { makeErrorData, soleReference } from './kmarshal.js';

export type Route =
  /** To this vat. `target` is an object of the vat or a promise that it decides. */
  | { readonly kind: 'vat'; readonly vatID: VatID; readonly target: KRef }
  /** The promise is unresolved, and its decider takes no pipelined messages. */
  | { readonly kind: 'wait'; readonly kpid: PromiseKRef }
  /** Nobody can take it. The result promise is rejected with `error`. */
  | { readonly kind: 'reject'; readonly error: CapData<KRef> };

const undeliverable = (msg: Message<KRef>): Route => ({
  kind: 'reject',
  error: makeErrorData(`data is not callable, has no method ${describeMethod(msg.methargs)}`),
});

/** Finds where a message to `target` goes now. Changes nothing. */
export const routeMessage = (state: KernelState, target: KRef, msg: Message<KRef>): Route => {
  let at = target;
  // A chain of fulfilled promises ends, because none can be resolved to itself.
  for (;;) {
    if (isObjectKRef(at)) {
      const owner = state.objects.getOwner(at);
      if (owner && state.vats.isLive(owner)) return { kind: 'vat', vatID: owner, target: at };
      return { kind: 'reject', error: makeErrorData('vat terminated') };
    }
    if (!isPromiseKRef(at)) return undeliverable(msg);
    const promise = state.promises.get(at);
    switch (promise.state) {
      case 'rejected':
        return { kind: 'reject', error: promise.data };
      case 'unresolved': {
        const { decider } = promise;
        if (
          decider &&
          state.vats.isLive(decider) &&
          state.vats.getOptions(decider).enablePipelining
        ) {
          return { kind: 'vat', vatID: decider, target: at };
        }
        return { kind: 'wait', kpid: at };
      }
      case 'fulfilled': {
        const found = soleReference(promise.data);
        if (!found || isDeviceKRef(found)) return undeliverable(msg);
        at = found;
        break;
      }
      default:
        return promise satisfies never;
    }
  }
};
