/** Finds promises that only refer to each other. Their counts are consistent all the same. */
import { isPromiseKRef, type KRef, type PromiseKRef } from '../../types/ids.js';
import { globalKeys, promiseKeys, refListCodec, vatKeys } from '../schema.js';
import { referencesIn, type StoredQueues } from './events.js';
import { parseStored, type Report } from './findings.js';
import { clistOwners, type Inventory } from './inventory.js';
import type { CountedReferences, HostReferences } from './refcounts.js';
import { readList } from './vats.js';

const ignore = () => undefined;

/** All holders of promises other than promises: vats, devices, events, vatParameters, the host. */
const findRoots = (
  inventory: Inventory,
  { events }: StoredQueues,
  counts: ReadonlyMap<KRef, CountedReferences>,
  hostHeld: HostReferences,
): Set<KRef> => {
  const roots = new Set<KRef>(readList(inventory, globalKeys.maybeFree, ignore) as KRef[]);
  const add = (krefs: Iterable<KRef>) => {
    for (const kref of krefs) roots.add(kref);
  };
  for (const [, { byKRef }] of clistOwners(inventory)) add(byKRef.keys());
  for (const { event } of events) add(referencesIn(event));
  for (const [vatID, { fields }] of inventory.vats) {
    const text = fields.get('vatParameters');
    if (text !== undefined) add(referencesIn(parseStored(ignore, vatKeys.parameters(vatID), text)));
  }
  for (const [kpid, rows] of inventory.promises) {
    const isHeld =
      hostHeld === 'unknown'
        ? // The host may hold what nothing in the tables accounts for.
          Number(rows.get('refCount')) > (counts.get(kpid)?.recognizable ?? 0)
        : hostHeld.has(kpid);
    if (isHeld || rows.has('hostInterest')) roots.add(kpid);
  }
  return roots;
};

/** What each promise holds: the slots of its resolution, or of the messages queued to it. */
const findHoldings = ({ promises }: Inventory, { messages }: StoredQueues) => {
  const holdings = new Map<KRef, KRef[]>(
    [...promises].map(([kpid, rows]) => [kpid, refListCodec.decode(rows.get('data.slots') ?? '')]),
  );
  for (const { key, event } of messages) {
    holdings.get(key.slice(0, key.indexOf('.')) as PromiseKRef)?.push(...referencesIn(event));
  }
  return holdings;
};

export const checkReachability = (
  inventory: Inventory,
  queues: StoredQueues,
  counts: ReadonlyMap<KRef, CountedReferences>,
  hostHeld: HostReferences,
  report: Report,
): void => {
  const holdings = findHoldings(inventory, queues);
  const reached = findRoots(inventory, queues, counts, hostHeld);
  // A Set visits elements that are added during the iteration.
  for (const kref of reached) {
    for (const held of holdings.get(kref) ?? []) if (isPromiseKRef(held)) reached.add(held);
  }
  for (const [kpid, rows] of inventory.promises) {
    if (rows.get('refCount') !== '0' && !reached.has(kpid)) {
      report(
        'left-over',
        promiseKeys.refCount(kpid),
        'only promises that nobody holds refer to it',
      );
    }
  }
};
