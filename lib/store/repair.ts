/**
 * Repairs what a verification found damaged, if the store or another copy of it still tells what
 * the thing was. Only contents with the recorded hash are put in place, so a repair restores
 * exactly what was there before the damage, or changes nothing.
 *
 * Each repair is its own commit: if the process dies, finished repairs are kept.
 */
import { withExclusiveStore } from './exclusive.js';
import { openKVTable } from './kv-table.js';
import { checkDirPath } from './options.js';
import { makeRepairOne } from './repair-one.js';
import type { Outcome, RepairSources } from './repair-one.js';
import { openStoreParts } from './swing-store.js';
import { verifyReader, verifyStore } from './verify.js';
import type { VerifyOptions } from './verify.js';
import type { StoreProblem } from './verify-types.js';

export interface RepairOptions extends VerifyOptions, RepairSources {}

export interface Repair extends Outcome {
  readonly thing: string;
}

export interface RepairReport {
  /** Nothing is damaged any more. */
  readonly ok: boolean;
  readonly found: StoreProblem[];
  readonly repairs: Repair[];
  /** What a verification after the repairs still finds. */
  readonly left: StoreProblem[];
}

/** Order of repairs: a replay needs intact transcripts and bundles. */
const ORDER: readonly StoreProblem['kind'][] = [
  'file',
  'bundle',
  'image',
  'transcript',
  'snapshot',
  'kernel',
  'pending',
  // Whether the repairs restored the rows that were written.
  'rows',
];

const inOrder = (problems: readonly StoreProblem[]): StoreProblem[] =>
  ORDER.flatMap(kind => problems.filter(problem => problem.kind === kind));

/**
 * One problem per thing: the last that can be repaired, or else the last. The correction of a record
 * comes before the repair of its bytes.
 */
const distinct = (problems: readonly StoreProblem[]): StoreProblem[] => {
  const found = new Map<string, StoreProblem>();
  for (const problem of problems) {
    const name = `${problem.kind} ${problem.correction?.key ?? problem.thing}`;
    const known = found.get(name);
    if (known?.remedy === undefined || problem.remedy !== undefined) found.set(name, problem);
  }
  return [...found.values()];
};

/** Before the store is opened: with a wrong activityhash, it can't be. */
const repairActivityhash = (dirPath: string, problems: readonly StoreProblem[]): Repair[] => {
  const problem = problems.find(({ kind, correction }) => kind === 'rows' && correction);
  if (!problem?.correction) return [];
  const { key, value } = problem.correction;
  withExclusiveStore(dirPath, db => {
    openKVTable(db).set(key, value ?? undefined);
    db.commit();
  });
  return [{ thing: problem.thing, done: true, result: 'set to what was written' }];
};

const repairAll = async (
  dirPath: string,
  problems: readonly StoreProblem[],
  options: RepairOptions,
): Promise<Repair[]> => {
  const repairs = repairActivityhash(dirPath, problems);
  const store = openStoreParts(dirPath, { mustExist: true });
  try {
    const countProblems = async (): Promise<number> => {
      const { problems: present } = await verifyReader(store.db, { checks: options.checks ?? [] });
      return present.length;
    };
    const repairOne = makeRepairOne(store, options, countProblems);
    for (const problem of problems) {
      if (repairs.some(({ thing }) => thing === problem.thing)) continue;
      options.signal?.throwIfAborted();
      options.onProgress?.(`repairing ${problem.thing}`);
      repairs.push({ thing: problem.thing, ...(await repairOne(problem)) });
    }
    if (problems.every(({ kind }) => kind !== 'rows')) {
      // All rows were as the kernel wrote them, so what the repairs changed was its mistake.
      store.rowChecksum?.renew();
      store.db.commit();
    }
    return repairs;
  } finally {
    await store.hostStorage.close();
  }
};

/**
 * Verifies the store in `dirPath`, repairs what it can, and verifies again. The `repairs` say why
 * something could not be repaired.
 * @throws StoreLockedError while a writer has the store; NotASwingStoreError, StoreIOError;
 *   StoreDamagedError if the file can't be opened at all
 */
export const repairStore = async (
  dirPath: string,
  options: RepairOptions = {},
): Promise<RepairReport> => {
  const { problems: found } = await verifyStore(checkDirPath(dirPath), options);
  if (found.length === 0) {
    return { ok: true, found, repairs: [], left: [] };
  }
  const repairs = await repairAll(dirPath, distinct(inOrder(found)), options);
  const { ok, problems: left } = await verifyStore(dirPath, options);
  return { ok, found, repairs, left };
};
