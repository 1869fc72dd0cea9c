/** What became of an action. Texts are equal on all replicas: none is an engine's. */
import { SwingsetError } from '../../../errors.js';

export type ActionOutcome =
  | { readonly kind: 'fulfilled'; readonly value?: unknown }
  | { readonly kind: 'rejected'; readonly reason: string }
  /** The kernel's promise for the result. */
  | { readonly kind: 'queued'; readonly kpid: string };

export const fulfilled = (value?: unknown): ActionOutcome => ({ kind: 'fulfilled', value });

export const rejected = (reason: string): ActionOutcome => ({ kind: 'rejected', reason });

/**
 * A rejection for an error of this package that says that the sender is at fault.
 * @throws any other error: it stops the host
 */
export const rejectedBy = (error: unknown, codes: readonly string[]): ActionOutcome => {
  if (error instanceof SwingsetError && codes.includes(error.code)) {
    return rejected(`${error.code}: ${error.message}`);
  }
  throw error;
};
