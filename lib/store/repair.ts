/**
 * Makes again what a verification found damaged, where something else in the store, or another copy
 * of it, says what it was. Nothing is put in place whose hash is not the recorded one, so a repair
 * brings a store back to what it was before the damage or leaves the thing alone.
 *
 * Each repair is a commit of its own: whenever the process ends, what was done so far is kept.
 */
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
  /** Nothing is wrong any more. */
  readonly ok: boolean;
  readonly found: StoreProblem[];
  readonly repairs: Repair[];
  /** What a verification finds after the repairs. */
  readonly left: StoreProblem[];
}

/** The order matters: a replay needs sound transcripts and bundles. */
const ORDER: readonly StoreProblem['kind'][] = [
  'file',
  'bundle',
  'image',
  'transcript',
  'snapshot',
  'kernel',
  'pending',
];

const inOrder = (problems: readonly StoreProblem[]): StoreProblem[] =>
  ORDER.flatMap(kind => problems.filter(problem => problem.kind === kind));

/** One for each thing, however many problems it has; a record is set before its bytes are made. */
const distinct = (problems: readonly StoreProblem[]): StoreProblem[] => [
  ...new Map(
    problems.map(problem => [
      `${problem.kind} ${problem.correction?.key ?? problem.thing}`,
      problem,
    ]),
  ).values(),
];

const repairAll = async (
  dirPath: string,
  problems: readonly StoreProblem[],
  options: RepairOptions,
): Promise<Repair[]> => {
  const store = openStoreParts(dirPath, { mustExist: true });
  const repairs: Repair[] = [];
  try {
    const countProblems = async (): Promise<number> => {
      const { problems: present } = await verifyReader(store.db, { checks: options.checks ?? [] });
      return present.length;
    };
    const repairOne = makeRepairOne(store, options, countProblems);
    for (const problem of problems) {
      options.signal?.throwIfAborted();
      options.onProgress?.(`repairing ${problem.thing}`);
      repairs.push({ thing: problem.thing, ...(await repairOne(problem)) });
    }
    return repairs;
  } finally {
    await store.hostStorage.close();
  }
};

/**
 * Verifies the store in `dirPath`, repairs what it can, and verifies again. Where something is
 * beyond repair, the repairs say why.
 * @throws StoreLockedError while a writer is at work; NotASwingStoreError, StoreIOError,
 *   StoreDamagedError when the file can't even be opened
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
