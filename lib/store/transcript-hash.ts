import { sha256Hex } from './hash.js';

/** The hash of a span without items. */
export const EMPTY_SPAN_HASH = sha256Hex('start of transcript span');

/** The cumulative hash of a span after one more item. */
export const extendSpanHash = (previous: string, item: string): string =>
  sha256Hex(`${previous}${sha256Hex(item)}`);
