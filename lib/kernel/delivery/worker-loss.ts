/**
 * Worker processes that die of nothing their vat did. The crank runner replaces the worker and tries
 * the crank again; after the last try, the work that the worker was given has failed.
 */
import { SwingsetError } from '../../errors.js';
import type { VatID } from '../../types/ids.js';
import type { WorkerDeathPolicy } from '../../types/policies.js';

const MAX_TRIES = 3;

/** The same text on every replica: how a process died depends on its machine. */
export const WORKER_LOST = 'the worker died again and again';

/** A worker process that went away by itself. */
export const isWorkerDeath = (error: unknown): error is SwingsetError & { readonly vatID: VatID } =>
  error instanceof SwingsetError && error.code === 'WORKER_DIED';

/** Counts the deaths in the present crank. */
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

  get isLast(): boolean {
    return this.#deaths + 1 >= MAX_TRIES;
  }
}

export interface WorkerLossPorts {
  /** What the host wants after the last try. */
  readonly onWorkerDeath: WorkerDeathPolicy;
  readonly tries: CrankTries;
  /** @throws KernelNotRunningError once the host has asked for the shutdown. */
  readonly insistRunning: () => void;
}

/**
 * Gives the vat's worker some work. Every call of a worker in a crank goes through here, so that the
 * loss of a worker is a result like any other.
 *
 * @returns `lost` when the worker died at the last try and the host wants the vat to bear it
 * @throws WorkerDiedError at an earlier try, or when the host wants the kernel to panic
 */
export const orLost = async <T>(
  { onWorkerDeath, tries, insistRunning }: WorkerLossPorts,
  work: () => Promise<T>,
): Promise<T | 'lost'> => {
  try {
    return await work();
  } catch (error) {
    if (!isWorkerDeath(error) || !tries.isLast || onWorkerDeath === 'panic') throw error;
    // A worker that ends with its kernel was not lost.
    insistRunning();
    return 'lost';
  }
};
