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
import { chainKey, numberInKey } from './schema.js';

export type QueueName = 'priority' | 'ordinary';

export interface QueuedAction {
  /** Decimal digits. */
  readonly id: string;
  readonly sender: string;
  readonly action: Action;
}

/** Positions of the first item and after the last one. An empty queue has no row. */
interface Bounds {
  readonly first: number;
  readonly end: number;
}

const nextNumber = new JsonRow<number>(chainKey('nextAction'));
const bounds = new JsonTable<Bounds>(chainKey('queueBounds.'));
const bySender = new JsonTable<number>(chainKey('queued.'));
/** By queue and position. */
const items = new JsonTable<QueuedAction>(chainKey('queue.'));

const boundsOf = (rows: RowReader, queue: QueueName): Bounds =>
  bounds.read(rows, queue) ?? { first: 0, end: 0 };

const itemName = (queue: QueueName, position: number): string =>
  `${queue}.${numberInKey(position)}`;

const count = (rows: Rows, sender: string, change: number): void => {
  const queued = queuedOf(rows, sender) + change;
  if (queued === 0) bySender.delete(rows, sender);
  else bySender.write(rows, sender, queued);
};

export const queueLength = (rows: RowReader, queue: QueueName): number => {
  const { first, end } = boundsOf(rows, queue);
  return end - first;
};

export const queuedInAll = (rows: RowReader): number =>
  queueLength(rows, 'priority') + queueLength(rows, 'ordinary');

export const queuedOf = (rows: RowReader, sender: string): number =>
  bySender.read(rows, sender) ?? 0;

/** @returns the action's ID */
export const enqueue = (rows: Rows, queue: QueueName, sender: string, action: Action): string => {
  const number = nextNumber.read(rows) ?? 1;
  nextNumber.write(rows, number + 1);
  const id = String(number);
  const { first, end } = boundsOf(rows, queue);
  items.write(rows, itemName(queue, end), { id, sender, action });
  bounds.write(rows, queue, { first, end: end + 1 });
  count(rows, sender, 1);
  return id;
};

/** Takes the oldest action. */
export const dequeue = (rows: Rows, queue: QueueName): QueuedAction | undefined => {
  const { first, end } = boundsOf(rows, queue);
  const name = itemName(queue, first);
  const oldest = items.read(rows, name);
  if (!oldest) return undefined;
  items.delete(rows, name);
  if (first + 1 === end) bounds.delete(rows, queue);
  else bounds.write(rows, queue, { first: first + 1, end });
  count(rows, oldest.sender, -1);
  return oldest;
};
