/** One vat: its records, its transcript and its c-list. */
import type { VatsView } from '../../host/block-host/queries/vats.js';
import { findVat } from '../../host/block-host/queries/vats.js';
import { pageOfClist, type KRefKind } from '../../state/pages.js';
import type { NumberPage } from '../../state/numbered-keys.js';
import type { InspectionReader, StoredItem } from '../../store/inspection-reader.js';
import { ROOT_OBJECT_VREF, type ClistOwner, type VatID } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import type {
  ClistAnswer,
  TranscriptAnswer,
  TranscriptItem,
  TranscriptItemAnswer,
  VatAnswerInFull,
} from '../answers.js';
import type { Tables } from './krefs.js';
import { nameOf } from './names.js';
import { dataAnswer, LONG, methodOf } from './text.js';

/** The newest spans and snapshots on a vat's page. */
const MOST_SPANS = 50;

/** Undefined for a vat that never was. */
export const describeVatInFull = (
  view: VatsView,
  { state }: Tables,
  reader: Pick<InspectionReader, 'spans' | 'snapshots'>,
  vatID: VatID,
): VatAnswerInFull | undefined => {
  const vat = findVat(view, vatID);
  if (!vat) return undefined;
  const history = {
    spans: reader.spans(vatID, MOST_SPANS),
    snapshots: reader.snapshots(vatID, MOST_SPANS),
  };
  const { vats, meters } = state;
  if (!vats.isLive(vatID)) {
    const none = { options: null, source: null, parameters: null, reapDirt: null };
    return { vat, ...none, heapSizes: null, meter: null, root: null, ...history };
  }
  const options = vats.getOptions(vatID);
  const parameters = vats.getParameters(vatID);
  const { meterID } = options;
  const meter = meterID && meters.exists(meterID) ? meters.get(meterID) : undefined;
  return {
    vat,
    options,
    source: vats.getSource(vatID),
    parameters: parameters ? dataAnswer(parameters, LONG) : null,
    reapDirt: vats.getReapDirt(vatID),
    heapSizes: vats.getHeapSizes(vatID) ?? null,
    meter: meter
      ? { remaining: String(meter.remaining), threshold: String(meter.threshold) }
      : null,
    root: state.clist(vatID).getKRef(ROOT_OBJECT_VREF) ?? null,
    ...history,
  };
};

/** Items that are longer are not parsed for the list. */
const MAX_PARSED = 20_000;

/** A damaged store may hold anything. */
interface ReadItem {
  readonly d?: unknown;
  readonly sc?: unknown;
  readonly r?: {
    readonly status?: unknown;
    readonly metering?: { readonly computrons?: unknown } | null;
  } | null;
}

const parseItem = ({ text, length }: StoredItem): ReadItem => {
  if (length > text.length) return {};
  try {
    return (JSON.parse(text) ?? {}) as ReadItem;
  } catch {
    return {};
  }
};

const methodOfDelivery = (delivery: readonly unknown[]): string | null => {
  if (delivery[0] !== 'message') return null;
  const { methargs } = (delivery[2] ?? {}) as { readonly methargs?: Partial<CapData> | null };
  const { body, slots } = methargs ?? {};
  if (typeof body !== 'string' || !Array.isArray(slots)) return null;
  if (!slots.every(slot => typeof slot === 'string')) return null;
  return methodOf({ body, slots }) ?? null;
};

const describeItem = (stored: StoredItem): TranscriptItem => {
  const { d, sc, r } = parseItem(stored);
  const { position, incarnation, length } = stored;
  const computrons = r?.metering?.computrons;
  const delivery: readonly unknown[] = Array.isArray(d) ? d : [];
  const [kind] = delivery;
  return {
    position,
    incarnation,
    kind: typeof kind === 'string' ? kind : null,
    method: methodOfDelivery(delivery),
    syscalls: Array.isArray(sc) ? sc.length : null,
    computrons: typeof computrons === 'number' ? computrons : null,
    failed: r?.status === 'error',
    length,
  };
};

/** Newest first. @param before - the position before which the page begins */
export const listTranscript = (
  reader: Pick<InspectionReader, 'items'>,
  vatID: VatID,
  { before = Number.MAX_SAFE_INTEGER, limit }: { before?: number | undefined; limit: number },
): TranscriptAnswer => {
  const items = reader.items(vatID, { before, limit: limit + 1, length: MAX_PARSED });
  const shown = items.slice(0, limit);
  return {
    items: shown.map(describeItem),
    next: items.length > limit ? (shown.at(-1)?.position ?? null) : null,
  };
};

/** Undefined for an item that was deleted, or is not there yet. */
export const readTranscriptItem = (
  reader: Pick<InspectionReader, 'items'>,
  vatID: VatID,
  position: number,
): TranscriptItemAnswer | undefined => {
  const [found] = reader.items(vatID, { before: position + 1, limit: 1, length: LONG });
  if (found?.position !== position) return undefined;
  const { incarnation, text, length } = found;
  return { position, incarnation, item: { text, length } };
};

export const listClist = (
  { kv, state }: Tables,
  owner: ClistOwner,
  kind: KRefKind,
  page: NumberPage,
): ClistAnswer => {
  const { krefs, next } = pageOfClist(kv, owner, kind, page);
  const clist = state.clist(owner);
  return {
    owner,
    name: nameOf(state, owner),
    entries: krefs.map(kref => ({ kref, ...clist.getRequiredEntry(kref) })),
    next: next ?? null,
  };
};
