/** Checks c-lists: two rows per entry, IDs below their counters, owners that export. */
import {
  isObjectKRef,
  isPromiseKRef,
  isVatID,
  ROOT_OBJECT_VREF,
  type ClistOwner,
  type KRef,
} from '../../types/ids.js';
import { clistKeys, objectKeys } from '../schema.js';
import type { Report } from './findings.js';
import { clistOwners, type ClistRow, type Inventory, type OwnerRows } from './inventory.js';
import type { KnownVats } from './vats.js';

const letterOf = (kref: KRef): 'o' | 'p' | 'd' =>
  isObjectKRef(kref) ? 'o' : isPromiseKRef(kref) ? 'p' : 'd';

const checkSymmetry = (owner: ClistOwner, { byKRef, byVRef }: OwnerRows, report: Report): void => {
  for (const [kref, { vref }] of byKRef) {
    const back = byVRef.get(vref);
    if (back !== kref) {
      report('clist', clistKeys.entry(owner, kref), `is ${vref}, which is ${back ?? 'missing'}`);
    }
    if (vref[0] !== letterOf(kref)) {
      report('clist', clistKeys.entry(owner, kref), `is ${vref}, which has another type`);
    }
  }
  for (const [vref, kref] of byVRef) {
    const back = byKRef.get(kref as KRef)?.vref;
    if (back !== vref) {
      report('clist', clistKeys.entry(owner, vref), `is ${kref}, which is ${back ?? 'missing'}`);
    }
  }
};

/** IDs that the kernel allocated are below the counter that they came from. */
const checkAllocation = (owner: ClistOwner, { byVRef, fields }: OwnerRows, report: Report) => {
  for (const vref of byVRef.keys()) {
    const found = /^([opd])-(\d+)$/.exec(vref);
    if (!found) continue;
    const letter = found[1] as 'o' | 'p' | 'd';
    const next = Number(fields.get(`${letter}.nextID`));
    if (!(Number(found[2]) < next)) {
      const key = clistKeys.entry(owner, vref);
      report('clist', key, `not below ${clistKeys.nextID(owner, letter)}, which is ${next}`);
    }
  }
};

const checkEntry = (
  owner: ClistOwner,
  kref: KRef,
  { vref, isExport, reachable }: ClistRow,
  { objects, deviceNodes, promises }: Inventory,
  report: Report,
): void => {
  const key = clistKeys.entry(owner, kref);
  if (isPromiseKRef(kref)) {
    if (!promises.has(kref)) report('clist', key, 'the promise does not exist');
    if (!reachable) report('clist', key, 'a promise can not be unreachable');
    return;
  }
  const rows = isObjectKRef(kref) ? objects.get(kref) : deviceNodes.get(kref);
  if (isExport) {
    if (rows?.get('owner') !== owner) {
      report('clist', key, `exported as ${vref}, but owned by ${rows?.get('owner') ?? 'nobody'}`);
    }
    if (isVatID(owner) !== isObjectKRef(kref)) {
      report('clist', key, 'vats export objects, devices export device nodes');
    }
  } else if (rows?.get('owner') === owner) {
    report('clist', key, `imported as ${vref} by its own exporter`);
  } else if (reachable && !rows) {
    report('clist', key, 'reachable, but does not exist');
  }
};

const checkOwners = ({ objects, deviceNodes, vats, devices }: Inventory, report: Report): void => {
  for (const [kref, rows] of [...objects, ...deviceNodes]) {
    const owner = rows.get('owner');
    if (owner === undefined) continue;
    const table = isObjectKRef(kref) ? vats : devices;
    const entry = (table as ReadonlyMap<string, OwnerRows>).get(owner)?.byKRef.get(kref);
    if (!entry?.isExport) {
      report('object', objectKeys.owner(kref), `${owner} does not export it`);
    }
  }
};

/** SwingSet collects the roots of its vats, and its records have no limits. */
const isOfSwingSet = ({ fields }: OwnerRows): boolean =>
  !(fields.get('options') ?? '{}').includes('"limits":');

/** A live vat keeps its root, even if nothing refers to it. */
const checkRoots = ({ vats }: Inventory, { live }: KnownVats, report: Report): void => {
  for (const [vatID, rows] of vats) {
    if (!live.has(vatID) || isOfSwingSet(rows)) continue;
    const kref = rows.byVRef.get(ROOT_OBJECT_VREF) as KRef | undefined;
    const isThere = kref !== undefined && (rows.byKRef.get(kref)?.reachable ?? true);
    const key = clistKeys.entry(vatID, kref ?? ROOT_OBJECT_VREF);
    if (!isThere) report('object', key, 'the root of a live vat is missing');
  }
};

export const checkClists = (inventory: Inventory, vats: KnownVats, report: Report): void => {
  for (const [owner, rows] of clistOwners(inventory)) {
    checkSymmetry(owner, rows, report);
    checkAllocation(owner, rows, report);
    for (const [kref, entry] of rows.byKRef) checkEntry(owner, kref, entry, inventory, report);
  }
  checkOwners(inventory, report);
  checkRoots(inventory, vats, report);
};
