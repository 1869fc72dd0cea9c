/** Reads a slog file, entry by entry, in bounded memory. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { quoteValue, SwingsetError } from '../../errors.js';
import type { SlogEntry } from '../../types/slog.js';

/** A line of a slog file is no slog entry. */
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
  readonly line: number;
  readonly entry: SlogEntry;
}

const isEntry = (value: unknown): value is SlogEntry =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  typeof (value as { type?: unknown }).type === 'string';

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

/**
 * All entries of a file. The last line may be cut off, because the kernel that writes it may be
 * running or may have been killed.
 *
 * @throws SlogReadError, SlogFormatError
 */
export async function* readSlog(file: string): AsyncGenerator<SlogLine, void> {
  let bad: NumberedText | undefined;
  for await (const { line, text } of readLines(file)) {
    if (bad) {
      throw new SlogFormatError(file, bad.line, `not a JSON object: ${quoteValue(bad.text)}`);
    }
    const entry = parse(text);
    if (entry === undefined) bad = { line, text };
    else if (isEntry(entry)) yield { file, line, entry };
    else throw new SlogFormatError(file, line, `no entry with a type: ${quoteValue(entry)}`);
  }
}
