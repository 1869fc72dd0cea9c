/**
 * Drops one event that the host names: a poison message, which ends a vat or stops the kernel whenever
 * it is delivered (issue 17, section 2).
 *
 * Boundary: computes the outcome of the crank `drop-event`. Only messages and notifications can be
 * dropped: vat-admin, or a vat that waits for its start, would hang on any other event for ever.
 */
import { isDeepStrictEqual } from 'node:util';
import { BadOptionError } from '../../errors.js';
import type { RunQueueEvent } from '../../state/events.js';
import { referencesOf } from '../../state/events.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import { makeErrorData } from '../delivery/kmarshal.js';
import { crankComplete, type CrankOutcome } from '../delivery/outcome.js';
import type { LifecyclePorts } from '../vats/vat-lifecycle.js';

export interface EventPlace {
  /** The vat that the event waits for. Undefined: it stands in the run-queue. */
  readonly vatID: VatID | undefined;
  /** How many events stand before it. What is still to be routed comes after the run-queue. */
  readonly index: number;
}

/** The events of a place's queue, in the order in which they are delivered. */
export const eventsAt = (
  { runQueue, acceptanceQueue, waiting }: KernelState,
  vatID: VatID | undefined,
): readonly RunQueueEvent[] =>
  vatID === undefined ? [...runQueue.all(), ...acceptanceQueue.all()] : waiting.events(vatID);

/**
 * @param expected - The event that the caller has found there.
 * @throws BadOptionError if another event, or none, is there now, or if it can't be dropped
 */
export const insistDroppable = (
  state: KernelState,
  { vatID, index }: EventPlace,
  expected: unknown,
): void => {
  const event = eventsAt(state, vatID)[index];
  if (event === undefined || !isDeepStrictEqual(event, expected)) {
    throw new BadOptionError('place.event', expected, `the event at position ${index}`, {
      message: `the event at position ${index} is another one now: look at the queue again`,
    });
  }
  if (event.type !== 'send' && event.type !== 'notify') {
    throw new BadOptionError('place.event', event, 'a message or a notification', {
      message: `a ${event.type} can't be dropped: only messages and notifications can`,
    });
  }
};

const takeAt = (state: KernelState, { vatID, index }: EventPlace): RunQueueEvent | undefined => {
  const { runQueue, acceptanceQueue, waiting } = state;
  if (vatID !== undefined) return waiting.take(vatID, index);
  const isRouted = index < runQueue.length;
  return isRouted ? runQueue.take(index) : acceptanceQueue.take(index - runQueue.length);
};

/** Whoever awaits a dropped message's result is told. Nobody is told of a notification. */
export const dropEvent = (
  { state, queue, slog }: LifecyclePorts,
  place: EventPlace,
): CrankOutcome => {
  const event = takeAt(state, place);
  if (event) {
    slog.write({ type: 'event-dropped', ...(place.vatID && { vatID: place.vatID }), event });
    if (event.type === 'send' && event.msg.result) {
      const error = makeErrorData('the message was dropped by the operator');
      // The host has asked for it, so its policy `panic` for the result does not apply.
      queue.resolve(undefined, [[event.msg.result, true, error]], { mayPanic: false });
    }
    for (const kref of referencesOf(event)) state.refs.decrement(kref);
  }
  return { kind: 'done', policy: crankComplete() };
};
