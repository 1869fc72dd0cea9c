/** How much the kernel has left to do. */
import { KernelState } from '../../state/kernel-state.js';
import type { KernelStorage } from '../../store/types.js';

/** Events in the kernel's queues, read between cranks. */
export const countRunQueue = (kernelStorage: KernelStorage): number => {
  const { runQueue, acceptanceQueue } = new KernelState(kernelStorage);
  return runQueue.length + acceptanceQueue.length;
};
