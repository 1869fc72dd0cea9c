/**
 * A file of lines that is set aside when it is full: `slog.jsonl` becomes `slog.jsonl.1`, the next
 * one `slog.jsonl.2`. The highest number is the newest. Numbers rise and files keep theirs, so one
 * rename rotates, and a reader or a compression of an old file is never overtaken.
 *
 * Boundary: knows nothing of the slog. Errors of the disk are passed to `onError`, which must not
 * throw.
 *
 * Invariants
 * 1. A line is never split between two files.
 * 2. Whatever a dead process or a full disk left of a line stands alone: the next line begins on a
 *    line of its own.
 * 3. What is not a regular file (a pipe, a terminal) is never rotated.
 */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export interface RotatingFileOptions {
  /** A line that would make the file longer goes to the next file. Undefined never rotates. */
  readonly maxBytes: number | undefined;
  /** How many full files are kept beside the current one. */
  readonly keep: number;
  /** Compresses full files in the background. */
  readonly gzip: boolean;
  /** Told of what fails: a write, a rotation, or something in the background. */
  readonly onError: (error: unknown) => void;
}

interface OpenFile {
  readonly fd: number;
  readonly isRegular: boolean;
  size: number;
}

const NEWLINE = Buffer.from('\n');

/** `slog.jsonl.3` and `slog.jsonl.3.gz`; not the `.tmp` of a compression. */
const NUMBERED = /^\.([1-9][0-9]{0,14})(\.gz)?$/;

const writeFully = (file: OpenFile, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length;) {
    const written = writeSync(file.fd, bytes, at);
    file.size += written;
    at += written;
  }
};

const endsInside = ({ fd, size }: OpenFile): boolean => {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return !last.equals(NEWLINE);
};

/** Opens at the end, and finishes a line that was torn. */
const openAtEnd = (path: string): OpenFile => {
  const isSpecial = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  // Only a regular file is read; pipes may not even be opened for it.
  const fd = openSync(path, isSpecial ? 'a' : 'a+');
  try {
    const stats = fstatSync(fd);
    const isRegular = stats.isFile();
    const file = { fd, isRegular, size: isRegular ? stats.size : 0 };
    if (endsInside(file)) writeFully(file, NEWLINE);
    return file;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
};

export class RotatingFile {
  readonly #path: string;

  readonly #options: RotatingFileOptions;

  /** Undefined after an error, and before the first line. */
  #file: OpenFile | undefined;

  /** Compressions, one after the other. */
  #packing: Promise<void> = Promise.resolve();

  constructor(path: string, options: RotatingFileOptions) {
    this.#path = path;
    this.#options = options;
    if (options.gzip) this.#attempt(() => this.#packLeftovers());
  }

  /**
   * Appends whole lines, each with its newline. After an error, the next call opens the file anew.
   * @returns how many of them the file has, the first ones. If not all, `onError` was told why.
   */
  write(lines: readonly Uint8Array[]): number {
    const { maxBytes = Infinity } = this.#options;
    let written = 0;
    let batch: Uint8Array[] = [];
    let bytes = 0;
    const flush = (): void => {
      const file = this.#open();
      let end = file.size;
      try {
        writeFully(file, Buffer.concat(batch));
      } finally {
        for (const line of batch) {
          end += line.length;
          if (end <= file.size) written += 1;
        }
      }
      batch = [];
      bytes = 0;
    };
    try {
      for (const line of lines) {
        const { isRegular, size } = this.#open();
        const filled = size + bytes;
        if (isRegular && filled > 0 && filled + line.length > maxBytes) {
          flush();
          this.#attempt(() => this.#rotate());
        }
        batch.push(line);
        bytes += line.length;
      }
      flush();
    } catch (error) {
      this.#release();
      this.#options.onError(error);
    }
    return written;
  }

  /** Closes the file. Resolves when compressions under way are done. */
  close(): Promise<void> {
    this.#release();
    return this.#packing;
  }

  #open(): OpenFile {
    this.#file ??= openAtEnd(this.#path);
    return this.#file;
  }

  #release(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file) this.#attempt(() => closeSync(file.fd));
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Full files by number, oldest first. */
  #numbered(): readonly { readonly number: number; readonly isPacked: boolean }[] {
    const name = basename(this.#path);
    return readdirSync(dirname(this.#path))
      .filter(each => each.startsWith(name))
      .flatMap(each => {
        const [, number, gz] = NUMBERED.exec(each.slice(name.length)) ?? [];
        return number === undefined ? [] : [{ number: Number(number), isPacked: gz !== undefined }];
      })
      .sort((a, b) => a.number - b.number);
  }

  #rotate(): void {
    const { keep, gzip } = this.#options;
    const number = (this.#numbered().at(-1)?.number ?? 0) + 1;
    const full = `${this.#path}.${number}`;
    this.#release();
    renameSync(this.#path, full);
    if (gzip) this.#pack(full);
    for (const each of this.#numbered()) {
      if (each.number > number - keep) break;
      const old = `${this.#path}.${each.number}`;
      for (const suffix of ['', '.gz', '.gz.tmp']) rmSync(`${old}${suffix}`, { force: true });
    }
  }

  /** Goes on with what a dead process has not compressed. */
  #packLeftovers(): void {
    for (const { number, isPacked } of this.#numbered()) {
      if (!isPacked) this.#pack(`${this.#path}.${number}`);
    }
  }

  #pack(path: string): void {
    const pack = async (): Promise<void> => {
      // Rotations since then may have deleted it.
      if (!existsSync(path)) return;
      const temporary = `${path}.gz.tmp`;
      try {
        await pipeline(
          createReadStream(path),
          createGzip(),
          // On disk before the original goes.
          createWriteStream(temporary, { flush: true }),
        );
        if (existsSync(path)) renameSync(temporary, `${path}.gz`);
        rmSync(path, { force: true });
      } finally {
        // What a full disk has cut off would only keep it full.
        rmSync(temporary, { force: true });
      }
    };
    this.#packing = this.#packing.then(pack).catch(this.#options.onError);
  }
}
