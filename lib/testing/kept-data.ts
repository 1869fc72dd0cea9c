/**
 * Reads what a vat keeps for its next incarnation from its vatstore, without asking the vat: its
 * code may be asleep, or unable to start.
 *
 * Boundary: reads rows of stock liveslots. `lib/kernel/gc/liveslots-vatstore.ts` spells their keys.
 */
import { makeDecodePassable, makeTagged, passStyleOf, type Passable } from '@endo/marshal';
import { kslot, kunser } from '../kernel/delivery/kmarshal.js';
import {
  collectionOfKey,
  COLLECTIONS_PREFIX,
  durableStoreKinds,
  objectPrefix,
  parseCollectionKey,
  vatstoreKeys,
} from '../kernel/gc/liveslots-vatstore.js';
import type { Vatstore } from '../state/vatstore.js';
import type { CapData } from '../types/messages.js';
import type { Reference } from './references.js';

/** A reference in durable data, as plain data that a test can compare. */
export interface KeptReference {
  /** The vat's own name of the object: `o+d10/1` for its durable object, `o-51` for an import. */
  readonly vref: string;
  /** The name that `Far` or a kind gave it; absent if the data has none. */
  readonly name?: string;
}

export interface KeptCollection {
  readonly vref: string;
  /** The first argument of `makeScalarBigMapStore` and its like. */
  readonly label: string;
  /** In key order. Sets have the value null. */
  readonly entries: readonly (readonly [key: unknown, value: unknown])[];
}

export interface KeptObject {
  readonly vref: string;
  /** The tag of its durable kind. */
  readonly kind: string;
  readonly state: Readonly<Record<string, unknown>>;
}

/** Durable data of a vat. References in it are `KeptReference`s. */
export interface KeptData {
  /** By key. Includes what `provide`, `prepareExo` and their like keep there. */
  readonly baggage: Readonly<Record<string, unknown>>;
  /** The durable collections that durable data or other vats refer to. */
  readonly collections: readonly KeptCollection[];
  /** The durable objects that have state. Includes those that only RAM refers to. */
  readonly objects: readonly KeptObject[];
}

/** Copies passable data, with plain records in place of references. */
const plain = (value: Passable): Passable => {
  const style = passStyleOf(value);
  switch (style) {
    case 'remotable': {
      const reference = value as unknown as Reference;
      const name = reference.iface();
      const isNamed = name !== undefined && name !== 'undefined' && name !== '';
      return harden({ vref: reference.getKref(), ...(isNamed && { name }) });
    }
    case 'copyArray':
      return harden((value as Passable[]).map(plain));
    case 'copyRecord':
      return harden(
        Object.fromEntries(
          Object.entries(value as Record<string, Passable>).map(([key, each]) => [
            key,
            plain(each),
          ]),
        ),
      );
    case 'tagged': {
      const { [Symbol.toStringTag]: tag, payload } = value as unknown as {
        readonly [Symbol.toStringTag]: string;
        readonly payload: Passable;
      };
      return makeTagged(tag, plain(payload) as never) as Passable;
    }
    default:
      return value;
  }
};

const valueOf = (data: CapData): unknown => plain(kunser(data as never) as Passable);

const parse = (rows: Vatstore, key: string): unknown => JSON.parse(rows.get(key) ?? 'null');

const decodeKey = makeDecodePassable({
  // `r0000000001:o+d10/1`
  decodeRemotable: encoded => kslot(encoded.slice(encoded.indexOf(':') + 1)) as never,
});

const isEntry = (key: string): boolean =>
  parseCollectionKey(key.slice(key.indexOf('.', COLLECTIONS_PREFIX.length) + 1)).kind === 'entry';

const readCollection = (rows: Vatstore, id: string, vref: string): KeptCollection => {
  const prefix = vatstoreKeys.collection(id);
  const { label } = valueOf(parse(rows, vatstoreKeys.schemata(id)) as CapData) as { label: string };
  const entries = [...rows.keys(prefix)].filter(isEntry).map(key => {
    const entryKey = plain(decodeKey(key.slice(prefix.length)));
    return [entryKey, valueOf(parse(rows, key) as CapData)] as const;
  });
  return { vref, label, entries };
};

const collectionIDs = (rows: Vatstore): readonly string[] => [
  ...new Set([...rows.keys(COLLECTIONS_PREFIX)].flatMap(key => collectionOfKey(key) ?? [])),
];

const isHeld = (rows: Vatstore, vref: string): boolean =>
  rows.get(vatstoreKeys.refCount(vref)) !== undefined ||
  rows.get(vatstoreKeys.exportStatus(vref)) !== undefined;

const readObjects = (rows: Vatstore): readonly KeptObject[] =>
  [...rows.keys(objectPrefix.durable)].map(key => {
    const vref = key.slice('vom.'.length);
    const kindID = /^o\+d([0-9]+)\//.exec(vref)?.[1] ?? '';
    const descriptor = parse(rows, vatstoreKeys.kindDescriptor(kindID)) as { tag?: string } | null;
    const state = Object.entries(parse(rows, key) as Record<string, CapData>);
    return {
      vref,
      kind: descriptor?.tag ?? '',
      state: Object.fromEntries(state.map(([name, data]) => [name, valueOf(data)])),
    };
  });

/** Liveslots' own collections, which are no data of the vat. */
const INTERNAL = [vatstoreKeys.baggageID, vatstoreKeys.watchedPromisesID, vatstoreKeys.watchersID];

const readBaggage = (rows: Vatstore): Readonly<Record<string, unknown>> => {
  const vref = rows.get(vatstoreKeys.baggageID);
  if (vref === undefined) return {};
  const { entries } = readCollection(rows, vref.slice(vref.indexOf('/') + 1), vref);
  return Object.fromEntries(entries.map(([key, value]) => [String(key), value]));
};

export const readKeptData = (rows: Vatstore): KeptData => {
  const kinds = durableStoreKinds(rows.get(vatstoreKeys.storeKinds) ?? '{}');
  const internal = INTERNAL.map(key => rows.get(key));
  const collections = collectionIDs(rows).flatMap(id => {
    const vref = kinds.map(kind => `o+d${kind}/${id}`).find(each => isHeld(rows, each));
    return vref === undefined || internal.includes(vref) ? [] : [readCollection(rows, id, vref)];
  });
  return harden({ baggage: readBaggage(rows), collections, objects: readObjects(rows) });
};
