import { swingsetIsInitialized } from '../controller/initialize.js';
import { NoConfigError } from '../host/solo-host.js';
import { summarizeSwingset } from '../host/swingset-summary.js';
import type { SwingsetSummary } from '../host/swingset-summary.js';
import { openSwingStore } from '../store/swing-store.js';

/** Reads an existing store, even while a kernel runs on it. */
export const readSummary = async (home: string): Promise<SwingsetSummary> => {
  const { hostStorage, kernelStorage } = openSwingStore(home, { readOnly: true });
  try {
    if (!swingsetIsInitialized(kernelStorage)) throw new NoConfigError(home);
    return summarizeSwingset(kernelStorage);
  } finally {
    await hostStorage.close();
  }
};
