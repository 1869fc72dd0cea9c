import { lookAtStore } from '../host/look-at-store.js';
import { summarizeSwingset } from '../host/swingset-summary.js';
import type { SwingsetSummary } from '../host/swingset-summary.js';

/** Reads an existing store, even while a kernel runs on it. @throws what `lookAtStore` throws */
export const readSummary = (home: string): Promise<SwingsetSummary> =>
  lookAtStore(home, ({ kernelStorage }) => summarizeSwingset(kernelStorage));
