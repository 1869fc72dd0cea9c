/** Compares the gauges of the kernel's statistics with a recount. */
import { globalKeys } from '../schema.js';
import type { StoredQueues } from './events.js';
import { isRecord, parseStored, type Report } from './findings.js';
import type { Inventory } from './inventory.js';
import type { KnownVats } from './vats.js';

/** The correct values of the gauges, by the key of their row. */
export const countGauges = (
  { queues, vats, objects, deviceNodes, promises }: Inventory,
  { messages }: StoredQueues,
  liveVats: number,
): Readonly<Record<string, Readonly<Record<string, number>>>> => {
  const sizeOf = (queue: string) => queues.get(queue)?.size ?? 0;
  const inState = (state: string) =>
    [...promises.values()].filter(rows => rows.get('state') === state).length;
  return {
    [globalKeys.kernelStats]: {
      runQueueLength: sizeOf(globalKeys.runQueue),
      acceptanceQueueLength: sizeOf(globalKeys.acceptanceQueue),
      promiseQueuesLength: messages.length,
    },
    [globalKeys.localKernelStats]: {
      kernelObjects: objects.size,
      kernelDevices: deviceNodes.size,
      kernelPromises: promises.size,
      kpUnresolved: inState('unresolved'),
      kpFulfilled: inState('fulfilled'),
      kpRejected: inState('rejected'),
      // SwingSet does not count entries of devices.
      clistEntries: [...vats.values()].reduce((sum, { byKRef }) => sum + byKRef.size, 0),
      vats: liveVats,
    },
  };
};

export const checkStats = (
  inventory: Inventory,
  stored: StoredQueues,
  { live }: KnownVats,
  report: Report,
): void => {
  for (const [key, expected] of Object.entries(countGauges(inventory, stored, live.size))) {
    const severity = key === globalKeys.localKernelStats ? 'local' : 'error';
    const stats = parseStored(report, key, inventory.globals.get(key) ?? '{}');
    if (!isRecord(stats)) {
      report('stats', key, 'not a record');
      continue;
    }
    for (const [name, value] of Object.entries(expected)) {
      if (stats[name] !== undefined && stats[name] !== value) {
        const problem = `${name} is ${JSON.stringify(stats[name])}, counted ${value}`;
        report('stats', key, problem, severity);
      }
    }
  }
};
