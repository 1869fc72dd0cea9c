/**
 * Results of actions, for clients to read.
 *
 * Invariants
 * 1. The newest `maxResults` results are kept.
 * 2. `pending` has an action exactly while the host holds the kernel's promise for its result. At
 *    most `maxPendingResults` are held.
 */
import type { RowReader, Rows } from '../rows.js';
import { JsonTable } from './json-rows.js';
import { chainKey, numberInKey, numberOfKey } from './schema.js';

export interface ActionResult {
  /**
   * `queued`: it waits for its turn. `pending`: vats have it. `forgotten`: too many newer ones were
   * pending.
   */
  readonly state: 'queued' | 'pending' | 'fulfilled' | 'rejected' | 'forgotten';
  readonly sender: string;
  readonly type: string;
  /** JSON, in the notation of vat parameters; a text for a rejection. */
  readonly value?: unknown;
}

const results = new JsonTable<ActionResult>(chainKey('result.'));
/** The promise of the kernel for the result. */
const pending = new JsonTable<string>(chainKey('pending.'));

const nameOf = (id: string): string => numberInKey(Number(id));

/** Digits, as the numbers of actions are written. */
export const isActionID = (id: string): boolean => /^[1-9][0-9]{0,15}$/.test(id);

export const resultKey = (id: string): string => results.keyOf(nameOf(id));

export const readResult = (rows: RowReader, id: string): ActionResult | undefined =>
  results.read(rows, nameOf(id));

export const writeResult = (rows: Rows, id: string, result: ActionResult): void =>
  results.write(rows, nameOf(id), result);

export const deleteResult = (rows: Rows, id: string): void => results.delete(rows, nameOf(id));

/** IDs up to a number, the oldest first. The one just yielded may be deleted. */
export function* listResultsUpTo(rows: RowReader, last: number): Generator<string, void> {
  for (const name of results.names(rows)) {
    const number = numberOfKey(name);
    if (number > last) return;
    yield String(number);
  }
}

export const readPending = (rows: RowReader, id: string): string | undefined =>
  pending.read(rows, nameOf(id));

export const writePending = (rows: Rows, id: string, kpid: string): void =>
  pending.write(rows, nameOf(id), kpid);

export const deletePending = (rows: Rows, id: string): void => pending.delete(rows, nameOf(id));

/** The oldest first. */
export const listPending = (rows: RowReader): readonly (readonly [id: string, kpid: string])[] =>
  [...pending.entries(rows)].map(([name, kpid]) => [String(numberOfKey(name)), kpid]);
