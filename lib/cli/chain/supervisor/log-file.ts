/** A log file that a long-lived process appends to. Two files at most: the old one is replaced. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export interface LogFile {
  readonly write: (chunk: Uint8Array) => void;
  readonly close: () => void;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Beyond `maxBytes`, the file becomes `<path>.1`, and a new one begins. */
export const openLogFile = (path: string, maxBytes = MAX_BYTES): LogFile => {
  let file = openSync(path, 'a');
  let size = fstatSync(file).size;
  return {
    write: chunk => {
      if (size > 0 && size + chunk.length > maxBytes) {
        closeSync(file);
        renameSync(path, `${path}.1`);
        file = openSync(path, 'a');
        size = 0;
      }
      writeSync(file, chunk);
      size += chunk.length;
    },
    close: () => closeSync(file),
  };
};
