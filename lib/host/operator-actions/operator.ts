/**
 * Where an operator's actions are carried out: by the server that runs on a home, or in its store
 * while none does.
 */
import type { Bundle } from '../../store/types.js';
import type { BundleID } from '../../types/ids.js';
import { SoloServerNotFoundError } from '../solo-server/errors.js';
import { findServer } from '../solo-server/server-file.js';
import type { DirectAction, UpgradeAction, UpgradeResult } from './actions.js';
import { insistNoChain } from './chain-store.js';
import type { QueueReport } from './queue-report.js';
import { openServerOperator } from './server-operator.js';
import { openStoreOperator, type StoreOperatorOptions } from './store-operator.js';

/** Everything that a method did is committed when it resolves. */
export interface Operator {
  /** `store`: no server runs, so queued work waits for the next one. */
  readonly place: 'server' | 'store';
  perform(action: DirectAction): Promise<void>;
  /** Upgrades a static vat. Resolves when it is done, or can't be done now. */
  upgrade(action: UpgradeAction): Promise<UpgradeResult>;
  /** @param alleged - the ID that the bundle must have, if given */
  installBundle(bundle: Bundle, alleged?: string): Promise<BundleID>;
  /** Runs one block of what is queued, and says what is left. */
  runBlock(): Promise<QueueReport>;
  close(): Promise<void>;
}

const hasServer = (home: string): boolean => {
  try {
    findServer(home);
    return true;
  } catch (error) {
    if (error instanceof SoloServerNotFoundError) return false;
    throw error;
  }
};

/**
 * Connects to the server of a home, or opens the store with the platform and the epoch that it
 * records.
 *
 * @throws ChainStoreError, StoreLockedError while another process writes the store, NoConfigError
 *   without a swingset, and what a boot throws
 */
export const openOperator = async (options: StoreOperatorOptions): Promise<Operator> => {
  const { home } = options;
  insistNoChain(home);
  return hasServer(home) ? openServerOperator(home) : openStoreOperator(options);
};
