/**
 * The timer of a chain. Polling the device writes the time, so an idle block must not poll unless a
 * deadline is due.
 *
 * Invariant: what it remembers of the device's state follows from the store. That state changes in
 * cranks and by `poll` only, and a block that is not committed ends the session that this belongs to.
 */
import type { Timer } from '../../devices/timer/timer.js';
import { kunser } from '../../kernel/delivery/kmarshal.js';
import { KernelState } from '../../state/kernel-state.js';
import type { KernelStorage } from '../../store/types.js';
import type { KRef } from '../../types/ids.js';

interface TimerState {
  /** In order of time. */
  readonly deadlines: readonly { readonly time: bigint }[];
}

export interface BlockTimer {
  /** Is a wakeup due? Takes no longer with more wakeups, unless the kernel has run. */
  isDue(now: bigint): boolean;
  /** @param now - seconds */
  poll(now: bigint): void;
}

const readDeadline = ({ devices }: KernelState): bigint | undefined => {
  const saved = devices.getState(devices.getByName('timer'));
  if (!saved) return undefined;
  // Only the times are read, so it does no harm that the references are the device's own.
  const { deadlines } = kunser({
    body: saved.body,
    slots: saved.slots as readonly string[] as readonly KRef[],
  }) as TimerState;
  return deadlines[0]?.time;
};

export const makeBlockTimer = (
  kernelStorage: KernelStorage,
  device: Pick<Timer, 'poll'>,
): BlockTimer => {
  let known: { readonly crankNumber: number; readonly deadline: bigint | undefined } | undefined;
  return {
    isDue: now => {
      const state = new KernelState(kernelStorage);
      const { crankNumber } = state;
      if (known?.crankNumber !== crankNumber) {
        known = { crankNumber, deadline: readDeadline(state) };
      }
      return known.deadline !== undefined && known.deadline <= now;
    },
    poll: now => {
      known = undefined;
      device.poll(now);
    },
  };
};
