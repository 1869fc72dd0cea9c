import type { Worker } from './types.js';

/**
 * Replaces a worker that could not take deliveries through the vat's own fault: its bundle is too
 * large, or its code throws on import. The first delivery fails with the problem, so that it
 * decides the vat's fate and not the kernel's.
 */
export const makeStillborn = (problem: string): Worker => ({
  deliver: async () => ['error', problem, null],
  shutdown: async () => {},
});
