/**
 * The last bringOutYourDead of an incarnation that ends for reasons of the host's, not of its own:
 * a restart, a suspension. It is for the vat's good, so nothing that goes wrong with it ends the vat.
 */
import type { VatID } from '../../types/ids.js';
import type { CrankTries } from './crank-tries.js';
import { deliverToVat, type DeliverPorts } from '../delivery/deliver.js';
import type { WorkerDeathPolicy } from '../../types/policies.js';

export interface LastRitesPorts extends DeliverPorts {
  readonly onWorkerDeath: WorkerDeathPolicy;
  readonly tries: CrankTries;
}

/**
 * Is the vat to go without what its worker did not live to do? The crank runner tries again, and
 * after the last try would end the vat.
 */
export const isLastTry = (
  { onWorkerDeath, tries }: Pick<LastRitesPorts, 'onWorkerDeath' | 'tries'>,
  error: unknown,
): boolean => onWorkerDeath === 'terminate' && tries.isLast(error);

/** @returns false: the incarnation can't even do that. What it did is to be undone, and it ends without */
export const giveLastRites = async (ports: LastRitesPorts, vatID: VatID): Promise<boolean> => {
  try {
    const outcome = await deliverToVat(ports, vatID, ['bringOutYourDead']);
    return !outcome.abort;
  } catch (error) {
    if (isLastTry(ports, error)) return false;
    throw error;
  }
};
