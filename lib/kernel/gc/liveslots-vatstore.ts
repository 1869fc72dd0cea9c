/**
 * The vatstore layout of stock liveslots, as far as the kernel reads it between two incarnations.
 * Source: liveslots `src/vatstore-usage.md`. The layout is the same in all releases that mark vrefs
 * as virtual (`o+v10/1`) or durable (`o+d10/1`).
 *
 * Boundary: spells and parses keys and values. A worker may have written anything, so a value that
 * does not parse counts as one without references. Nothing here throws.
 *
 * | row | content |
 * | --- | --- |
 * | `vom.<baseRef>` | state of a virtual or durable object, `{ property: { body, slots } }` |
 * | `vom.rc.<baseRef>` | references from virtual and durable data; absent for 0 |
 * | `vom.es.<baseRef>` | a letter per facet: `r` reachable, `s` only recognizable, `n` neither |
 * | `vom.ir.<vref>\|<collection>` | the vref is a key of this weak collection |
 * | `vom.vkind.*`, `vom.dkind.*` | descriptors of virtual and durable kinds |
 * | `vc.<collection>.<key>` | an entry, `{ body, slots }` |
 * | `vc.<collection>.\|<vref>` | ordinal of a key that is an object |
 * | `vc.<collection>.\|schemata` and others | metadata of the collection |
 */
import type { VRef } from '../../types/ids.js';

/** Digits of an ordinal in an entry's key. */
const ORDINAL_DIGITS = 10;
const collectionMetadata: ReadonlySet<string> = new Set(['entryCount', 'nextOrdinal', 'schemata']);

/** A vref without its facet: all facets of an object live and die together. */
export const baseRefOf = (vref: string): string => vref.split(':', 1)[0] ?? vref;

export const objectPrefix = { virtual: 'vom.o+v', durable: 'vom.o+d' } as const;
export const VIRTUAL_KINDS_PREFIX = 'vom.vkind.';
export const COLLECTIONS_PREFIX = 'vc.';

export const vatstoreKeys = {
  baggageID: 'baggageID',
  storeKinds: 'storeKindIDTable',
  watchedPromisesID: 'watchedPromiseTableID',
  watchersID: 'watcherTableID',
  kindDescriptor: (kind: string) => `vom.dkind.${kind}.descriptor`,
  objectState: (baseRef: string) => `vom.${baseRef}`,
  refCount: (baseRef: string) => `vom.rc.${baseRef}`,
  exportStatus: (baseRef: string) => `vom.es.${baseRef}`,
  /** Prefix for all weak collections that have the vref as a key. */
  recognizers: (vref: string) => `vom.ir.${vref}|`,
  /** Prefix for the weak collections that have any facet of the object as a key. */
  recognizersOfFacets: (baseRef: string) => `vom.ir.${baseRef}:`,
  recognizer: (vref: string, collection: string) => `vom.ir.${vref}|${collection}`,
  collection: (collection: string) => `${COLLECTIONS_PREFIX}${collection}.`,
  /** A key that sorts after all rows of the collection and before those of the next. */
  afterCollection: (collection: string) => `${COLLECTIONS_PREFIX}${collection}/`,
  schemata: (collection: string) => `${COLLECTIONS_PREFIX}${collection}.|schemata`,
  ordinal: (collection: string, vref: string) => `${COLLECTIONS_PREFIX}${collection}.|${vref}`,
  objectEntry: (collection: string, ordinal: string, vref: string) =>
    `${COLLECTIONS_PREFIX}${collection}.r${ordinal.padStart(ORDINAL_DIGITS, '0')}:${vref}`,
  stringEntry: (collection: string, key: string) => `${COLLECTIONS_PREFIX}${collection}.s${key}`,
} as const;

/** Records about objects in RAM and virtual objects. Durable rows sort in between and stay. */
export const ephemeralRecords = (['rc', 'es', 'ir'] as const).map(table => ({
  prefix: `vom.${table}.o+`,
  durable: `vom.${table}.o+d`,
  virtual: `vom.${table}.o+v`,
}));

/** Number of the collection that a row belongs to. */
export const collectionOfKey = (key: string): string | undefined =>
  /^vc\.([0-9]+)\./.exec(key)?.[1];

/** Parses `vom.ir.<vref>|<collection>`. */
export const parseRecognizer = (
  key: string,
): { readonly vref: string; readonly collection: string } | undefined => {
  const found = /^vom\.ir\.([^|]+)\|([0-9]+)$/.exec(key);
  return found?.[1] && found[2] ? { vref: found[1], collection: found[2] } : undefined;
};

export type CollectionRow =
  | { readonly kind: 'entry' | 'schemata' | 'metadata' }
  | { readonly kind: 'ordinal'; readonly vref: string };

/** Classifies a collection's row by the part of its key after `vc.<collection>.`. */
export const parseCollectionKey = (entryKey: string): CollectionRow => {
  if (!entryKey.startsWith('|')) return { kind: 'entry' };
  const name = entryKey.slice(1);
  if (name === 'schemata') return { kind: 'schemata' };
  return collectionMetadata.has(name) ? { kind: 'metadata' } : { kind: 'ordinal', vref: name };
};

const parseJSON = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const slotsOf = (data: unknown): readonly string[] =>
  isRecord(data) && Array.isArray(data['slots'])
    ? data['slots'].filter((slot): slot is string => typeof slot === 'string')
    : [];

/** References in the value of an entry or of `schemata`. */
export const slotsOfEntry = (text: string): readonly string[] => slotsOf(parseJSON(text));

/** References in an object's state. */
export const slotsOfState = (text: string): readonly string[] => {
  const state = parseJSON(text);
  return isRecord(state) ? Object.values(state).flatMap(slotsOf) : [];
};

/** Kind numbers of the durable collections, from `storeKindIDTable`. */
export const durableStoreKinds = (text: string): readonly number[] => {
  const table = parseJSON(text);
  if (!isRecord(table)) return [];
  return Object.entries(table).flatMap(([name, id]) =>
    name.startsWith('scalarDurable') && typeof id === 'number' ? [id] : [],
  );
};

/** Number of the durable collection that a baseRef names: `3` for `o+d6/3`. */
export const durableCollectionOf = (
  baseRef: string,
  storeKinds: readonly number[],
): string | undefined => {
  const found = /^o\+d([0-9]+)\/([0-9]+)$/.exec(baseRef);
  return found && storeKinds.includes(Number(found[1])) ? found[2] : undefined;
};

/** The vrefs that an export status may describe, each with its letter. */
export const facetsOf = (
  baseRef: string,
  exportStatus: string,
): readonly { readonly vref: VRef; readonly letter: string }[] => {
  const facets = [...exportStatus].map((letter, index) => ({
    vref: `${baseRef}:${index}` as VRef,
    letter,
  }));
  // An object without facets and an object with a single facet both have one letter.
  return exportStatus.length > 1
    ? facets
    : [{ vref: baseRef as VRef, letter: exportStatus }, ...facets];
};
