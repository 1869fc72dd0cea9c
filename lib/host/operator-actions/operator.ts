/**
 * Where an operator's actions are carried out: by the server that runs on a home, or in its store
 * while none does.
 */
import { SoloServerNotFoundError } from '../solo-server/errors.js';
import { findServer } from '../solo-server/server-file.js';
import { insistNoChain } from './chain-store.js';
import { openServerOperator } from './server-operator.js';
import { openStoreOperator, type StoreOperatorOptions } from './store-operator.js';
import type { Operator } from './types.js';

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
