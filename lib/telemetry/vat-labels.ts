/**
 * The `vat` label of metrics: the name of a static vat, or the vatID of another.
 *
 * Invariant: there are at most `most` labels, and `other`, however many vats come and go. A
 * time series in the host's SDK and in its database costs memory for good.
 */
import { KernelState } from '../state/kernel-state.js';
import type { KernelStorage } from '../store/types.js';
import { isVatID, parseVatID } from '../types/ids.js';

/** Where names of static vats are read. Names never change. */
export type NameSource = Pick<KernelStorage, 'kvStore'>;

export type VatLabels = (vatID: unknown) => string;

const OTHER = 'other';

const readStaticName = ({ kvStore }: NameSource, text: string): string | undefined => {
  if (!isVatID(text)) return undefined;
  // Only cranks need more of the storage.
  const { vats } = new KernelState({ kvStore } as KernelStorage);
  const vatID = parseVatID(text);
  return vats.staticNames().find(name => vats.findByName(name) === vatID);
};

/** Vats get labels in the order in which they are first heard of, until there are `most`. */
export const makeVatLabels = (most: number, names: NameSource | undefined): VatLabels => {
  const labels = new Map<string, string>();
  return vatID => {
    const text = String(vatID);
    const known = labels.get(text);
    if (known !== undefined) return known;
    if (labels.size >= most) return OTHER;
    const label = (names && readStaticName(names, text)) ?? text;
    labels.set(text, label);
    return label;
  };
};
