/** What is left to do, by vat: what `drain` reports. */
import { vatsWithHeldEvents } from '../../kernel/cranks/due-events.js';
import { countQueued } from '../../platform-epoch/queued-events.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';

export interface QueueReport {
  /** Events that a run would process. */
  readonly queued: number;
  /** Those of them that some vat would get now. */
  readonly queuedByVat: Readonly<Record<VatID, number>>;
  /** Events that wait for paused vats. No run delivers them. */
  readonly waiting: number;
  readonly waitingByVat: Readonly<Record<VatID, number>>;
}

/** @param state - only read */
export const reportQueue = (state: KernelState): QueueReport => {
  const { queuedEvents, queuedByVat } = countQueued(state);
  const counts = vatsWithHeldEvents(state).map(
    vatID => [vatID, state.waiting.count(vatID)] as const,
  );
  return {
    queued: queuedEvents,
    queuedByVat,
    waiting: counts.reduce((sum, [, count]) => sum + count, 0),
    waitingByVat: Object.fromEntries(counts),
  };
};
