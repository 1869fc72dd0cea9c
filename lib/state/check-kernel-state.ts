/**
 * Reads all of the kernel's tables between two cranks and reports contradictions: one-sided c-list
 * entries, counts that differ from what is counted, promises that nobody can resolve, queues with
 * gaps, rows of vats that do not exist, garbage that nobody will collect.
 *
 * Boundary: reads a kvStore of this kernel or of SwingSet (schema version 3) and needs no kernel.
 * It shares only the spelling of keys and the codecs of rows with the tables.
 */
import type { KernelStorage, KVStore } from '../store/types.js';
import { checkClists } from './check/clists.js';
import { checkCollection, checkQuiescence, readActions } from './check/collection.js';
import { readQueues } from './check/events.js';
import type { Report, StateFinding } from './check/findings.js';
import { readInventory } from './check/inventory.js';
import { checkPromises } from './check/promises.js';
import { checkReachability } from './check/reachability.js';
import { checkRefCounts, countReferences, type HostReferences } from './check/refcounts.js';
import { checkStats } from './check/stats.js';
import { checkLedger, checkServices } from './check/services.js';
import { checkDevices, checkMeters, checkNamedBundles, checkVats } from './check/vats.js';
import { globalKeys } from './schema.js';

export type { StateFinding } from './check/findings.js';

export interface CheckOptions {
  /** The kernel has run out of work. Reports anything that is left over. */
  readonly quiescent?: boolean;
  /**
   * How many references the host holds to each object that it got from `kpResolution`, which the
   * store does not record (nor, in stores of SwingSet, those to promises). With `unknown`
   * (default), a count above what refers to the thing is a finding of severity `held`.
   */
  readonly hostHeld?: HostReferences;
}

/** What the check reads. The checks that need a missing store are left out. */
export type CheckedStorage = { readonly kvStore: Pick<KVStore, 'get' | 'getNextKey'> } & Partial<
  Pick<KernelStorage, 'bundleStore' | 'transcriptStore'>
>;

/**
 * Returns what is wrong; empty if all is well or the store has no kernel. Only reads. Memory and
 * time grow with the c-lists, not with the vatstores.
 */
export const checkKernelState = (
  storage: CheckedStorage,
  { quiescent = false, hostHeld = 'unknown' }: CheckOptions = {},
): readonly StateFinding[] => {
  const findings: StateFinding[] = [];
  const malformed = new Set<string>();
  const report: Report = (
    kind,
    key,
    problem,
    severity = kind === 'left-over' ? 'leak' : 'error',
  ) => {
    // Several checks read the same row; one report is enough.
    if (kind === 'malformed-row' && malformed.has(key)) return;
    if (kind === 'malformed-row') malformed.add(key);
    findings.push({ severity, kind, key, problem });
  };
  if (storage.kvStore.get(globalKeys.version) === undefined) return findings;

  const inventory = readInventory(storage.kvStore, report);
  const queues = readQueues(inventory, report);
  const vats = checkVats(inventory, storage, report);
  checkDevices(inventory, report);
  checkMeters(inventory, report);
  checkNamedBundles(inventory, storage, report);
  checkClists(inventory, vats, report);
  checkPromises(inventory, queues, report);
  const counts = countReferences(inventory, queues, report);
  checkRefCounts(inventory, counts, hostHeld, report);
  checkReachability(inventory, queues, counts, hostHeld, report);
  const actions = readActions(inventory, vats, report);
  checkCollection(inventory, vats, actions, report);
  checkServices(inventory, vats, report);
  checkLedger(inventory, report);
  checkStats(inventory, queues, vats, report);
  if (quiescent) checkQuiescence(inventory, vats, report);
  return findings;
};
