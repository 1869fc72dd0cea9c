/**
 * The queues of actions: accepted, and not yet handed to the kernel.
 *
 * Invariants
 * 1. Actions leave a queue in the order in which they came.
 * 2. An action's number is never used again. It is its name in results: `/result/42`.
 * 3. `queuedOf` counts what waits in both queues.
 */
import type { Action } from '../../transactions/action-types.js';
import type { RowReader, Rows } from '../rows.js';
import { JsonRow, JsonTable } from './json-rows.js';
import { chainKey, numberInKey, numberOfKey } from './schema.js';

export type QueueName = 'priority' | 'ordinary';

export interface QueuedAction {
  /** Decimal digits. */
  readonly id: string;
  readonly sender: string;
  readonly action: Action;
}

interface Waiting {
  readonly sender: string;
  readonly action: Action;
}

const nextNumber = new JsonRow<number>(chainKey('nextAction'));
const lengths = new JsonTable<number>(chainKey('queueLength.'));
const bySender = new JsonTable<number>(chainKey('queued.'));
const items: Readonly<Record<QueueName, JsonTable<Waiting>>> = {
  priority: new JsonTable(chainKey('queue.priority.')),
  ordinary: new JsonTable(chainKey('queue.ordinary.')),
};

const add = (table: JsonTable<number>, rows: Rows, name: string, change: number): void => {
  const count = (table.read(rows, name) ?? 0) + change;
  if (count === 0) table.delete(rows, name);
  else table.write(rows, name, count);
};

export const queueLength = (rows: RowReader, queue: QueueName): number =>
  lengths.read(rows, queue) ?? 0;

export const queuedInAll = (rows: RowReader): number =>
  queueLength(rows, 'priority') + queueLength(rows, 'ordinary');

export const queuedOf = (rows: RowReader, sender: string): number =>
  bySender.read(rows, sender) ?? 0;

/** @returns the action's ID */
export const enqueue = (rows: Rows, queue: QueueName, sender: string, action: Action): string => {
  const number = nextNumber.read(rows) ?? 1;
  nextNumber.write(rows, number + 1);
  items[queue].write(rows, numberInKey(number), { sender, action });
  add(lengths, rows, queue, 1);
  add(bySender, rows, sender, 1);
  return String(number);
};

/** An action that waits. */
export const findQueued = (rows: RowReader, id: string): QueuedAction | undefined => {
  const name = numberInKey(Number(id));
  const waiting = items.priority.read(rows, name) ?? items.ordinary.read(rows, name);
  return waiting && { id, ...waiting };
};

/** Takes the oldest action. */
export const dequeue = (rows: Rows, queue: QueueName): QueuedAction | undefined => {
  // Most blocks have nothing to scan for.
  if (queueLength(rows, queue) === 0) return undefined;
  const [oldest] = items[queue].entries(rows);
  if (oldest === undefined) return undefined;
  const [name, { sender, action }] = oldest;
  items[queue].delete(rows, name);
  add(lengths, rows, queue, -1);
  add(bySender, rows, sender, -1);
  return { id: String(numberOfKey(name)), sender, action };
};
