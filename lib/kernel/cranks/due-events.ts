/**
 * Which events a run would deliver, and which wait for vats that are paused. Events that were set
 * aside while a vat was paused are due again once it is not, but stay in its wait queue until their
 * turn.
 *
 * Boundary: reads tables, changes nothing.
 */
import type { RunQueueEvent } from '../../state/events.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';

type Queues = Pick<KernelState, 'acceptanceQueue' | 'runQueue' | 'waiting' | 'services'>;

/** The first vat, by number, whose waiting events are due. */
export const firstVatWithDueEvents = ({ waiting, services }: Queues): VatID | undefined =>
  waiting.vatIDs().find(vatID => !services.isPaused(vatID));

const vatsWithDueEvents = ({ waiting, services }: Queues): readonly VatID[] =>
  waiting.vatIDs().filter(vatID => !services.isPaused(vatID));

/** Vats whose events no run delivers until somebody brings them back, by number. */
export const vatsWithHeldEvents = ({ waiting, services }: Queues): readonly VatID[] =>
  waiting.vatIDs().filter(vatID => services.isPaused(vatID));

/** Events that a run would process: what is to be routed, the run-queue, and due waiting ones. */
export const dueEvents = (state: Queues): readonly RunQueueEvent[] => [
  ...state.acceptanceQueue.all(),
  ...vatsWithDueEvents(state).flatMap(vatID => state.waiting.events(vatID)),
  ...state.runQueue.all(),
];

/** The number of `dueEvents`, without reading them. */
export const countDueEvents = (state: Queues): number =>
  vatsWithDueEvents(state).reduce(
    (sum, vatID) => sum + state.waiting.count(vatID),
    state.acceptanceQueue.length + state.runQueue.length,
  );
