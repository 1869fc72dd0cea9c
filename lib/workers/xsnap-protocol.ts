/** The supervisor's wire format: each message is a JSON array that begins with a tag. */

export type TaggedItem = readonly [tag: string, ...details: unknown[]];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeItem = (item: readonly unknown[]): Uint8Array =>
  encoder.encode(JSON.stringify(item));

/** @throws SyntaxError when it isn't JSON. */
export const decodeItem = (bytes: Uint8Array): TaggedItem =>
  JSON.parse(decoder.decode(bytes)) as TaggedItem;

/** How requests begin that no transcript holds. */
const CONSOLE_HEAD = '["sourcedConsole",';
const TEST_LOG_HEAD = '["testLog",';

/**
 * What stands for a request that is too long for the channel. The vat is not charged for what it
 * says on its console or test log; the answer, which it keeps in its heap, stays the same.
 */
export const replaceLongRequest = (head: Uint8Array, length: number): Uint8Array | undefined => {
  const text = decoder.decode(head);
  const notice = `a line of ${length} bytes is too long and left out`;
  if (text.startsWith(CONSOLE_HEAD)) return encodeItem(['sourcedConsole', 'vat', 'warn', notice]);
  return text.startsWith(TEST_LOG_HEAD) ? encodeItem(['testLog', notice]) : undefined;
};

// The worker takes no notice of these. They are SwingSet's to the byte, because they lie in the
// worker's heap until they are collected.
export const CONSOLE_ANSWER = encodeItem(['ok']);
export const TEST_LOG_ANSWER = encodeItem(['OK']);
