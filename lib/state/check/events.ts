/** Reads the stored queues as they are, and the references in any stored data. */
import type { KRef } from '../../types/ids.js';
import { globalKeys, promiseKeys, queueItemKey, vatKeys } from '../schema.js';
import { isRecord, parseStored, type Report } from './findings.js';
import type { Inventory } from './inventory.js';

export interface StoredEvent {
  readonly key: string;
  readonly event: Readonly<Record<string, unknown>>;
}

export interface StoredQueues {
  /** Run-queue, acceptance queue and wait queues. */
  readonly events: readonly StoredEvent[];
  /** Messages in the queues of unresolved promises. */
  readonly messages: readonly StoredEvent[];
}

/** Fields that hold a single reference. */
const REFERENCES = ['target', 'result', 'kpid', 'pausedTarget'];

/** All references in stored data: single ones, and the slots of marshalled data. */
export const referencesIn = (value: unknown): KRef[] => {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]): KRef[] => {
    if (name === 'slots' && Array.isArray(inner)) return inner as KRef[];
    if (REFERENCES.includes(name) && typeof inner === 'string') return [inner as KRef];
    return referencesIn(inner);
  });
};

/** The promise that an event will resolve, if any. */
export const resultOf = ({ event }: StoredEvent): KRef | undefined => {
  const message = isRecord(event['msg']) ? event['msg'] : event;
  return typeof message['result'] === 'string' ? (message['result'] as KRef) : undefined;
};

/** Makes one finding for a run of missing items, from `start` to before `end`. */
const reportGap = (
  report: Report,
  name: string,
  [start, end]: readonly [number, number],
  bounds: readonly [number, number],
): void => {
  const others = end - start - 1;
  const more = others > 0 ? `, and so are the ${others} after it` : '';
  const problem = `missing within the bounds [${bounds.join()}]${more}`;
  report('queue', queueItemKey(name, start), problem);
};

const readItems = (
  report: Report,
  name: string,
  items: ReadonlyMap<number, string>,
  bounds: unknown,
): StoredEvent[] => {
  const [head, tail] = Array.isArray(bounds) ? (bounds as unknown[]) : [];
  if (!(Number.isSafeInteger(head) && Number.isSafeInteger(tail))) {
    report('queue', name, `bounds are ${JSON.stringify(bounds)}, not [head, tail]`);
    return [];
  }
  const [first, end] = [head as number, tail as number];
  if (first > end) report('queue', name, `head ${first} is beyond tail ${end}`);
  for (const index of items.keys()) {
    if (index < first || index >= end) {
      report('queue', queueItemKey(name, index), `outside of the bounds [${first},${end}]`);
    }
  }
  const within = [...items].filter(([index]) => index >= first && index < end);
  within.sort(([a], [b]) => a - b);
  const events: StoredEvent[] = [];
  // Iterates over the items, because damaged bounds may span more than memory holds.
  let next = first;
  for (const [index, text] of within) {
    if (index > next) reportGap(report, name, [next, index], [first, end]);
    next = index + 1;
    const key = queueItemKey(name, index);
    const event = parseStored(report, key, text);
    if (isRecord(event)) events.push({ key, event });
    else report('queue', key, `not an event: ${text.slice(0, 80)}`);
  }
  if (next < end) reportGap(report, name, [next, end], [first, end]);
  return events;
};

const readPromiseQueues = ({ promises }: Inventory, report: Report): StoredEvent[] =>
  [...promises].flatMap(([kpid, rows]) => {
    const end = rows.get('queue.nextID');
    const items = new Map<number, string>();
    for (const [field, text] of rows) {
      const index = /^queue\.(\d+)$/.exec(field)?.[1];
      if (index !== undefined) items.set(Number(index), text);
    }
    if (end === undefined && items.size === 0) return [];
    const name = promiseKeys.queueNext(kpid).replace(/\.nextID$/, '');
    return readItems(report, name, items, [0, Number(end)]);
  });

/** Reads all queues. Reports rows that do not fit the bounds. */
export const readQueues = (inventory: Inventory, report: Report): StoredQueues => {
  const { globals, queues, vats } = inventory;
  const events: StoredEvent[] = [];
  for (const name of [globalKeys.runQueue, globalKeys.acceptanceQueue]) {
    const bounds = parseStored(report, name, globals.get(name) ?? 'null');
    events.push(...readItems(report, name, queues.get(name) ?? new Map(), bounds));
  }
  for (const [vatID, { fields, waiting }] of vats) {
    const record = fields.get('waitQueue');
    if (record === undefined && waiting.size === 0) continue;
    const name = vatKeys.waitQueue(vatID);
    const bounds = parseStored(report, name, record ?? 'null');
    events.push(...readItems(report, name, waiting, bounds));
  }
  return { events, messages: readPromiseQueues(inventory, report) };
};
