/**
 * Counts how often a worker died in the present crank, so that all that happens in its midst knows
 * the last try as such: a vat that the host can do without for now is not to end like any other
 * whose worker dies again and again.
 */
import { SwingsetError } from '../../errors.js';
import type { VatID } from '../../types/ids.js';
import type { WorkerDeathPolicy } from '../../types/policies.js';

const MAX_TRIES = 3;

/** The same text on every replica: how a process died is its machine's business. */
export const WORKER_LOST = 'the worker died again and again';

/** A worker process that went away by itself; carries the vat whose it was. */
export const isWorkerDeath = (error: unknown): error is SwingsetError & { readonly vatID: VatID } =>
  error instanceof SwingsetError && error.code === 'WORKER_DIED';

export class CrankTries {
  #deaths = 0;

  /** Another crank begins. */
  begin(): void {
    this.#deaths = 0;
  }

  /** The crank is tried again because of a death. */
  noteDeath(): void {
    this.#deaths += 1;
  }

  /** Did a worker die, and will the crank not be tried again? */
  isLast(error: unknown): boolean {
    return isWorkerDeath(error) && this.#deaths + 1 >= MAX_TRIES;
  }
}

/**
 * Has a worker died so often that the vat has failed at what it was to do? Without the policy
 * `terminate`, such a death stops the kernel instead.
 */
export const isLastTry = (
  {
    onWorkerDeath,
    tries,
  }: { readonly onWorkerDeath: WorkerDeathPolicy; readonly tries: CrankTries },
  error: unknown,
): boolean => onWorkerDeath === 'terminate' && tries.isLast(error);
