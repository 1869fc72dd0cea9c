/** The supervisor's wire format: each message is a JSON array that begins with a tag. */

export type TaggedItem = readonly [tag: string, ...details: unknown[]];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeItem = (item: readonly unknown[]): Uint8Array =>
  encoder.encode(JSON.stringify(item));

/** @throws SyntaxError when it isn't JSON. */
export const decodeItem = (bytes: Uint8Array): TaggedItem =>
  JSON.parse(decoder.decode(bytes)) as TaggedItem;

// The worker takes no notice of these. They are SwingSet's to the byte, because they lie in the
// worker's heap until they are collected.
export const CONSOLE_ANSWER = encodeItem(['ok']);
export const TEST_LOG_ANSWER = encodeItem(['OK']);
