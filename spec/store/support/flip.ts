/** Damages bytes of a file, as a failing disk does. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export const storeFile = (dirPath: string): string => join(dirPath, 'swingstore.sqlite');

/** Changes one byte of a closed store's file. */
export const flipByte = (dirPath: string, offset: number, mask = 0x01): void => {
  const byte = readFileSync(storeFile(dirPath))[offset] ?? 0;
  const fd = openSync(storeFile(dirPath), 'r+');
  writeSync(fd, Buffer.from([byte ^ mask]), 0, 1, offset);
  closeSync(fd);
};

/**
 * Flips the lowest bit of the byte at `at` within each place where the file holds these bytes, or
 * only the n-th of them. Returns how many places there are.
 */
export const flipIn = (
  dirPath: string,
  bytes: string | Buffer,
  { at = 0, nth }: { at?: number; nth?: number } = {},
): number => {
  const file = readFileSync(storeFile(dirPath));
  let places = 0;
  for (let index = file.indexOf(bytes); index >= 0; index = file.indexOf(bytes, index + 1)) {
    if (nth === undefined || nth === places) flipByte(dirPath, index + at);
    places += 1;
  }
  return places;
};
