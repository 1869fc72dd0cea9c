/**
 * The channel to the kernel. Each message is a JSON array that begins with a tag; requests are
 * synchronous. `lib/workers/xsnap-worker.ts` is the other end.
 *
 * Syscalls whose answer is always the same wait here until something else goes to the kernel, which
 * then gets all of them in order. Each message costs both sides more than most syscalls do (issue
 * 16). If the kernel refuses one of them, the crank is undone, whatever the vat does meanwhile.
 *
 * Invariants:
 * 1. What reaches the kernel, and in which order, does not depend on how long syscalls wait.
 * 2. What waits does not show in computrons: liveslots pages virtual objects in outside of the
 *    meter, as the collector has it, and such a syscall takes along those that wait.
 */
import { Fail } from '@endo/errors';
import { unmetered } from './meter-control.js';

/** Syscalls that may wait, and their characters. Longer ones go alone, up to the kernel's limit. */
const MOST_WAITING = 500;
const MOST_CHARS = 100_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const encodeText = text => encoder.encode(text).buffer;
const encode = item => encodeText(JSON.stringify(item));
const decode = bytes => JSON.parse(decoder.decode(bytes) || 'null');

/** @param {(request: ArrayBuffer) => ArrayBuffer} issueCommand - xsnap's */
export const makePort = issueCommand => {
  /** JSON of the syscalls that wait. */
  let waiting = [];
  let chars = 0;

  const takeWaiting = () => {
    const taken = waiting;
    waiting = [];
    chars = 0;
    return taken;
  };

  const issueSyscalls = texts => issueCommand(encodeText(`["syscall",${texts.join()}]`));

  const issueWaiting = () => {
    if (waiting.length > 0) decode(issueSyscalls(takeWaiting()));
  };

  /** Makes room for one more syscall in the same message. */
  const makeRoomFor = text => {
    if (waiting.length >= MOST_WAITING || chars + text.length > MOST_CHARS) issueWaiting();
  };

  const wait = text => {
    waiting.push(text);
    chars += text.length;
  };

  return harden({
    /** Makes a request that is no syscall, and ignores the answer. */
    send: item => {
      unmetered(issueWaiting);
      issueCommand(encode(item));
    },
    /** Makes a syscall and returns the answer. */
    ask: syscall => {
      const text = JSON.stringify(syscall);
      return unmetered(() => {
        makeRoomFor(text);
        return decode(issueSyscalls([...takeWaiting(), text]));
      });
    },
    /** Makes a syscall that the kernel answers with `['ok', null]`. */
    tell: syscall => {
      const text = JSON.stringify(syscall);
      unmetered(() => {
        makeRoomFor(text);
        wait(text);
      });
    },
    /**
     * Returns xsnap's `handleCommand`: it returns a report at once, and xsnap takes `result` from
     * that when the promise queue is empty. Syscalls that wait are added to the answer. A rejection
     * is reported as `['err', name, message]`.
     *
     * @param {(item: unknown[]) => Promise<unknown[]>} handleItem
     */
    makeCommandHandler: handleItem => bytes => {
      const item = decode(bytes);
      (Array.isArray(item) && item.length > 0) || Fail`a command must be an array with a tag`;
      const report = {};
      handleItem(item)
        .then(answer => {
          const text = JSON.stringify(answer);
          report.result = unmetered(() =>
            encodeText(`[${[text.slice(1, -1), ...takeWaiting()].join()}]`),
          );
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
};
