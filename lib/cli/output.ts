/**
 * What commands print: whole, or the command has failed. `kernel-dump > dump.json` on a full disk
 * must not end as if it had succeeded.
 *
 * A reader that is gone (`| head`) is no failure, and stops no command.
 */
import { errorText } from '../errors.js';

/** Writes some of the bytes, and returns how many. */
type WriteSome = (bytes: Uint8Array) => number;

interface Output {
  /** Prints a line, or several. */
  readonly print: (text: string) => void;
  /** Why something of what was printed is missing. */
  readonly problem: () => string | undefined;
}

interface OutputStream {
  write(text: string): unknown;
  on(event: 'error', listener: (error: Error & { readonly code?: string }) => void): unknown;
}

const READER_IS_GONE = new Set(['EPIPE', 'ECONNRESET']);

/**
 * @param stream - stdout
 * @param writeToFile - For a stdout that is a file. Node's stream makes one call for each text, and
 *   takes what a disk that fills up has written of it for all.
 */
export const makeOutput = (stream: OutputStream, writeToFile?: WriteSome): Output => {
  let problem: string | undefined;
  const failed = (error: Error & { readonly code?: string }): void => {
    if (!READER_IS_GONE.has(error.code ?? '')) problem ??= errorText(error);
  };
  stream.on('error', failed);
  const writeWhole = (text: string, write: WriteSome): void => {
    const bytes = new TextEncoder().encode(text);
    let written = 0;
    while (written < bytes.length) written += write(bytes.subarray(written));
  };
  return {
    print: text => {
      // What comes after a gap would hide it.
      if (problem !== undefined) return;
      if (!writeToFile) {
        stream.write(`${text}\n`);
        return;
      }
      try {
        writeWhole(`${text}\n`, writeToFile);
      } catch (error) {
        failed(error as Error);
      }
    },
    problem: () => problem,
  };
};
