import type { Worker } from './types.js';

/**
 * Stands for a worker that could not be brought to take deliveries by fault of the vat (its bundle
 * is too large, or its code fails when it is imported): the first delivery has the fault for result,
 * so that it becomes the vat's fate and not the kernel's.
 */
export const makeStillborn = (problem: string): Worker => ({
  deliver: async () => ['error', problem, null],
  shutdown: async () => {},
});
