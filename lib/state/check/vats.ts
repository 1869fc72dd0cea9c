/** Checks records of vats and devices: those with rows are listed, and those listed have rows. */
import { errorText } from '../../errors.js';
import type { KernelStorage } from '../../store/types.js';
import { idNumber, isBundleID, isMeterID, isVatID, type VatID } from '../../types/ids.js';
import { bundleKeys, deviceKeys, globalKeys, meterKeys, vatKeys } from '../schema.js';
import { isRecord, parseStored, type Report } from './findings.js';
import type { Inventory, OwnerRows } from './inventory.js';

/** Other stores in which to look things up. */
export type OtherStores = Partial<Pick<KernelStorage, 'bundleStore' | 'transcriptStore'>>;

export interface KnownVats {
  readonly live: ReadonlySet<string>;
  readonly terminated: ReadonlySet<string>;
}

const VAT_FIELDS = [
  'source',
  'options',
  'vatParameters',
  'reapDirt',
  'service',
  'heapSizes',
  'snapshotFailed',
  'gcActions',
  'waitQueue',
  'o.nextID',
  'p.nextID',
  'd.nextID',
];
const DEVICE_FIELDS = ['source', 'options', 'deviceState', 'o.nextID', 'p.nextID', 'd.nextID'];

/** Reads a stored JSON array of strings. Reports anything else. */
export const readList = ({ globals }: Inventory, key: string, report: Report): string[] => {
  const list = parseStored(report, key, globals.get(key) ?? '[]');
  if (Array.isArray(list) && list.every(each => typeof each === 'string')) {
    if (new Set(list).size !== list.length) report('malformed-row', key, 'has a duplicate');
    return list;
  }
  report('malformed-row', key, 'not a list of names');
  return [];
};

const readNames = (
  inventory: Inventory,
  names: ReadonlyMap<string, string>,
  listKey: string,
  keyOf: (name: string) => string,
  report: Report,
): string[] => {
  const listed = readList(inventory, listKey, report);
  for (const name of listed) if (!names.has(name)) report('missing-row', keyOf(name), listKey);
  for (const name of names.keys()) {
    if (!listed.includes(name)) report('left-over', keyOf(name), `not in ${listKey}`);
  }
  return [...names.values()];
};

const checkVat = (
  vatID: VatID,
  rows: OwnerRows | undefined,
  inventory: Inventory,
  { bundleStore, transcriptStore }: OtherStores,
  report: Report,
): void => {
  const read = (field: string, key: string): Readonly<Record<string, unknown>> => {
    const text = rows?.fields.get(field);
    const value = text === undefined ? undefined : parseStored(report, key, text);
    if (isRecord(value)) return value;
    report('vat', key, text === undefined ? 'missing' : 'not a record');
    return {};
  };
  const { bundleID } = read('source', vatKeys.source(vatID));
  const { meterID, workerOptions } = read('options', vatKeys.options(vatID));
  read('reapDirt', vatKeys.reapDirt(vatID));
  const failedAt = rows?.fields.get('snapshotFailed');
  if (failedAt !== undefined && !/^\d+$/.test(failedAt)) {
    report('malformed-row', vatKeys.snapshotFailed(vatID), failedAt);
  }
  const heap = rows?.fields.get('heapSizes');
  if (heap !== undefined) {
    const { first, last } = read('heapSizes', vatKeys.heapSizes(vatID));
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) {
      report('malformed-row', vatKeys.heapSizes(vatID), heap);
    }
  }
  const known = bundlesIn(workerOptions, 'imageBundles');
  for (const id of [bundleID, ...bundlesIn(workerOptions, 'bundleIDs'), ...known]) {
    if (!isBundleID(id)) report('vat', vatKeys.source(vatID), `${String(id)} is not a bundleID`);
  }
  // The vat's own, and those that its image is made from again when it is lost.
  for (const id of [bundleID, ...known]) {
    if (bundleStore && isBundleID(id) && !bundleStore.hasBundle(id)) {
      report('vat', vatKeys.source(vatID), `the bundleStore lacks ${id}`);
    }
  }
  if (meterID !== undefined && !(isMeterID(meterID) && inventory.meters.has(meterID))) {
    report('vat', vatKeys.options(vatID), `its meter ${JSON.stringify(meterID)} does not exist`);
  }
  try {
    transcriptStore?.getCurrentSpanBounds(vatID);
  } catch (error) {
    report('store', vatID, `no transcript: ${errorText(error)}`);
  }
};

const bundlesIn = (
  workerOptions: unknown,
  field: 'bundleIDs' | 'imageBundles',
): readonly unknown[] => {
  const list = isRecord(workerOptions) ? workerOptions[field] : undefined;
  return Array.isArray(list) ? (list as unknown[]) : [];
};

export const checkVats = (inventory: Inventory, stores: OtherStores, report: Report): KnownVats => {
  const { globals, vats, vatNames } = inventory;
  const statics = readNames(inventory, vatNames, globalKeys.vatNames, vatKeys.byName, report);
  const dynamic = readList(inventory, globalKeys.dynamicVatIDs, report);
  const terminated = new Set(readList(inventory, globalKeys.terminatedVats, report));
  const live = new Set([...statics, ...dynamic]);
  if (live.size < statics.length + dynamic.length) {
    report('vat', globalKeys.dynamicVatIDs, 'a vat is listed twice');
  }
  const next = Number(globals.get(globalKeys.nextVatID));
  for (const vatID of [...live, ...terminated]) {
    if (!isVatID(vatID)) report('vat', vatID, 'not a vatID');
    else if (!(idNumber(vatID) < next)) report('vat', vatID, `not below vat.nextID ${next}`);
    if (live.has(vatID) && terminated.has(vatID)) report('vat', vatID, 'live and terminated');
  }
  for (const vatID of live) {
    if (isVatID(vatID)) checkVat(vatID, vats.get(vatID), inventory, stores, report);
  }
  for (const [vatID, { fields }] of vats) {
    if (!live.has(vatID) && !terminated.has(vatID)) {
      report('left-over', vatID, 'rows of a vat that does not exist');
    }
    for (const field of fields.keys()) {
      if (!VAT_FIELDS.includes(field)) report('unknown-row', `${vatID}.${field}`, 'of a vat');
    }
  }
  return { live, terminated };
};

export const checkDevices = (inventory: Inventory, report: Report): void => {
  const { devices, deviceNames } = inventory;
  const listed = new Set(
    readNames(inventory, deviceNames, globalKeys.deviceNames, deviceKeys.byName, report),
  );
  for (const [deviceID, { fields }] of devices) {
    if (!listed.has(deviceID)) report('left-over', deviceID, 'rows of an unknown device');
    for (const field of fields.keys()) {
      if (!DEVICE_FIELDS.includes(field)) report('unknown-row', `${deviceID}.${field}`, 'device');
    }
  }
};

export const checkMeters = ({ meters }: Inventory, report: Report): void => {
  for (const [meterID, rows] of meters) {
    const remaining = rows.get('remaining') ?? '';
    if (!/^(\d+|unlimited)$/.test(remaining)) {
      report('meter', meterKeys.remaining(meterID), remaining);
    }
    const threshold = rows.get('threshold') ?? '';
    if (!/^\d+$/.test(threshold)) report('meter', meterKeys.threshold(meterID), threshold);
  }
};

export const checkNamedBundles = (
  { namedBundles }: Inventory,
  { bundleStore }: OtherStores,
  report: Report,
): void => {
  for (const [name, bundleID] of namedBundles) {
    if (!isBundleID(bundleID) || (bundleStore && !bundleStore.hasBundle(bundleID))) {
      report('store', bundleKeys.byName(name), `the bundleStore lacks ${bundleID}`);
    }
  }
};
