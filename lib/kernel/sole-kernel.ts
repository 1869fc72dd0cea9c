/**
 * One kernel at a time works on a store. Each keeps rows in memory, so a second one beside it would
 * give out the same krefs and overwrite its queue.
 */
import type { KernelStorage } from '../store/types.js';
import { KernelBusyError } from './delivery/errors.js';

export interface Tenant {
  /** Whether a call of it is at work on the store. */
  readonly isAtWork: () => boolean;
  /** From now on it changes nothing. */
  readonly retire: () => void;
}

const tenants = new WeakMap<object, Tenant>();

/**
 * The new kernel takes the store over, and the one before it retires.
 * @throws KernelBusyError if that one is at work
 */
export const takeStoreOver = ({ kvStore }: Pick<KernelStorage, 'kvStore'>, next: Tenant): void => {
  const former = tenants.get(kvStore);
  if (former?.isAtWork()) throw new KernelBusyError('makeSwingsetController');
  former?.retire();
  tenants.set(kvStore, next);
};
