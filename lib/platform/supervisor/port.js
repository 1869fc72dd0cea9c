/**
 * The channel to the kernel. Each message is a JSON array that begins with a tag; requests are
 * synchronous. `lib/workers/xsnap-worker.ts` is the other end.
 */
import { Fail } from '@endo/errors';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const encode = item => encoder.encode(JSON.stringify(item)).buffer;
const decode = bytes => JSON.parse(decoder.decode(bytes) || 'null');

/** @param {(request: ArrayBuffer) => ArrayBuffer} issueCommand - xsnap's */
export const makePort = issueCommand =>
  harden({
    /** Makes a request and ignores the answer. */
    send: item => {
      issueCommand(encode(item));
    },
    /** Makes a request and returns the answer. */
    call: item => decode(issueCommand(encode(item))),
    /**
     * Returns xsnap's `handleCommand`: it returns a report at once, and xsnap takes `result` from
     * that when the promise queue is empty. A rejection is reported as `['err', name, message]`.
     *
     * @param {(item: unknown[]) => Promise<unknown[]>} handleItem
     */
    makeCommandHandler: handleItem => bytes => {
      const item = decode(bytes);
      (Array.isArray(item) && item.length > 0) || Fail`a command must be an array with a tag`;
      const report = {};
      handleItem(item)
        .then(answer => {
          report.result = encode(answer);
        })
        .catch(({ name, message }) => {
          report.result = encode(['err', name, message]);
        })
        .catch(() => {
          report.result = encode(['err', 'Error', 'the worker failed, and its error has no text']);
        });
      return report;
    },
  });
