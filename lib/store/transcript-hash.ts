import { sha256Hex } from './hash.js';

/** Hash of an empty span. */
export const EMPTY_SPAN_HASH = sha256Hex('start of transcript span');

/** Cumulative hash of a span after one more item. */
export const extendSpanHash = (previous: string, item: string): string =>
  sha256Hex(`${previous}${sha256Hex(item)}`);
