/**
 * Reads every row of the kernel's part of the kvStore in one pass and sorts the rows into tables.
 *
 * Deliberately does not use the kernel's own tables, so that a bug in those can't hide itself. It
 * shares only the spelling of keys and the codecs: what the kernel would refuse to read is
 * reported.
 */
import type { KVStore } from '../../store/types.js';
import {
  parseVRef,
  type ClistOwner,
  type DeviceID,
  type KRef,
  type MeterID,
  type ObjectKRef,
  type DeviceKRef,
  type PromiseKRef,
  type VatID,
  type VRef,
} from '../../types/ids.js';
import { codecOfKey } from '../row-of-key.js';
import { bundleKeys, globalKeys } from '../schema.js';
import { quoteValue } from '../../errors.js';
import type { Report } from './findings.js';

/** A c-list entry by kref. */
export interface ClistRow {
  readonly vref: VRef;
  readonly reachable: boolean;
  readonly isExport: boolean;
}

export interface OwnerRows {
  readonly byKRef: Map<KRef, ClistRow>;
  readonly byVRef: Map<VRef, string>;
  /** The owner's other rows: `options`, `o.nextID`, …, but not vatstore and queue items. */
  readonly fields: Map<string, string>;
  readonly waiting: Map<number, string>;
  vatstoreRows: boolean;
}

export interface Inventory {
  readonly globals: ReadonlyMap<string, string>;
  readonly queues: ReadonlyMap<string, ReadonlyMap<number, string>>;
  readonly vatNames: ReadonlyMap<string, string>;
  readonly deviceNames: ReadonlyMap<string, string>;
  readonly namedBundles: ReadonlyMap<string, string>;
  readonly vats: ReadonlyMap<VatID, OwnerRows>;
  readonly devices: ReadonlyMap<DeviceID, OwnerRows>;
  readonly objects: ReadonlyMap<ObjectKRef, ReadonlyMap<string, string>>;
  readonly deviceNodes: ReadonlyMap<DeviceKRef, ReadonlyMap<string, string>>;
  readonly promises: ReadonlyMap<PromiseKRef, ReadonlyMap<string, string>>;
  readonly meters: ReadonlyMap<MeterID, ReadonlyMap<string, string>>;
}

const QUEUES: readonly string[] = [globalKeys.runQueue, globalKeys.acceptanceQueue];
const GLOBALS = new Set<string>(Object.values(globalKeys));
/** Rows of the store, the host or this machine in the same table. */
const isForeign = (key: string): boolean => /^(host\.|local\.|activityhash$)/.test(key);
/** Sorts after every key that starts with the prefix. */
const beyond = (prefix: string): string => `${prefix}\u{10ffff}`;

const getOrAdd = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
};

const emptyOwner = (): OwnerRows => ({
  byKRef: new Map(),
  byVRef: new Map(),
  fields: new Map(),
  waiting: new Map(),
  vatstoreRows: false,
});

const readClistRow = (report: Report, key: string, ref: string, text: string, rows: OwnerRows) => {
  const { byKRef, byVRef } = rows;
  if (!/^k[opd]\d+$/.test(ref)) {
    byVRef.set(ref as VRef, text);
    return;
  }
  const isDevice = key.startsWith('d');
  const found = isDevice ? ['', 'R', text] : /^([R_]) (\S+)$/.exec(text);
  try {
    const { vref, allocatedByVat } = parseVRef(found?.[2]);
    byKRef.set(ref as KRef, { vref, reachable: found?.[1] === 'R', isExport: allocatedByVat });
  } catch {
    report('malformed-row', key, `not a c-list entry: ${text}`);
  }
};

export const readInventory = (
  kvStore: Pick<KVStore, 'get' | 'getNextKey'>,
  report: Report,
): Inventory => {
  const globals = new Map<string, string>();
  const queues = new Map<string, Map<number, string>>(QUEUES.map(name => [name, new Map()]));
  const named = {
    'vat.name.': new Map<string, string>(),
    'device.name.': new Map<string, string>(),
    [bundleKeys.namePrefix]: new Map<string, string>(),
  };
  const owners = { v: new Map<string, OwnerRows>(), d: new Map<string, OwnerRows>() };
  const things = {
    ko: new Map<string, Map<string, string>>(),
    kd: new Map<string, Map<string, string>>(),
    kp: new Map<string, Map<string, string>>(),
    m: new Map<string, Map<string, string>>(),
  };

  const readOwned = (owner: string, field: string, key: string, text: string) => {
    const rows = getOrAdd(owners[owner[0] as 'v' | 'd'], owner, emptyOwner);
    const waiting = /^waitQueue\.(\d+)$/.exec(field);
    if (field.startsWith('c.')) readClistRow(report, key, field.slice(2), text, rows);
    else if (waiting) rows.waiting.set(Number(waiting[1]), text);
    else rows.fields.set(field, text);
  };

  const readRow = (key: string, text: string) => {
    const codec = codecOfKey(key);
    if (codec && codec.decode(text) === undefined) {
      report('malformed-row', key, `expected ${codec.what}, got ${quoteValue(text)}`);
    }
    if (GLOBALS.has(key)) return globals.set(key, text);
    if (isForeign(key)) return undefined;
    const item = /^(runQueue|acceptanceQueue)\.(\d+)$/.exec(key);
    if (item) return queues.get(item[1] as string)?.set(Number(item[2]), text);
    for (const [prefix, map] of Object.entries(named)) {
      if (key.startsWith(prefix)) return map.set(key.slice(prefix.length), text);
    }
    const owned = /^([vd]\d+)\.(.+)$/.exec(key);
    if (owned) return readOwned(owned[1] as string, owned[2] as string, key, text);
    const thing = /^((ko|kd|kp|m)\d+)\.(.+)$/.exec(key);
    if (thing) {
      const table = things[thing[2] as keyof typeof things];
      const rows = getOrAdd(table, thing[1] as string, () => new Map<string, string>());
      return rows.set(thing[3] as string, text);
    }
    return report('unknown-row', key, 'the kernel has no rows with such a key');
  };

  for (let key = kvStore.getNextKey(''); key !== undefined; key = kvStore.getNextKey(key)) {
    const vatstore = /^([vd]\d+)\.vs\./.exec(key);
    if (vatstore) {
      // Skips the vatstore: it is the vat's own, and most of the store.
      const owner = vatstore[1] as string;
      getOrAdd(owners[owner[0] as 'v' | 'd'], owner, emptyOwner).vatstoreRows = true;
      key = beyond(`${owner}.vs.`);
    } else {
      readRow(key, kvStore.get(key) ?? '');
    }
  }
  return {
    globals,
    queues,
    vatNames: named['vat.name.'],
    deviceNames: named['device.name.'],
    namedBundles: named[bundleKeys.namePrefix],
    vats: owners.v as Map<VatID, OwnerRows>,
    devices: owners.d as Map<DeviceID, OwnerRows>,
    objects: things.ko as Map<ObjectKRef, Map<string, string>>,
    deviceNodes: things.kd as Map<DeviceKRef, Map<string, string>>,
    promises: things.kp as Map<PromiseKRef, Map<string, string>>,
    meters: things.m as Map<MeterID, Map<string, string>>,
  };
};

/** The owners of c-lists: vats and devices. */
export const clistOwners = ({ vats, devices }: Inventory): [ClistOwner, OwnerRows][] => [
  ...vats,
  ...devices,
];
