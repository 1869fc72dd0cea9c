/**
 * How stock liveslots lays out a vat's vatstore, as far as the kernel reads it between two
 * incarnations. Source: liveslots `src/vatstore-usage.md`; the layout is the same in all releases
 * that mark vrefs as virtual (`o+v10/1`) or durable (`o+d10/1`).
 *
 * Boundary: spelling and parsing only. A worker may have written anything: what does not parse
 * comes back as «nothing mentioned» and never throws.
 *
 * | row | what it is |
 * | --- | --- |
 * | `vom.<baseRef>` | state of a virtual or durable object, `{ property: { body, slots } }` |
 * | `vom.rc.<baseRef>` | how many references virtual and durable data hold; absent for none |
 * | `vom.es.<baseRef>` | what the kernel holds, a letter per facet: `r`each, `s`ee, `n`one |
 * | `vom.ir.<vref>\|<collection>` | a weak collection has this key |
 * | `vom.vkind.*`, `vom.dkind.*` | descriptors of virtual and of durable kinds |
 * | `vc.<collection>.<key>` | an entry, `{ body, slots }` |
 * | `vc.<collection>.\|<vref>` | ordinal of a key that is an object |
 * | `vc.<collection>.\|schemata` and others | about the collection itself |
 */
import type { VRef } from '../../types/ids.js';

/** Digits of an ordinal within the key of an entry. */
const ORDINAL_DIGITS = 10;
const collectionMetadata: ReadonlySet<string> = new Set(['entryCount', 'nextOrdinal', 'schemata']);

/** A vref without its facet: what lives and dies as one. */
export const baseRefOf = (vref: string): string => vref.split(':', 1)[0] ?? vref;

export const objectPrefix = { virtual: 'vom.o+v', durable: 'vom.o+d' } as const;
export const VIRTUAL_KINDS_PREFIX = 'vom.vkind.';
export const COLLECTIONS_PREFIX = 'vc.';

export const vatstoreKeys = {
  baggageID: 'baggageID',
  storeKinds: 'storeKindIDTable',
  watchedPromisesID: 'watchedPromiseTableID',
  objectState: (baseRef: string) => `vom.${baseRef}`,
  refCount: (baseRef: string) => `vom.rc.${baseRef}`,
  exportStatus: (baseRef: string) => `vom.es.${baseRef}`,
  /** All collections that have the vref as a weak key. */
  recognizers: (vref: string) => `vom.ir.${vref}|`,
  /** The same for all facets of an object that has several. */
  recognizersOfFacets: (baseRef: string) => `vom.ir.${baseRef}:`,
  recognizer: (vref: string, collection: string) => `vom.ir.${vref}|${collection}`,
  collection: (collection: string) => `${COLLECTIONS_PREFIX}${collection}.`,
  /** A key after all rows of the collection and before those of the next. */
  afterCollection: (collection: string) => `${COLLECTIONS_PREFIX}${collection}/`,
  ordinal: (collection: string, vref: string) => `${COLLECTIONS_PREFIX}${collection}.|${vref}`,
  objectEntry: (collection: string, ordinal: string, vref: string) =>
    `${COLLECTIONS_PREFIX}${collection}.r${ordinal.padStart(ORDINAL_DIGITS, '0')}:${vref}`,
  stringEntry: (collection: string, key: string) => `${COLLECTIONS_PREFIX}${collection}.s${key}`,
} as const;

/** Rows about things that live in RAM or in merely-virtual data: all but the durable and imports. */
export const ephemeralRecords = (['rc', 'es', 'ir'] as const).map(table => ({
  prefix: `vom.${table}.o+`,
  durable: `vom.${table}.o+d`,
  virtual: `vom.${table}.o+v`,
}));

/** Which collection a row belongs to. */
export const collectionOfKey = (key: string): string | undefined =>
  /^vc\.([0-9]+)\./.exec(key)?.[1];

/** `vom.ir.<vref>|<collection>` taken apart. */
export const parseRecognizer = (
  key: string,
): { readonly vref: string; readonly collection: string } | undefined => {
  const found = /^vom\.ir\.([^|]+)\|([0-9]+)$/.exec(key);
  return found?.[1] && found[2] ? { vref: found[1], collection: found[2] } : undefined;
};

export type CollectionRow =
  | { readonly kind: 'entry' | 'schemata' | 'metadata' }
  | { readonly kind: 'ordinal'; readonly vref: string };

/** What a row of a collection is, by the part of its key behind `vc.<collection>.`. */
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

/** References in the state of an object. */
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

/** Number of the durable collection that a vref names: `3` of `o+d6/3`. */
export const durableCollectionOf = (
  baseRef: string,
  storeKinds: readonly number[],
): string | undefined => {
  const found = /^o\+d([0-9]+)\/([0-9]+)$/.exec(baseRef);
  return found && storeKinds.includes(Number(found[1])) ? found[2] : undefined;
};

/** Vrefs that an export status may be about, with their letters. */
export const facetsOf = (
  baseRef: string,
  exportStatus: string,
): readonly { readonly vref: VRef; readonly letter: string }[] => {
  const facets = [...exportStatus].map((letter, index) => ({
    vref: `${baseRef}:${index}` as VRef,
    letter,
  }));
  // One letter is what an object without facets has, and one with a single facet.
  return exportStatus.length > 1
    ? facets
    : [{ vref: baseRef as VRef, letter: exportStatus }, ...facets];
};
