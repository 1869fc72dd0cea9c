/** Checks garbage collection: all that is due is scheduled, and nothing is left over. */
import {
  isDeviceID,
  isVatID,
  ROOT_OBJECT_VREF,
  type ObjectKRef,
  type VatID,
} from '../../types/ids.js';
import { globalKeys, objectKeys, promiseKeys, vatKeys } from '../schema.js';
import { parseStored, type Report } from './findings.js';
import type { Inventory } from './inventory.js';
import { readObjectCount } from './refcounts.js';
import { readList, type KnownVats } from './vats.js';

const ACTION = /^(v\d+) (dropExport|retireExport|retireImport) (ko\d+)$/;

/** The GC actions of a vat out of service are in a row of its own. */
const keyOfActions = ({ vats }: Inventory, vatID: VatID): string =>
  vats.get(vatID)?.fields.has('service') ? vatKeys.gcActions(vatID) : globalKeys.gcActions;

const readAllActions = (inventory: Inventory, report: Report) => {
  const all: { readonly key: string; readonly action: string }[] = readList(
    inventory,
    globalKeys.gcActions,
    report,
  ).map(action => ({
    key: globalKeys.gcActions,
    action,
  }));
  for (const [vatID, { fields }] of inventory.vats) {
    const key = vatKeys.gcActions(vatID);
    const text = fields.get('gcActions');
    if (text === undefined) continue;
    const list = parseStored(report, key, text);
    if (!Array.isArray(list)) report('malformed-row', key, 'not a list');
    else all.push(...list.map(action => ({ key, action: String(action) })));
  }
  return all;
};

export const readActions = (
  inventory: Inventory,
  { live }: KnownVats,
  report: Report,
): ReadonlySet<string> => {
  const actions = readAllActions(inventory, report);
  for (const { key, action } of actions) {
    const [, vatID] = ACTION.exec(action) ?? [];
    if (vatID === undefined) report('gc-action', key, `malformed: ${action}`);
    else if (!live.has(vatID)) report('gc-action', key, `${action}: the vat is not live`);
    else if (key !== keyOfActions(inventory, vatID as VatID)) {
      report('gc-action', key, `${action} belongs in ${keyOfActions(inventory, vatID as VatID)}`);
    }
  }
  for (const vatID of readList(inventory, globalKeys.reapQueue, report)) {
    if (!live.has(vatID)) report('gc-action', globalKeys.reapQueue, `${vatID} is not live`);
  }
  return new Set(actions.map(({ action }) => action));
};

const checkObject = (
  kref: ObjectKRef,
  inventory: Inventory,
  { live }: KnownVats,
  actions: ReadonlySet<string>,
  report: Report,
): void => {
  const rows = inventory.objects.get(kref);
  const owner = rows?.get('owner');
  const count = readObjectCount(rows?.get('refCount'));
  if (!count || count.reachable > 0) return;
  const key = objectKeys.refCount(kref);
  if (owner === undefined) {
    report('left-over', key, 'nobody owns it or can reach it');
    return;
  }
  const entry = inventory.vats.get(owner as VatID)?.byKRef.get(kref);
  if (!live.has(owner) || !entry || entry.vref === ROOT_OBJECT_VREF) return;
  if (entry.reachable && !actions.has(`${owner} dropExport ${kref}`)) {
    report('left-over', key, `nobody can reach it, but ${owner} is not being told`);
  }
  if (count.recognizable === 0 && !actions.has(`${owner} retireExport ${kref}`)) {
    report('left-over', key, `nobody recognizes it, but ${owner} is not being told`);
  }
};

/** What nothing refers to is deleted, or a GC action that leads to its deletion is queued. */
export const checkCollection = (
  inventory: Inventory,
  vats: KnownVats,
  actions: ReadonlySet<string>,
  report: Report,
): void => {
  for (const kref of inventory.objects.keys()) checkObject(kref, inventory, vats, actions, report);
  const toLookAt = readList(inventory, globalKeys.maybeFree, report);
  for (const [kpid, rows] of inventory.promises) {
    if (rows.get('refCount') === '0' && !toLookAt.includes(kpid)) {
      report('left-over', promiseKeys.refCount(kpid), 'nobody refers to it');
    }
  }
  for (const [vatID, { byKRef }] of inventory.vats) {
    if (!vats.live.has(vatID)) continue;
    for (const [kref, { vref, isExport }] of byKRef) {
      const gone = kref.startsWith('ko') && !inventory.objects.has(kref as ObjectKRef);
      if (gone && !isExport && !actions.has(`${vatID} retireImport ${kref}`)) {
        report(
          'left-over',
          `${vatID}.c.${vref}`,
          `${kref} is gone, but ${vatID} is not being told`,
        );
      }
    }
  }
  for (const [kref, rows] of inventory.deviceNodes) {
    const owner = rows.get('owner');
    if (!isDeviceID(owner) || !inventory.devices.has(owner)) {
      report('device', objectKeys.owner(kref), `no such device: ${owner}`);
    }
  }
};

/** Checks a kernel without work. What waits for suspended and paused vats may stay. */
export const checkQuiescence = (
  inventory: Inventory,
  { terminated }: KnownVats,
  report: Report,
) => {
  const waits = (vatID: string): boolean =>
    isVatID(vatID) && (inventory.vats.get(vatID)?.fields.has('service') ?? false);
  for (const [name, items] of inventory.queues) {
    if (items.size > 0) report('left-over', name, `${items.size} events are queued`);
  }
  for (const action of readList(inventory, globalKeys.gcActions, () => undefined)) {
    report('left-over', globalKeys.gcActions, action);
  }
  for (const vatID of readList(inventory, globalKeys.reapQueue, () => undefined)) {
    if (!waits(vatID)) report('left-over', globalKeys.reapQueue, vatID);
  }
  for (const vatID of terminated) {
    report('left-over', globalKeys.terminatedVats, `${vatID} is not cleaned up`);
  }
};
