/**
 * Gauges of the kernel's state. They are read when the host's SDK asks, never in between, and only
 * read.
 */
import type { Meter, Observable } from '@opentelemetry/api';
import type { KernelStatus, SuspensionStatus } from '../kernel/facets/dump.js';
import type { VatLabels } from './vat-labels.js';

/** What the gauges are read from: a controller, or a store. */
export interface ObservedKernel {
  getStats(): Readonly<Record<string, number>>;
  getStatus(): KernelStatus;
  /** Terminated vats whose rows are still to be deleted, for a source that can count them. */
  countTerminated?(): number;
}

type VatState = 'running' | 'paused' | 'sleeping' | 'suspended';

const STATES: readonly VatState[] = ['running', 'paused', 'sleeping', 'suspended'];

const stateOf = (service: SuspensionStatus | undefined): VatState => {
  if (!service) return 'running';
  if (!service.suspended) return 'paused';
  return service.paused ? 'suspended' : 'sleeping';
};

/** Gauges of `getStats`, under the names that cosmic-swingset gives them. */
const STATS = [
  ['kernelObjects', 'swingset_kernel_objects', 'Objects in the kernel.'],
  ['kernelDevices', 'swingset_kernel_devices', 'Device nodes in the kernel.'],
  ['kernelPromises', 'swingset_kernel_promises', 'Promises in the kernel.'],
  ['kpUnresolved', 'swingset_unresolved_kernel_promises', 'Promises that are unresolved.'],
  ['clistEntries', 'swingset_clist_entries', 'Entries of all c-lists.'],
  ['promiseQueuesLength', 'swingset_promise_queues_length', 'Messages to unresolved promises.'],
] as const;

interface OutOfService {
  readonly vat: string;
  readonly state: VatState;
}

type WaitingEvents = Map<string, readonly [OutOfService, number]>;

/**
 * Sums waiting events by vat and state; those of vats without a label of their own add up. Labels of
 * an earlier reading fall to 0: an SDK goes on with the last value of labels that are not observed.
 */
const sumWaiting = (
  { activeVats }: KernelStatus,
  labelOf: VatLabels,
  earlier: WaitingEvents,
): WaitingEvents => {
  const sums: WaitingEvents = new Map();
  for (const [key, [labels]] of earlier) sums.set(key, [labels, 0]);
  for (const { id, suspended } of activeVats) {
    if (!suspended) continue;
    const labels = { vat: labelOf(id), state: stateOf(suspended) };
    const key = `${labels.state} ${labels.vat}`;
    sums.set(key, [labels, (sums.get(key)?.[1] ?? 0) + suspended.waiting]);
  }
  return sums;
};

const makeGauges = (meter: Meter) => {
  const gauge = (name: string, description: string) =>
    meter.createObservableGauge(name, { description });
  return {
    vats: gauge('swingset_vats', 'Vats by state.'),
    waiting: gauge('swingset_vat_events_waiting', 'Events that wait for a vat out of service.'),
    queue: gauge('swingset_run_queue_length', "Events in the kernel's queues."),
    rolling: gauge('swingset_rolling_vats_left', 'Vats that a rolling restart has yet to start.'),
    stats: STATS.map(([key, name, description]) => [key, gauge(name, description)] as const),
  };
};

/** @returns a function that ends the readings; the SDK keeps the last values */
export const observeKernel = (
  meter: Meter,
  kernel: ObservedKernel,
  labelOf: VatLabels,
): (() => void) => {
  const to = makeGauges(meter);
  const observed: Observable[] = [to.vats, to.waiting, to.queue, to.rolling];
  observed.push(...to.stats.map(([, gauge]) => gauge));
  let waiting: WaitingEvents = new Map();
  const callback: Parameters<Meter['addBatchObservableCallback']>[0] = result => {
    const status = kernel.getStatus();
    const states = status.activeVats.map(({ suspended }) => stateOf(suspended));
    for (const state of STATES) {
      result.observe(to.vats, states.filter(each => each === state).length, { state });
    }
    if (kernel.countTerminated) {
      result.observe(to.vats, kernel.countTerminated(), { state: 'terminated' });
    }
    waiting = sumWaiting(status, labelOf, waiting);
    for (const [labels, count] of waiting.values()) {
      result.observe(to.waiting, count, { ...labels });
    }
    result.observe(to.rolling, status.rolling?.sleeping ?? 0);
    const stats = kernel.getStats();
    const { runQueueLength = 0, acceptanceQueueLength = 0 } = stats;
    result.observe(to.queue, runQueueLength + acceptanceQueueLength);
    for (const [key, gauge] of to.stats) result.observe(gauge, stats[key] ?? 0);
  };
  meter.addBatchObservableCallback(callback, observed);
  return () => meter.removeBatchObservableCallback(callback, observed);
};
