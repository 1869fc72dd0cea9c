/** The supervisor's wire format: each message is a JSON array that begins with a tag. */

export type TaggedItem = readonly [tag: string, ...details: unknown[]];

export const encodeItem = (item: readonly unknown[]): string => JSON.stringify(item);

/** @throws SyntaxError if it isn't JSON. */
export const decodeItem = (bytes: Buffer): TaggedItem => JSON.parse(bytes.toString()) as TaggedItem;

/**
 * A supervisor of ours says so with `dispatchReady`: it imports the vat's archive without checking
 * it. The kernel must do that before `startVat`.
 */
export const UNCHECKED = 'unchecked';

/** First characters of requests that transcripts do not record. */
const CONSOLE_HEAD = '["sourcedConsole",';
const TEST_LOG_HEAD = '["testLog",';

/**
 * Returns a substitute for a request that is too long for the channel. A vat is not faulted for
 * what it prints to its console or test log, and the answer, which stays in its heap, is the same.
 */
export const replaceLongRequest = (head: Buffer, length: number): Buffer | undefined => {
  const text = head.toString();
  const notice = `a line of ${length} bytes is too long and left out`;
  if (text.startsWith(CONSOLE_HEAD)) {
    return Buffer.from(encodeItem(['sourcedConsole', 'vat', 'warn', notice]));
  }
  return text.startsWith(TEST_LOG_HEAD) ? Buffer.from(encodeItem(['testLog', notice])) : undefined;
};

// The worker ignores these answers. They equal SwingSet's byte for byte, because they stay in the
// worker's heap until they are collected.
export const CONSOLE_ANSWER = encodeItem(['ok']);
export const TEST_LOG_ANSWER = encodeItem(['OK']);
