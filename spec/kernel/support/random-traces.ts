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

/** The vats whose code is another one. */
const systemVatsOf = ({ kernelStorage: { kvStore } }: EitherLife): readonly unknown[] =>
  ['vatAdmin', 'timer'].map(name => kvStore.get(`vat.name.${name}`));

/** Of the system vats, only what they are told. */
const isOfInterest = (entry: SlogEntry, systemVats: readonly unknown[]): boolean =>
  !systemVats.includes(entry['vatID']) ||
  (entry.type === 'deliver' && ['message', 'notify'].includes((entry['kd'] as [string])[0]));

/**
 * The log in a form that is the same on both. SwingSet does not log all entries of a c-list that it
 * deletes; what is left in the end is compared anyway.
 */
export const comparableDeliveries = (life: EitherLife): string[] => {
  const systemVats = systemVatsOf(life);
  return life.slog
    .filter(entry => COMPARED.includes(entry.type) && entry['replay'] !== true)
    .filter(entry => entry['mode'] !== 'drop' && isOfInterest(entry, systemVats))
    .map(entry =>
      JSON.stringify(
        [
          withSortedObjects(entry['kd']),
          systemVats.includes(entry['vatID']) ? null : withSortedObjects(entry['vd']),
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
  // Entries that are no deliveries have null.
  const [delivery] = JSON.parse(entry ?? '[null]') as [[string, string[]] | null];
  const { kvStore } = theirs.kernelStorage;
  return (
    delivery !== null &&
    GC.includes(delivery[0]) &&
    delivery[1].every(kref => (kvStore.get(`${kref}.refCount`) ?? '0,').startsWith('0,'))
  );
};

/**
 * Is this a delivery of GC for what its vat exports anew later in the step? There, SwingSet has
 * overlooked it as well, and by the end of the step its old kref is in use again.
 */
export const isExportedAnew = (entry: string | undefined, later: readonly string[]): boolean => {
  const [, toVat, , , vatID] = JSON.parse(entry ?? '[]') as [
    unknown?,
    [string, string[]]?,
    unknown?,
    unknown?,
    string?,
  ];
  if (!toVat || !GC.includes(toVat[0])) return false;
  return toVat[1].every(vref =>
    later.some(each => {
      const [, , , kind, ownerID, , , , , way, , exported] = JSON.parse(each) as unknown[];
      return kind === 'clist' && ownerID === vatID && way === 'export' && exported === vref;
    }),
  );
};

/**
 * Is the last delivery a bringOutYourDead? What Node's collector finds then is not the same in both:
 * SwingSet's local workers do not wait for all finalizers.
 */
export const isAmidReap = (entries: readonly string[]): boolean =>
  [...entries]
    .reverse()
    .find(entry => entry.includes('"deliver"'))
    ?.startsWith('[["bringOutYourDead"]') ?? false;

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

/**
 * SwingSet's rows without the resolved promises that only each other's data hold: there they stay for
 * ever. What we keep as well is compared.
 */
export const withoutCircles = (
  rows: Readonly<Record<string, string>>,
  ours: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const reached = new Set<string>();
  const reach = (kpid: string): void => {
    if (reached.has(kpid)) return;
    reached.add(kpid);
    const slots = rows[`${kpid}.data.slots`] ?? '';
    for (const kref of slots.split(',')) if (kref.startsWith('kp')) reach(kref);
  };
  for (const key of Object.keys(rows)) {
    const [, held, unresolved] = /^v\d+\.c\.(kp\d+)$|^(kp\d+)\.decider$/.exec(key) ?? [];
    const kpid = held ?? unresolved;
    if (kpid !== undefined) reach(kpid);
  }
  return Object.fromEntries(
    Object.entries(rows).filter(([key]) => {
      const [, kpid] = /^(kp\d+)\./.exec(key) ?? [];
      return kpid === undefined || reached.has(kpid) || `${kpid}.state` in ours;
    }),
  );
};

/**
 * Objects, promises, c-lists, vatstores. SwingSet lists subscribers that have ended. System vats have
 * other vrefs and rows, but refer to the same. Virtual kinds of ended incarnations stay in SwingSet.
 */
export const keptRows = (life: EitherLife): Readonly<Record<string, string>> => {
  const systemVats = systemVatsOf(life);
  const kept = [...rowsOf(life)]
    .filter(
      ([key]) =>
        /^((ko|kp|kd)\d+|v\d+\.(c|vs|reapDirt)|pinnedObjects)\b/.test(key) &&
        !/\.(policy|hostInterest|subscribers)$/.test(key) &&
        !key.includes('.vs.vom.vkind.'),
    )
    .flatMap(([key, value]) => {
      if (!systemVats.includes(key.split('.')[0])) return [[key, value]];
      return /\.c\.k[opd]\d+$/.test(key) ? [[key, value.split(' ')[0]]] : [];
    });
  return Object.fromEntries(kept) as Readonly<Record<string, string>>;
};
