/** Reads a slog file, entry by entry, in bounded memory. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { quoteValue, SwingsetError } from '../../errors.js';
import type { SlogEntry } from '../../types/slog.js';

/** A line of a slog file is no slog entry, nor the beginning of one. */
export class SlogFormatError extends SwingsetError {
  readonly code = 'SLOG_FORMAT';
  constructor(
    readonly file: string,
    /** From 1 on. */
    readonly line: number,
    detail: string,
  ) {
    super(`${file}:${line}: ${detail}`);
  }
}

/** A slog file can't be read. */
export class SlogReadError extends SwingsetError {
  readonly code = 'SLOG_READ';
  constructor(
    readonly file: string,
    cause: Error,
  ) {
    super(`can't read ${file}: ${cause.message}`, { cause });
  }
}

export interface SlogLine {
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
  /** Undefined for a line that was cut off. */
  readonly entry: SlogEntry | undefined;
}

const isEntry = (value: unknown): value is SlogEntry =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  typeof (value as { type?: unknown }).type === 'string';

/**
 * What `kill -9` or a full disk leave of a line is its beginning; a power failure may leave zeros. Our
 * writer then goes on with a new line (`lib/telemetry/rotating-file.ts`). Where another one appends
 * to the line, its entry is lost with it. Any other text that is no JSON is in no slog.
 */
const isCut = (text: string): boolean =>
  text === '{' || text.startsWith('{"') || text.startsWith('\0');

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

interface NumberedText {
  readonly line: number;
  readonly text: string;
}

/** The lines that are not empty. Files that end in `.gz` are unpacked. */
async function* readLines(file: string): AsyncGenerator<NumberedText, void> {
  const bytes = createReadStream(file);
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  let failure: Error | undefined;
  // One that another stream reads ends the loop below without an error of its own.
  const fail = (error: Error): void => {
    failure ??= error;
    input.destroy();
  };
  bytes.on('error', fail);
  if (input !== bytes) input.on('error', fail);
  const lines = createInterface({ input, crlfDelay: Infinity });
  input.on('close', () => lines.close());
  let line = 0;
  try {
    for await (const text of lines) {
      line += 1;
      if (text.trim() !== '') yield { line, text };
    }
  } catch (error) {
    failure ??= error as Error;
  } finally {
    bytes.destroy();
  }
  if (failure) throw new SlogReadError(file, failure);
}

const notJSON = (file: string, { line, text }: NumberedText): SlogFormatError =>
  new SlogFormatError(file, line, `not a JSON object: ${quoteValue(text)}`);

/**
 * All entries of a file, and the lines that were cut off: the last one while a kernel writes it, and
 * one wherever a kernel was killed and started again. A file of several lines without an entry is no
 * slog.
 *
 * @throws SlogReadError, SlogFormatError
 */
export async function* readSlog(file: string): AsyncGenerator<SlogLine, void> {
  let entries = 0;
  let cut = 0;
  let first: NumberedText | undefined;
  for await (const { line, text } of readLines(file)) {
    const value = parse(text);
    if (isEntry(value)) {
      entries += 1;
      yield { file, line, entry: value };
    } else if (value !== undefined) {
      throw new SlogFormatError(file, line, `no entry with a type: ${quoteValue(value)}`);
    } else if (isCut(text)) {
      cut += 1;
      first ??= { line, text };
      yield { file, line, entry: undefined };
    } else {
      throw notJSON(file, { line, text });
    }
  }
  if (entries === 0 && cut > 1 && first) throw notJSON(file, first);
}
