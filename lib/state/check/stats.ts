/** Gauges of the kernel's statistics against what they gauge. */
import { globalKeys } from '../schema.js';
import type { StoredQueues } from './events.js';
import { isRecord, parseStored, type Report } from './findings.js';
import type { Inventory } from './inventory.js';
import type { KnownVats } from './vats.js';

export const checkStats = (
  inventory: Inventory,
  { messages }: StoredQueues,
  { live }: KnownVats,
  report: Report,
): void => {
  const { globals, queues, vats, objects, deviceNodes, promises } = inventory;
  const sizeOf = (queue: string) => queues.get(queue)?.size ?? 0;
  const inState = (state: string) =>
    [...promises.values()].filter(rows => rows.get('state') === state).length;
  // SwingSet does not count entries of devices.
  const entries = [...vats.values()].reduce((sum, { byKRef }) => sum + byKRef.size, 0);
  const check = (key: string, expected: Readonly<Record<string, number>>) => {
    const stats = parseStored(report, key, globals.get(key) ?? '{}');
    if (!isRecord(stats)) {
      report('stats', key, 'not a record');
      return;
    }
    for (const [name, value] of Object.entries(expected)) {
      if (stats[name] !== undefined && stats[name] !== value) {
        report('stats', key, `${name} is ${JSON.stringify(stats[name])}, counted ${value}`);
      }
    }
  };
  check(globalKeys.kernelStats, {
    runQueueLength: sizeOf(globalKeys.runQueue),
    acceptanceQueueLength: sizeOf(globalKeys.acceptanceQueue),
    promiseQueuesLength: messages.length,
  });
  check(globalKeys.localKernelStats, {
    kernelObjects: objects.size,
    kernelDevices: deviceNodes.size,
    kernelPromises: promises.size,
    kpUnresolved: inState('unresolved'),
    kpFulfilled: inState('fulfilled'),
    kpRejected: inState('rejected'),
    clistEntries: entries,
    vats: live.size,
  });
};
