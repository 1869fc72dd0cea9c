/** Is a wakeup of the timer device due? Polling writes the time, so an idle block must not poll. */
import { kunser } from '../../kernel/delivery/kmarshal.js';
import { KernelState } from '../../state/kernel-state.js';
import type { KernelStorage } from '../../store/types.js';
import type { KRef } from '../../types/ids.js';

interface TimerState {
  /** In order of time. */
  readonly deadlines: readonly { readonly time: bigint }[];
}

/** @param now - seconds */
export const isTimerDue = (kernelStorage: KernelStorage, now: bigint): boolean => {
  const { devices } = new KernelState(kernelStorage);
  const saved = devices.getState(devices.getByName('timer'));
  if (!saved) return false;
  // Only the times are read, so it does no harm that the references are the device's own.
  const { deadlines } = kunser({
    body: saved.body,
    slots: saved.slots as readonly string[] as readonly KRef[],
  }) as TimerState;
  const [first] = deadlines;
  return first !== undefined && first.time <= now;
};
