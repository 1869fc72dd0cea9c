/** How much the kernel has done, and has left to do. Read between cranks. */
import { KernelState } from '../../state/kernel-state.js';
import type { KernelStorage } from '../../store/types.js';

/** Events in the kernel's queues. */
export const countRunQueue = (kernelStorage: KernelStorage): number => {
  const { runQueue, acceptanceQueue } = new KernelState(kernelStorage);
  return runQueue.length + acceptanceQueue.length;
};

/** Cranks that the kernel has run since its store was made. */
export const countCranks = (kernelStorage: KernelStorage): number =>
  new KernelState(kernelStorage).crankNumber;
