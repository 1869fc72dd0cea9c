/**
 * Derives values from other rows: a reference count, the missing row of a c-list entry, a gauge of
 * the statistics. Used to repair what `checkKernelState` finds.
 *
 * Boundary: only reads, between cranks.
 */
import { isKRef, isObjectKRef, isPromiseKRef, type KRef } from '../types/ids.js';
import type { CheckedStorage } from './check-kernel-state.js';
import { readQueues, type StoredQueues } from './check/events.js';
import { isRecord, parseStored, type Report, type StateFinding } from './check/findings.js';
import { clistOwners, readInventory, type Inventory } from './check/inventory.js';
import { countReferences, readObjectCount, type CountedReferences } from './check/refcounts.js';
import { countGauges } from './check/stats.js';
import { readList } from './check/vats.js';
import { clistKeys, globalKeys } from './schema.js';

export interface DerivedValue {
  readonly key: string;
  readonly value: string;
}

type Counts = ReadonlyMap<KRef, CountedReferences>;

interface Tables {
  readonly inventory: Inventory;
  readonly queues: StoredQueues;
  readonly counts: Counts;
}

/** Discards findings, because the caller already has them. */
const ignore: Report = () => undefined;

const NONE: CountedReferences = { reachable: 0, recognizable: 0 };

const countFor = (kref: KRef, { counts }: Tables): string => {
  const { reachable, recognizable } = counts.get(kref) ?? NONE;
  return isPromiseKRef(kref) ? `${recognizable}` : `${reachable},${recognizable}`;
};

/**
 * The flag of an import whose row by kref is missing: it follows from how far the object's count
 * exceeds the recount. The flag of an export can't be derived.
 */
const flagOf = (kref: KRef, vref: string, { inventory, counts }: Tables): string | undefined => {
  if (isPromiseKRef(kref)) return 'R';
  if (!isObjectKRef(kref) || !vref.startsWith('o-')) return undefined;
  const stored = readObjectCount(inventory.objects.get(kref)?.get('refCount'));
  const counted = counts.get(kref) ?? NONE;
  if (stored?.recognizable !== counted.recognizable + 1) return undefined;
  if (stored.reachable === counted.reachable + 1) return 'R';
  return stored.reachable === counted.reachable ? '_' : undefined;
};

/** The missing row of a c-list entry, from the key of the other one. */
const missingClistRow = (key: string, tables: Tables): DerivedValue | undefined => {
  const [owner = '', ref = ''] = key.split('.c.');
  const [id, rows] = clistOwners(tables.inventory).find(([each]) => each === owner) ?? [];
  if (id === undefined || rows === undefined) return undefined;
  const vref = rows.byKRef.get(ref as KRef)?.vref;
  if (vref !== undefined) {
    return rows.byVRef.has(vref) ? undefined : { key: clistKeys.entry(id, vref), value: ref };
  }
  const kref = [...rows.byVRef].find(([each]) => each === ref)?.[1];
  if (!isKRef(kref) || rows.byKRef.has(kref)) return undefined;
  const flag = id.startsWith('d') ? '' : flagOf(kref, ref, tables);
  if (flag === undefined) return undefined;
  return { key: clistKeys.entry(id, kref), value: flag === '' ? ref : `${flag} ${ref}` };
};

const statsFor = (key: string, text: string | undefined, tables: Tables) => {
  const stats = parseStored(ignore, key, text ?? '');
  if (!isRecord(stats)) return undefined;
  const { inventory, queues } = tables;
  const live = [globalKeys.vatNames, globalKeys.dynamicVatIDs].flatMap(list =>
    readList(inventory, list, ignore),
  );
  const gauges = countGauges(inventory, queues, live.length)[key] ?? {};
  const counted = Object.entries(gauges).filter(([name]) => name in stats);
  return { key, value: JSON.stringify({ ...stats, ...Object.fromEntries(counted) }) };
};

/**
 * The function returns the row that repairs a finding of `checkKernelState`, or undefined if it
 * can't be derived. Counts are derived from the c-lists, so repair those first.
 */
export const makeDerivation = (
  storage: CheckedStorage,
): ((finding: Pick<StateFinding, 'kind' | 'key'>) => DerivedValue | undefined) => {
  let tables: Tables | undefined;
  const readTables = (): Tables => {
    const inventory = readInventory(storage.kvStore, ignore);
    const queues = readQueues(inventory, ignore);
    return { inventory, queues, counts: countReferences(inventory, queues, ignore) };
  };
  return ({ kind, key }) => {
    tables ??= readTables();
    const counted = /^(k[op][0-9]+)\.refCount$/.exec(key)?.[1];
    if (counted !== undefined) return { key, value: countFor(counted as KRef, tables) };
    if (kind === 'clist') return missingClistRow(key, tables);
    if (kind === 'stats') return statsFor(key, storage.kvStore.get(key), tables);
    return undefined;
  };
};
