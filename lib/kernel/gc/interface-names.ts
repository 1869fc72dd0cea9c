/** Interface names that marshalled data gives to its references: `drill` for `Far('drill', …)`. */
import type { Vatstore } from '../../state/vatstore.js';
import type { CapData } from '../../types/messages.js';
import { COLLECTIONS_PREFIX, objectPrefix } from './liveslots-vatstore.js';

/** Vats choose interface names, of any length. */
const MAX_LENGTH = 100;

const SMALLCAPS = /"\$(\d+)\.((?:[^"\\]|\\.)*)"/g;
const CLASSIC = /"@qclass":"slot","iface":"((?:[^"\\]|\\.)*)","index":(\d+)/g;

/** What marshal writes for an object without an interface name. */
const NAMELESS: readonly string[] = ['Remotable', 'undefined'];

const readable = (quoted: string): string | undefined => {
  try {
    const name = String(JSON.parse(`"${quoted}"`)).replace(/^Alleged: /, '');
    return NAMELESS.includes(name) ? undefined : name.slice(0, MAX_LENGTH);
  } catch {
    return undefined;
  }
};

/** The interface name that the data gives to the reference `ref`, if any. */
export const interfaceIn = ({ body, slots }: CapData, ref: string): string | undefined => {
  const isAt = (index: string | undefined) => slots[Number(index)] === ref;
  const quoted = body.startsWith('#')
    ? [...body.matchAll(SMALLCAPS)].find(([, index]) => isAt(index))?.[2]
    : [...body.matchAll(CLASSIC)].find(([, , index]) => isAt(index))?.[1];
  return quoted === undefined ? undefined : readable(quoted);
};

const isCapData = (value: unknown): value is CapData => {
  const { body, slots } = (value ?? {}) as Partial<CapData>;
  return typeof body === 'string' && Array.isArray(slots);
};

/** The marshalled data in a row: one for a collection's entry, one per property for an object. */
const dataIn = (row: string): readonly CapData[] => {
  try {
    const value: unknown = JSON.parse(row);
    if (isCapData(value)) return [value];
    return typeof value === 'object' && value !== null
      ? Object.values(value).filter(isCapData)
      : [];
  } catch {
    return [];
  }
};

/**
 * The interface names that a vat's durable data gives to these imports, by vref. Reads each row
 * once and stops after the last name.
 */
export const interfacesInVatstore = (
  rows: Vatstore,
  vrefs: Iterable<string>,
): ReadonlyMap<string, string> => {
  const unseen = new Set(vrefs);
  const found = new Map<string, string>();
  for (const prefix of [COLLECTIONS_PREFIX, objectPrefix.durable]) {
    for (const key of rows.keys(prefix)) {
      if (unseen.size === 0) return found;
      const row = rows.get(key) ?? '';
      for (const vref of [...unseen].filter(each => row.includes(`"${each}"`))) {
        const name = dataIn(row)
          .map(data => interfaceIn(data, vref))
          .find(each => each !== undefined);
        if (name !== undefined) {
          found.set(vref, name);
          unseen.delete(vref);
        }
      }
    }
  }
  return found;
};
