/** A verification's view as the kernel's tables want to read it. */
import { StoreUsageError } from '../store/errors.js';
import type { KernelStorage } from '../store/types.js';
import type { VerifyView } from '../store/verify-types.js';

const refuseWrite = (): never => {
  throw new StoreUsageError('a verification changes nothing');
};

/** As much of a storage as the tables need to be read. */
export const readOnlyStorage = (view: VerifyView): KernelStorage =>
  ({
    kvStore: {
      has: view.has,
      get: view.get,
      getNextKey: view.getNextKey,
      set: refuseWrite,
      delete: refuseWrite,
    },
  }) as unknown as KernelStorage;
