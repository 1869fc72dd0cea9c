/**
 * Reads a slog that grows, a line at a time.
 *
 * Invariants
 * 1. A line is passed on once, when its end is there.
 * 2. Memory is bounded: a line that is too long is passed over, and a step reads a bounded part.
 */
import { open } from 'node:fs/promises';

const STEP_BYTES = 4_000_000;
const MAX_LINE_BYTES = 64_000_000;

const LINE_FEED = 10;

export interface SlogFile {
  /** Reads what has come since. @returns false when nothing is left. @throws system errors */
  readonly step: () => Promise<boolean>;
  /** Bytes that were read. */
  readonly bytes: () => number;
}

/**
 * @param onLine - gets each line, without its end
 * @param onReset - the file was replaced or cut: it is read anew
 */
export const followSlogFile = (
  path: string,
  onLine: (line: string) => void,
  onReset: () => void,
): SlogFile => {
  let position = 0;
  let inode: number | undefined;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let isTooLong = false;

  const startOver = (): void => {
    position = 0;
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
    if (!isTooLong && begunBytes > 0) onLine(Buffer.concat(begun).toString('utf8'));
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

  const step = async (): Promise<boolean> => {
    const file = await open(path, 'r');
    try {
      const { size, ino } = await file.stat();
      const isSame = inode === undefined || inode === ino;
      inode = ino;
      if (!isSame || size < position) startOver();
      if (size === position) return false;
      const buffer = Buffer.alloc(Math.min(STEP_BYTES, size - position));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      position += bytesRead;
      take(buffer.subarray(0, bytesRead));
      return bytesRead > 0;
    } finally {
      await file.close();
    }
  };

  return { step, bytes: () => position };
};
