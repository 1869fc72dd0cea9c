/** How much the kernel has done, and has left to do. Read between cranks. */
import { countDueEvents } from '../../kernel/cranks/due-events.js';
import { KernelState } from '../../state/kernel-state.js';
import type { KernelStorage } from '../../store/types.js';

/** Events that a run would deliver. */
export const countRunQueue = (kernelStorage: KernelStorage): number =>
  countDueEvents(new KernelState(kernelStorage));

/** Cranks that the kernel has run since its store was made. */
export const countCranks = (kernelStorage: KernelStorage): number =>
  new KernelState(kernelStorage).crankNumber;
