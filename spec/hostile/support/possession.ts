/**
 * Worker processes that no longer do what their supervisor says, as if a vat had broken out of the
 * engine. A real worker runs until a delivery mentions `possessed`. That one does not reach it:
 * whatever the behaviour says goes to the kernel instead, as the worker's bytes.
 */
import { spawn as nodeSpawn, type ChildProcess } from 'node:child_process';
import { PassThrough, Writable } from 'node:stream';
import { netstringOf } from '../../../lib/platform/netstrings.js';

/** File descriptors of the worker's messages. */
const MESSAGES_IN = 3;
const MESSAGES_OUT = 4;

/** What the supervisor answers to a delivery that went well. */
export const ANSWER = '["ok",null,null]';

export interface Wire {
  /** Writes bytes to the kernel. */
  readonly say: (bytes: string | Buffer) => void;
  /** Sends a request, and returns the kernel's answer. Not for requests that end the worker. */
  readonly request: (text: string) => Promise<string>;
  /** Ends the delivery. */
  readonly answer: (text?: string, used?: string) => void;
  /** Gives the delivery to the real worker after all. What it says goes to `onBytes`. */
  readonly pass: (onBytes: (bytes: Buffer) => void) => void;
  /** Closes the pipe to the kernel. The process lives on. */
  readonly close: () => void;
  readonly child: ChildProcess;
  /** Earlier processes that were possessed: a worker that is replaced is possessed when it replays. */
  readonly before: number;
}

export type Possession = (wire: Wire) => void | Promise<void>;

const isTrigger = (text: string): boolean =>
  text.includes('["deliver",') && text.includes('possessed');

const possess = (child: ChildProcess, possession: Possession, count: () => number): void => {
  const stdio = child.stdio as unknown[];
  const toWorker = stdio[MESSAGES_IN] as Writable;
  const fromWorker = stdio[MESSAGES_OUT] as PassThrough;
  const toKernel = new PassThrough();
  let isPossessed = false;
  let onAnswer: ((text: string) => void) | undefined;
  let onBytes: ((bytes: Buffer) => void) | undefined;

  const say = (bytes: string | Buffer): void => void toKernel.write(bytes);
  const makeWire = (delivery: string): Wire => ({
    say,
    request: text =>
      new Promise(resolve => {
        onAnswer = resolve;
        say(netstringOf('?', text));
      }),
    answer: (text = ANSWER, used = '{"compute":1000}') => {
      isPossessed = false;
      say(netstringOf('.', `${used}\u0001${text}`));
    },
    pass: listener => {
      onBytes = listener;
      toWorker.write(delivery);
    },
    close: () => void toKernel.end(),
    child,
    before: count(),
  });

  const fromKernel = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      if (!isPossessed && isTrigger(text)) {
        isPossessed = true;
        void possession(makeWire(text));
      } else if (onAnswer) {
        const hear = onAnswer;
        onAnswer = undefined;
        hear(text.slice(text.indexOf('/') + 1, -1));
      } else if (!isPossessed || onBytes) {
        toWorker.write(text);
      }
      done();
    },
  });
  for (const stream of [fromKernel, toKernel]) stream.on('error', () => undefined);
  fromWorker.on('data', (bytes: Buffer) => {
    if (onBytes) onBytes(bytes);
    else if (!isPossessed) say(bytes);
  });
  fromWorker.on('close', () => void toKernel.end());
  stdio[MESSAGES_IN] = fromKernel;
  stdio[MESSAGES_OUT] = toKernel;
};

/** Starts real workers, and possesses those of the vats with these names. */
export const makePossessedSpawn = (
  names: readonly string[],
  possession: Possession,
): typeof nodeSpawn => {
  let possessed = 0;
  const count = () => {
    possessed += 1;
    return possessed - 1;
  };
  return ((command: string, args: string[], options: object) => {
    const child = nodeSpawn(command, args, options);
    if (names.some(name => args[0]?.endsWith(`:${name}`))) possess(child, possession, count);
    return child;
  }) as typeof nodeSpawn;
};
