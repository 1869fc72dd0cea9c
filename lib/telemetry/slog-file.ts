/**
 * Writes the structured log to a file, one JSON object a line.
 *
 * Entries of one turn of the event loop are written together at its end, and when they exceed
 * 64 KiB, when `flush` or `close` is called, and when the process exits. `kill -9` costs the entries
 * of the turn under way, and may cut the last line short: the next process begins on a new one.
 *
 * Invariant: the disk never stops the kernel. A write that fails is reported once, its entries are
 * given up, and the next write tries again. When one succeeds, a `slog-lost` entry tells readers how
 * many are missing.
 */
import { attempt } from '../controller/outlets.js';
import { errorText, BadOptionError } from '../errors.js';
import { bigintsAsText } from '../json-text.js';
import { printable } from '../printable.js';
import type { SlogEntry, SlogSender } from '../types/slog.js';
import { insistKnownFields } from '../unknown-fields.js';
import { RotatingFile } from './rotating-file.js';

export interface SlogFileOptions {
  /**
   * Bytes. An entry that would make the file longer begins a new one, and the full file gets the
   * next number: `slog.jsonl.1`, `slog.jsonl.2`. By default the file is never rotated.
   */
  readonly maxBytes?: number;
  /** How many full files are kept; default 5. */
  readonly keep?: number;
  /** Compresses full files in the background; default false. */
  readonly gzip?: boolean;
  /**
   * Told of the first error of the disk. Default: a warning on the console of the process. What it
   * throws is ignored.
   */
  readonly onError?: (error: unknown) => void;
}

export interface SlogFile {
  /** For `runtimeOptions.slogSender`. Throws only for an entry that has no JSON. */
  readonly slogSender: SlogSender;
  /** Writes what waits in memory. Call it after a commit. */
  readonly flush: () => void;
  /** Writes the rest and closes the file. Resolves when full files are compressed. */
  readonly close: () => Promise<void>;
}

const DEFAULT_KEEP = 5;
const BUFFER_BYTES = 65_536;

const lineOf = (entry: SlogEntry): Buffer =>
  Buffer.from(`${JSON.stringify(entry, bigintsAsText)}\n`);

const insistCount = (field: string, value: number): void => {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new BadOptionError(field, value, 'a positive whole number');
};

/**
 * Appends to the file at `path`, which is made if need be. One process at a time may write it.
 *
 * @throws BadOptionError for bad options (issue 17)
 */
export const makeSlogFile = (path: string, options: SlogFileOptions = {}): SlogFile => {
  insistKnownFields(options, ['maxBytes', 'keep', 'gzip', 'onError']);
  const { maxBytes, keep = DEFAULT_KEEP, gzip = false } = options;
  if (maxBytes !== undefined) insistCount('maxBytes', maxBytes);
  insistCount('keep', keep);
  const {
    onError = error =>
      console.warn(printable(`the slog can't be written to ${path}: ${errorText(error)}`)),
  } = options;
  let isReported = false;
  const report = (error: unknown): void => {
    if (isReported) return;
    isReported = true;
    // Called where nobody waits: what it threw there would end the process.
    attempt(
      () => onError(error),
      () => undefined,
    );
  };
  const file = new RotatingFile(path, { maxBytes, keep, gzip, onError: report });

  let waiting: Buffer[] = [];
  let bytes = 0;
  let lost = 0;
  let turn: NodeJS.Immediate | undefined;
  let isClosed = false;

  const flush = (): void => {
    clearImmediate(turn);
    turn = undefined;
    const lines = waiting;
    waiting = [];
    bytes = 0;
    if (lines.length === 0) return;
    const notice = lost > 0 ? [lineOf({ type: 'slog-lost', entries: lost })] : [];
    const written = file.write([...notice, ...lines]) - notice.length;
    const missing = lines.length - Math.max(written, 0);
    lost = written < 0 ? lost + missing : missing;
  };
  process.on('exit', flush);

  return {
    slogSender: entry => {
      if (isClosed) return;
      const line = lineOf(entry);
      waiting.push(line);
      bytes += line.length;
      if (bytes >= BUFFER_BYTES) flush();
      else turn ??= setImmediate(flush);
    },
    flush,
    close: async () => {
      if (!isClosed) {
        isClosed = true;
        process.removeListener('exit', flush);
        flush();
      }
      await file.close();
    },
  };
};
