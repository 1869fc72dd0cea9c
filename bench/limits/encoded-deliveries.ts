/** Deliveries of a transcript as messages to a worker, so that nothing is encoded on the clock. */
import type { TranscriptStore } from '../../lib/store/types.js';
import type { VatID } from '../../lib/types/ids.js';
import { decodeEntry, isDeliveryEntry, type DeliveryEntry } from '../../lib/workers/transcript.js';
import { encodeItem } from '../../lib/workers/xsnap-protocol.js';

export interface EncodedDelivery {
  readonly command: string;
  /** To the delivery's syscalls, in order. */
  readonly answers: readonly string[];
}

const encode = ({ d, sc }: DeliveryEntry): EncodedDelivery => ({
  command: encodeItem(['deliver', d]),
  answers: sc.map(({ r }) => encodeItem(r)),
});

/** The deliveries of the vat's current span, by position. */
export const encodeSpan = (
  transcriptStore: TranscriptStore,
  vatID: VatID,
): ReadonlyMap<number, EncodedDelivery> => {
  const { startPos } = transcriptStore.getCurrentSpanBounds(vatID);
  const entries = [...transcriptStore.readSpan(vatID)].map((text, index) => {
    const position = startPos + index;
    return [position, decodeEntry(text, vatID, position)] as const;
  });
  return new Map(
    entries.flatMap(([position, entry]) =>
      isDeliveryEntry(entry) ? [[position, encode(entry)] as const] : [],
    ),
  );
};
