/** What two kernels must agree on: what they tell random vats, and what they keep of them. */
import type { SlogEntry } from '../../../lib/types/slog.js';
import type { EitherLife } from '../../support/original.js';

const COMPARED = ['deliver', 'deliver-result', 'syscall', 'syscall-result', 'clist'];
const GC = ['dropExports', 'retireExports', 'retireImports'];
const FIELDS = ['type', 'vatID', 'ksc', 'vsc', 'ksr', 'vsr', 'mode', 'kobj', 'vobj'];

/** SwingSet sorts the objects of a GC delivery as text. */
const withSortedObjects = (delivery: unknown): unknown => {
  const [type, refs] = (delivery ?? []) as [string?, string[]?];
  return GC.includes(type ?? '') ? [type, [...(refs ?? [])].sort()] : delivery;
};

const plain = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? Number(value) : value;

/** Of vat-admin, whose code is another one, only what it is told. */
const isOfInterest = (entry: SlogEntry, vatAdmin: string): boolean =>
  entry['vatID'] !== vatAdmin ||
  (entry.type === 'deliver' && ['message', 'notify'].includes((entry['kd'] as [string])[0]));

/**
 * The log in a form that is the same on both. SwingSet does not log all entries of a c-list that it
 * deletes; what is left in the end is compared anyway.
 */
export const comparableDeliveries = ({ slog, controller }: EitherLife): string[] => {
  const vatAdmin = controller.vatNameToID('vatAdmin');
  return slog
    .filter(entry => COMPARED.includes(entry.type) && entry['replay'] !== true)
    .filter(entry => entry['mode'] !== 'drop' && isOfInterest(entry, vatAdmin))
    .map(entry =>
      JSON.stringify(
        [
          withSortedObjects(entry['kd']),
          withSortedObjects(entry['vd']),
          (entry['dr'] as [string] | undefined)?.[0],
          ...FIELDS.map(field => entry[field]),
        ],
        plain,
      ),
    );
};

/**
 * Is this a delivery of GC for what SwingSet does not hold either, and drops later or never? It overlooks
 * objects (issue 9888 of Agoric/agoric-sdk), and notifications to vats that have ended hold promises.
 */
export const isDroppedLater = (entry: string | undefined, theirs: EitherLife): boolean => {
  const [delivery] = JSON.parse(entry ?? '[]') as [[string, string[]]?];
  const { kvStore } = theirs.kernelStorage;
  return (
    delivery !== undefined &&
    GC.includes(delivery[0]) &&
    delivery[1].every(kref => (kvStore.get(`${kref}.refCount`) ?? '0,').startsWith('0,'))
  );
};

const rowsOf = ({ kernelStorage: { kvStore } }: EitherLife): Map<string, string> => {
  const rows = new Map<string, string>();
  for (let key = kvStore.getNextKey(''); key !== undefined; key = kvStore.getNextKey(key)) {
    rows.set(key, kvStore.get(key) ?? '');
  }
  return rows;
};

/** Nothing is queued, and nothing is left of vats that have ended. */
export const isQuiet = (life: EitherLife): boolean => {
  const rows = rowsOf(life);
  const isEmpty = (queue: string): boolean => {
    const [head, tail] = JSON.parse(rows.get(queue) ?? '[]') as [number?, number?];
    return head === tail;
  };
  return (
    ['runQueue', 'acceptanceQueue'].every(isEmpty) &&
    ['gcActions', 'reapQueue', 'vats.terminated'].every(key => rows.get(key) === '[]')
  );
};

/** Objects, promises, c-lists, vatstores. SwingSet lists subscribers that have ended. */
export const keptRows = (life: EitherLife): Readonly<Record<string, string>> => {
  const vatstoreOfAdmin = `${life.controller.vatNameToID('vatAdmin')}.vs.`;
  const kept = [...rowsOf(life)].filter(
    ([key]) =>
      /^((ko|kp|kd)\d+|v\d+\.(c|vs|reapDirt)|pinnedObjects)\b/.test(key) &&
      !/\.(policy|hostInterest|subscribers)$/.test(key) &&
      !key.startsWith(vatstoreOfAdmin),
  );
  return Object.fromEntries(kept);
};
