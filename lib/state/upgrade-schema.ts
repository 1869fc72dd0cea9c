/**
 * Converts the tables of SwingSet's schemas 0 to 2 to the current one, row for row as SwingSet's own
 * `upgradeSwingset` does, so that replicas on either kernel come to the same state.
 *
 * Boundary: works on the rows of a store that has no kernel yet.
 *
 * Invariant: all rows are read and checked before the first is written, so that an error leaves the
 * store as it was.
 */
import { KernelStateError, NotInitializedError, SchemaVersionError } from '../errors.js';
import type { KVStore } from '../store/types.js';
import type { PromiseKRef, VatID } from '../types/ids.js';
import type { DirtThreshold } from '../types/vat-options.js';
import type { RunQueueEvent } from './events.js';
import { RowChanges } from './row-changes.js';
import { globalRows, oldRows, promiseRows, queueRows, vatRows } from './rows.js';
import { storedSchemaVersion } from './schema-version.js';
import { clistKeys, CURRENT_SCHEMA_VERSION, globalKeys, vatKeys } from './schema.js';

/** SwingSet's threshold for stores that had none: without it, the end of a large vat is one BOYD. */
const GC_KREFS_PER_BOYD = 20;

/** Static vats in the order of their names, then the dynamic ones. */
const allVatIDs = (rows: RowChanges): readonly VatID[] => {
  const names = rows.keysWith(vatKeys.byName(''));
  return [
    ...[...names].map(key => vatRows.byName.require(rows, key.slice(vatKeys.byName('').length))),
    ...globalRows.dynamicVatIDs.require(rows),
  ];
};

const toThreshold = (interval: number | 'never'): DirtThreshold => ({
  deliveries: interval,
  gcKrefs: interval === 'never' ? 'never' : GC_KREFS_PER_BOYD,
  computrons: 'never',
});

/** Schema 0 counts deliveries down from the vat's interval. Schema 1 counts dirt up. */
const countDirt = (rows: RowChanges, vatID: VatID, defaultInterval: number | 'never'): void => {
  const interval = oldRows.reapInterval.require(rows, vatID);
  const countdown = oldRows.reapCountdown.require(rows, vatID);
  if ((interval === 'never') !== (countdown === 'never')) {
    throw new KernelStateError(
      `${vatID} has the reapInterval ${interval} and the reapCountdown ${countdown}: both or none must be "never"`,
    );
  }
  const { reapInterval: _old, ...options } = oldRows.options.require(rows, vatID);
  const isNever = interval === 'never' || countdown === 'never';
  const threshold: DirtThreshold = isNever
    ? { never: true }
    : interval === defaultInterval
      ? {}
      : { deliveries: interval };
  const dirt = isNever ? {} : { deliveries: Math.max(interval - countdown, 0) };
  oldRows.reapInterval.delete(rows, vatID);
  oldRows.reapCountdown.delete(rows, vatID);
  vatRows.reapDirt.write(rows, dirt, vatID);
  oldRows.options.write(rows, { ...options, reapDirtThreshold: threshold }, vatID);
};

const fromSchema0 = (rows: RowChanges): void => {
  globalRows.initialized.require(rows);
  globalRows.initialized.delete(rows);
  const interval = oldRows.defaultReapInterval.require(rows);
  oldRows.defaultReapInterval.delete(rows);
  globalRows.defaultReapDirtThreshold.write(rows, toThreshold(interval));
  for (const vatID of allVatIDs(rows)) countDirt(rows, vatID, interval);
};

const fromSchema1 = (rows: RowChanges): void => globalRows.terminatedVats.write(rows, []);

type Notify = Extract<RunQueueEvent, { readonly type: 'notify' }>;

const queuedNotifies = (rows: RowChanges): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const queue of [globalKeys.runQueue, globalKeys.acceptanceQueue]) {
    const [head, tail] = queueRows.bounds.require(rows, queue);
    for (let index = head; index < tail; index += 1) {
      const event = queueRows.item.require(rows, queue, index);
      if (event.type === 'notify') found.add(`${event.vatID} ${event.kpid}`);
    }
  }
  return found;
};

/**
 * Upgrades of vats used to leave settled promises in c-lists, of which the vat would never hear
 * (agoric-sdk issue 9039). A notification clears each: the new incarnation ignores it. The host has
 * them delivered with `injectQueuedUpgradeEvents`.
 */
const fromSchema2 = (rows: RowChanges): void => {
  const terminated = new Set(globalRows.terminatedVats.require(rows));
  const queued = queuedNotifies(rows);
  const missing: Notify[] = [];
  for (const vatID of allVatIDs(rows).filter(each => !terminated.has(each))) {
    const prefix = clistKeys.prefix(vatID);
    for (const key of rows.keysWith(`${prefix}kp`)) {
      const kpid = key.slice(prefix.length) as PromiseKRef;
      const isSettled = promiseRows.state.require(rows, kpid) !== 'unresolved';
      if (isSettled && !queued.has(`${vatID} ${kpid}`))
        missing.push({ type: 'notify', vatID, kpid });
    }
  }
  if (missing.length === 0) return;
  for (const { kpid } of missing) {
    promiseRows.refCount.write(rows, promiseRows.refCount.require(rows, kpid) + 1, kpid);
  }
  const earlier = globalRows.upgradeEvents.read(rows) ?? [];
  globalRows.upgradeEvents.write(rows, [...earlier, ...missing]);
};

/** Each converts its schema to the next. */
const STEPS = [fromSchema0, fromSchema1, fromSchema2] as const;

/**
 * @returns whether anything had to be converted
 * @throws NotInitializedError, SchemaVersionError for a store of newer software; DamagedRowError and
 *   KernelStateError before any write
 */
export const upgradeTables = (kvStore: KVStore): boolean => {
  const version = storedSchemaVersion(kvStore);
  if (version === undefined) throw new NotInitializedError();
  if (version > CURRENT_SCHEMA_VERSION) {
    throw new SchemaVersionError(version, CURRENT_SCHEMA_VERSION);
  }
  if (version === CURRENT_SCHEMA_VERSION) return false;
  const rows = new RowChanges(kvStore);
  for (const step of STEPS.slice(version)) step(rows);
  globalRows.version.write(rows, CURRENT_SCHEMA_VERSION);
  rows.apply();
  return true;
};
