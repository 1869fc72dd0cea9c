/** Compares stored reference counts with a recount. Source: SwingSet `garbage-collection.md`. */
import {
  isDeviceKRef,
  isObjectKRef,
  isPromiseKRef,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
} from '../../types/ids.js';
import { globalKeys, objectKeys, promiseKeys, refListCodec, vatKeys } from '../schema.js';
import { referencesIn, type StoredQueues } from './events.js';
import { parseStored, type Report } from './findings.js';
import { clistOwners, type Inventory } from './inventory.js';

export interface CountedReferences {
  reachable: number;
  recognizable: number;
}

/** References that the host holds and the store does not record. */
export type HostReferences = ReadonlyMap<string, number> | 'unknown';

/** Counts the references in all tables. */
export const countReferences = (
  inventory: Inventory,
  queues: StoredQueues,
  report: Report,
): Map<KRef, CountedReferences> => {
  const counts = new Map<KRef, CountedReferences>();
  const count = (kref: KRef, reachable: number, recognizable = 1) => {
    const found = counts.get(kref) ?? { reachable: 0, recognizable: 0 };
    counts.set(kref, {
      reachable: found.reachable + reachable,
      recognizable: found.recognizable + recognizable,
    });
  };
  for (const [, { byKRef }] of clistOwners(inventory)) {
    for (const [kref, { isExport, reachable }] of byKRef) {
      if (isPromiseKRef(kref)) count(kref, 1);
      else if (!isExport) count(kref, reachable ? 1 : 0);
    }
  }
  for (const { event } of [...queues.events, ...queues.messages]) {
    for (const kref of referencesIn(event)) count(kref, 1);
  }
  // A message queued to a promise holds that promise, as it did in the queue that it came from.
  for (const { key } of queues.messages) count(key.slice(0, key.indexOf('.')) as KRef, 1);
  for (const [kpid, rows] of inventory.promises) {
    const held = readHostInterest(kpid, rows, report);
    if (held > 0) count(kpid, held, held);
    for (const kref of refListCodec.decode<KRef>(rows.get('data.slots') ?? '')) count(kref, 1);
  }
  for (const kref of pinnedIn(inventory)) count(kref, 1);
  for (const [vatID, { fields }] of inventory.vats) {
    const text = fields.get('vatParameters');
    if (text === undefined) continue;
    for (const kref of referencesIn(parseStored(report, vatKeys.parameters(vatID), text))) {
      count(kref, 1);
    }
  }
  return counts;
};

const readHostInterest = (
  kpid: PromiseKRef,
  rows: ReadonlyMap<string, string>,
  report: Report,
): number => {
  const text = rows.get('hostInterest') ?? '0';
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  report('malformed-row', promiseKeys.hostInterest(kpid), `not a count: ${text}`);
  return 0;
};

const pinnedIn = ({ globals }: Inventory): ObjectKRef[] =>
  refListCodec.decode<ObjectKRef>(globals.get(globalKeys.pinnedObjects) ?? '');

export const readObjectCount = (text: string | undefined): CountedReferences | undefined => {
  const found = /^(\d+),(\d+)$/.exec(text ?? '');
  return found ? { reachable: Number(found[1]), recognizable: Number(found[2]) } : undefined;
};

/**
 * Compares the stored counts with the recount. A host may hold what promises resolved to and, in
 * SwingSet's stores, promises. `hostHeld` says how many references it holds to each; with
 * `unknown`, a higher count is reported as `held`.
 */
export const checkRefCounts = (
  { objects, deviceNodes, promises }: Inventory,
  counts: ReadonlyMap<KRef, CountedReferences>,
  hostHeld: HostReferences,
  report: Report,
): void => {
  const none = { reachable: 0, recognizable: 0 };
  const byHost = (kref: KRef) => (hostHeld === 'unknown' ? 0 : (hostHeld.get(kref) ?? 0));
  const compare = (key: string, stored: readonly number[], expected: readonly number[]) => {
    if (stored.join() === expected.join()) return;
    const isMore = stored.every((count, index) => count >= (expected[index] ?? 0));
    const severity = hostHeld === 'unknown' && isMore ? 'held' : 'error';
    report('refcount', key, `is ${stored.join()}, counted ${expected.join()}`, severity);
  };

  for (const [kref, rows] of objects) {
    const key = objectKeys.refCount(kref);
    const stored = readObjectCount(rows.get('refCount'));
    if (!stored) {
      report('malformed-row', key, `not a count: ${rows.get('refCount')}`);
      continue;
    }
    const { reachable, recognizable } = counts.get(kref) ?? none;
    const held = byHost(kref);
    if (stored.reachable > stored.recognizable) {
      report('refcount', key, `${rows.get('refCount')}: more reachable than recognizable`);
    }
    compare(key, [stored.reachable, stored.recognizable], [reachable + held, recognizable + held]);
  }
  for (const [kpid, rows] of promises) {
    const key = promiseKeys.refCount(kpid);
    const stored = Number(rows.get('refCount') ?? 'none');
    if (!Number.isSafeInteger(stored)) report('malformed-row', key, rows.get('refCount') ?? 'none');
    else compare(key, [stored], [(counts.get(kpid)?.recognizable ?? 0) + byHost(kpid)]);
  }
  for (const kref of counts.keys()) {
    const exists =
      (isObjectKRef(kref) && objects.has(kref)) ||
      (isPromiseKRef(kref) && promises.has(kref)) ||
      (isDeviceKRef(kref) && deviceNodes.has(kref));
    if (!exists && !isRetired(kref, counts)) {
      report('missing-row', kref, 'is referred to but does not exist');
    }
  }
};

/** Its exporter retired the object. Importers that only recognize it will be told. */
const isRetired = (kref: KRef, counts: ReadonlyMap<KRef, CountedReferences>): boolean =>
  isObjectKRef(kref) && counts.get(kref)?.reachable === 0;
