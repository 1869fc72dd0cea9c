/**
 * Reads a slog that grows, a line at a time.
 *
 * Invariants
 * 1. A line is passed on once, when its end is there.
 * 2. Memory is bounded: a line that is too long is passed over, and a step reads a bounded part.
 * 3. A file that takes the place of another is read from its beginning, also if it has the other's
 *    inode and is longer.
 */
import { open, type FileHandle } from 'node:fs/promises';

const STEP_BYTES = 4_000_000;
const MAX_LINE_BYTES = 64_000_000;

/** Bytes at the beginning that tell one file from another: its first entry has the time. */
const HEAD_BYTES = 512;

const LINE_FEED = 10;

export interface SlogFile {
  /** Reads what has come since. @returns false when nothing is left. @throws system errors */
  readonly step: () => Promise<boolean>;
  /** Bytes that were read. */
  readonly bytes: () => number;
  /** Bytes that have yet to be read, as of the last step. */
  readonly left: () => number;
}

/**
 * @param onLine - gets each line, without its end; undefined for one that is too long
 * @param onReset - the file was replaced or cut: it is read anew
 */
export const followSlogFile = (
  path: string,
  onLine: (line: string | undefined) => void,
  onReset: () => void,
): SlogFile => {
  let position = 0;
  let size = 0;
  let inode: number | undefined;
  let head = Buffer.alloc(0);
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let isTooLong = false;

  const startOver = (): void => {
    position = 0;
    head = Buffer.alloc(0);
    begun = [];
    begunBytes = 0;
    isTooLong = false;
    onReset();
  };

  const takePart = (part: Buffer): void => {
    begunBytes += part.length;
    if (begunBytes > MAX_LINE_BYTES) {
      isTooLong = true;
      begun = [];
    } else if (part.length > 0) begun.push(part);
  };

  const endLine = (): void => {
    if (isTooLong) onLine(undefined);
    else if (begunBytes > 0) onLine(Buffer.concat(begun).toString('utf8'));
    begun = [];
    begunBytes = 0;
    isTooLong = false;
  };

  const take = (chunk: Buffer): void => {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      takePart(chunk.subarray(from, end));
      endLine();
      from = end + 1;
    }
    // A copy: the rest of the chunk can go.
    takePart(Buffer.from(chunk.subarray(from)));
  };

  const readAt = async (file: FileHandle, from: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, from);
    return buffer.subarray(0, bytesRead);
  };

  const isOther = async (file: FileHandle, ino: number): Promise<boolean> =>
    size < position ||
    (inode !== undefined && inode !== ino) ||
    !(await readAt(file, 0, head.length)).equals(head);

  const step = async (): Promise<boolean> => {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      ({ size } = stats);
      if (await isOther(file, stats.ino)) startOver();
      inode = stats.ino;
      if (size === position) return false;
      const chunk = await readAt(file, position, Math.min(STEP_BYTES, size - position));
      const more = chunk.subarray(0, Math.max(0, HEAD_BYTES - position));
      if (more.length > 0) head = Buffer.concat([head, more]);
      position += chunk.length;
      take(chunk);
      return chunk.length > 0;
    } finally {
      await file.close();
    }
  };

  return { step, bytes: () => position, left: () => Math.max(0, size - position) };
};
