/**
 * Computes the outcome of one event.
 *
 * Boundary: the crank runner took the event out of its queue and holds its references. The outcome
 * `moved` says that they went on with the event.
 */
import type { KernelEvent, RunQueueEvent } from '../../state/events.js';
import type { KernelState } from '../../state/kernel-state.js';
import { isPaused, isSuspended } from '../../types/vat-service.js';
import type { KRef, ObjectKRef, PromiseKRef, VatID } from '../../types/ids.js';
import type { KernelDelivery } from '../../types/messages.js';
import { sizeOfMessage } from '../delivery/capdata-limits.js';
import { deliverToVat } from '../delivery/deliver.js';
import { makeErrorData } from '../delivery/kmarshal.js';
import { startIncarnation } from '../vats/incarnation.js';
import { changeVatOptions, createVat, noteCreation, upgradeVat } from '../vats/vat-lifecycle.js';
import {
  crankComplete,
  emptyCrank,
  moved,
  outcomeOf,
  type CrankOutcome,
} from '../delivery/outcome.js';
import { chooseResolutions } from '../delivery/promise-closure.js';
import { routeMessage } from '../delivery/router.js';
import { resumeVat, startSuspendedVat, suspendVat } from '../vats/suspension.js';
import type { LifecyclePorts } from '../vats/vat-lifecycle.js';
import { cleanupTerminatedVat } from '../vats/vat-cleanup.js';
import { processVatRestart } from '../vats/vat-restart.js';

const endVat = (
  state: KernelState,
  { vatID, reason }: Extract<RunQueueEvent, { type: 'terminate-vat' }>,
): CrankOutcome =>
  state.vats.isLive(vatID)
    ? {
        kind: 'ended',
        policy: { call: 'emptyCrank' },
        end: { vatID, reject: true, info: reason },
      }
    : emptyCrank;

/** Moves an event from the acceptance queue to the run-queue, or a message to a promise's queue. */
export const routeEvent = (ports: LifecyclePorts, event: RunQueueEvent): CrankOutcome => {
  const { state, queue } = ports;
  // The host's emergency stop takes effect before anything else is delivered.
  if (event.type === 'terminate-vat') return endVat(state, event);
  if (event.type === 'send') {
    const route = routeMessage(state, event.target, event.msg);
    if (route.kind === 'reject') {
      queue.rejectMessage(event.msg, route.error);
      return emptyCrank;
    }
    if (route.kind === 'wait') {
      // The promise's queue keeps the message's references and the one to the promise itself.
      state.promises.enqueue(route.kpid, event.msg);
      return moved;
    }
    if (route.target !== event.target) {
      // The event now holds its target, and no longer the promise that led there.
      state.runQueue.push({ ...event, target: route.target });
      return emptyCrank;
    }
  }
  state.runQueue.append(event);
  return moved;
};

/**
 * Delivers to the vat if it can take deliveries. A paused vat's event waits. A suspended vat starts
 * first; if it can't, the outcome is that of the failed start.
 */
const deliverOrWait = async (
  ports: LifecyclePorts,
  vatID: VatID,
  event: RunQueueEvent,
  makeDelivery: () => KernelDelivery,
): Promise<CrankOutcome> => {
  const { state } = ports;
  const service = state.services.get(vatID);
  if (isPaused(service)) {
    state.waiting.append(vatID, event);
    return moved;
  }
  const deliver = () => deliverToVat(ports, vatID, makeDelivery());
  if (!isSuspended(service)) return outcomeOf(vatID, await deliver());
  const start = await startSuspendedVat(ports, vatID, { event: 'stays' });
  if (start.kind === 'failed') return start.outcome;
  const { computrons } = start.result;
  if (start.result.kind === 'exited') {
    const { end } = start.result;
    const policy = crankComplete(computrons);
    return { kind: 'failed', policy, event: 'stays', end, bill: undefined };
  }
  const delivered = await deliver();
  return outcomeOf(vatID, { ...delivered, computrons: sum(computrons, delivered.computrons) });
};

const sum = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
  a === undefined && b === undefined ? undefined : (a ?? 0n) + (b ?? 0n);

const deliverMessage = (
  ports: LifecyclePorts,
  event: Extract<RunQueueEvent, { type: 'send' }>,
): CrankOutcome | Promise<CrankOutcome> => {
  // The promise may have been resolved, or the vat terminated, since the message was routed.
  const route = routeMessage(ports.state, event.target, event.msg);
  if (route.kind !== 'vat') return routeEvent(ports, event);
  const { vatID, target } = route;
  const { delivery: most } = ports.state.vats.limitsOf(vatID);
  const size = sizeOfMessage(event.msg);
  if (size > most) {
    // A store written without limits may hold such a message; nobody can send one now.
    const error = makeErrorData(`the message is too long: ${size} characters, at most ${most}`);
    ports.queue.rejectMessage(event.msg, error);
    return emptyCrank;
  }
  return deliverOrWait(ports, vatID, event, () => {
    const { result } = event.msg;
    if (result && ports.state.vats.getOptions(vatID).enablePipelining) {
      ports.queue.requeueWaiting(result as PromiseKRef);
    }
    return ['message', target, event.msg];
  });
};

const deliverNotify = (
  ports: LifecyclePorts,
  event: Extract<RunQueueEvent, { type: 'notify' }>,
): CrankOutcome | Promise<CrankOutcome> => {
  const { state } = ports;
  const { vatID, kpid } = event;
  if (!state.vats.isLive(vatID) || !state.clist(vatID).getEntry(kpid)) return emptyCrank;
  return deliverOrWait(ports, vatID, event, () => [
    'notify',
    chooseResolutions(state, vatID, kpid),
  ]);
};

const deliverGC = async (
  ports: LifecyclePorts,
  type: 'dropExports' | 'retireExports' | 'retireImports',
  vatID: VatID,
  krefs: readonly KRef[],
): Promise<CrankOutcome> => {
  const result = await deliverToVat(ports, vatID, [type, krefs]);
  if (type === 'retireExports') {
    for (const kref of krefs as readonly ObjectKRef[]) {
      if (ports.state.objects.exists(kref)) ports.state.objects.delete(kref);
    }
  }
  return outcomeOf(vatID, result);
};

const deliverBOYD = async (ports: LifecyclePorts, vatID: VatID): Promise<CrankOutcome> =>
  outcomeOf(vatID, await deliverToVat(ports, vatID, ['bringOutYourDead']));

/** Processes an event from the run-queue, a wait queue or the GC queues. */
export const processEvent = (
  ports: LifecyclePorts,
  event: KernelEvent,
): CrankOutcome | Promise<CrankOutcome> => {
  const { state } = ports;
  switch (event.type) {
    case 'send':
      return deliverMessage(ports, event);
    case 'notify':
      return deliverNotify(ports, event);
    case 'create-vat':
      return createVat(ports, event);
    case 'startVat':
      return state.vats.isLive(event.vatID) ? startStaticVat(ports, event) : emptyCrank;
    case 'upgrade-vat':
      return upgradeVat(ports, event);
    case 'restart-vat':
      return processVatRestart(ports, event);
    case 'changeVatOptions':
      return changeVatOptions(ports, event);
    case 'terminate-vat':
      return endVat(state, event);
    case 'suspend-vat':
      return suspendVat(ports, event.vatID, 'adminNode');
    case 'resume-vat':
      return resumeVat(ports, event.vatID, 'adminNode');
    case 'bringOutYourDead':
      return state.vats.isLive(event.vatID) ? deliverBOYD(ports, event.vatID) : emptyCrank;
    case 'dropExports':
    case 'retireExports':
    case 'retireImports':
      return deliverGC(ports, event.type, event.vatID, event.krefs);
    case 'negated-gc-action':
      return emptyCrank;
    case 'cleanup-terminated-vat':
      return cleanupTerminatedVat(ports, event.vatID, event.budget);
    default:
      return event satisfies never;
  }
};

/**
 * Starts a static vat's first incarnation, unless a restart or an upgrade has already started it.
 */
const startStaticVat = async (
  ports: LifecyclePorts,
  event: Extract<RunQueueEvent, { type: 'startVat' }>,
): Promise<CrankOutcome> => {
  const { vatID } = event;
  const service = ports.state.services.get(vatID);
  if (isSuspended(service)) return emptyCrank;
  if (isPaused(service)) {
    ports.state.waiting.append(vatID, event);
    return moved;
  }
  const { startPos, endPos } = ports.kernelStorage.transcriptStore.getCurrentSpanBounds(vatID);
  const { useTranscript } = ports.state.vats.getOptions(vatID);
  if (useTranscript && endPos > startPos) return emptyCrank;
  noteCreation(ports, vatID, false);
  return outcomeOf(vatID, await startIncarnation(ports, vatID));
};
