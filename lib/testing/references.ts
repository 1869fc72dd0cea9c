/** References that a test holds: it calls them, and passes them on in arguments. */
import { kunser } from '../kernel/delivery/kmarshal.js';
import type { CapData } from '../types/messages.js';
import type { KRef } from '../types/ids.js';

/** Stands for an object of a vat. Two of them for the same object need not be the same value. */
export interface Reference {
  /** The kernel's name of the object, such as `ko42`. */
  getKref(): string;
  /** The name that `Far` or a kind gave it, such as `counter`; may be missing. */
  iface(): string | undefined;
}

/** The part of a controller that answers what became of a message. */
interface Answers {
  kpStatus(kpid: string): string;
  kpResolution(kpid: string): CapData<KRef>;
}

/** What has become of a call so far. */
export type CallOutcome =
  | { readonly status: 'pending' }
  | { readonly status: 'fulfilled'; readonly value: unknown }
  | { readonly status: 'rejected'; readonly reason: unknown };

export const outcomeOf = (controller: Answers, kpid: string): CallOutcome => {
  const status = controller.kpStatus(kpid);
  if (status !== 'fulfilled' && status !== 'rejected') return harden({ status: 'pending' });
  const value = kunser(controller.kpResolution(kpid));
  return harden(status === 'fulfilled' ? { status, value } : { status, reason: value });
};
