/**
 * Reads the files of an export directory, which is untrusted. Only regular files inside the
 * directory are read: a link may not lead outside, and reading a device or a pipe might never end.
 */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { quoteValue } from '../errors.js';
import { codeOf, isMissing, translateError } from './translate-error.js';
import { ExportDirectoryError } from './errors.js';

/** Whether a relative path leads out of the directory that it starts from. */
export const leadsOutside = (path: string): boolean =>
  isAbsolute(path) || path.split(sep)[0] === '..';

/** No file can have such a name: it is too long, or has a NUL. */
const isNoName = (error: unknown): boolean =>
  ['ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(codeOf(error));

/** @param name - names the file in errors */
const openFile = async (dirPath: string, file: string, name: string): Promise<FileHandle> => {
  const bad = (detail: string, cause?: unknown): ExportDirectoryError =>
    new ExportDirectoryError(dirPath, `${name}: ${detail}`, { cause });
  let handle: FileHandle | undefined;
  try {
    const path = await realpath(join(dirPath, file));
    if (leadsOutside(relative(await realpath(dirPath), path))) {
      throw bad(`${quoteValue(file)} is a link to ${quoteValue(path)}, outside the directory`);
    }
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    if (!(await handle.stat()).isFile()) {
      throw bad(`${quoteValue(file)} is not a regular file`);
    }
    return handle;
  } catch (error) {
    await handle?.close();
    if (isMissing(error) || isNoName(error)) {
      throw bad(`there is no file ${quoteValue(file)}`, error);
    }
    throw translateError(error, dirPath);
  }
};

/**
 * Streams the bytes that the file has when it is opened.
 * @throws ExportDirectoryError, StoreIOError
 */
export async function* readExportFile(
  dirPath: string,
  file: string,
  name: string,
): AsyncIterableIterator<Uint8Array> {
  const handle = await openFile(dirPath, file, name);
  try {
    const { size } = await handle.stat();
    if (size > 0) {
      yield* handle.createReadStream({ end: size - 1, autoClose: false }) as AsyncIterable<Buffer>;
    }
  } catch (error) {
    throw translateError(error, dirPath);
  } finally {
    await handle.close();
  }
}

/**
 * Reads a whole file as text, up to `limit` bytes.
 * @throws ExportDirectoryError, StoreIOError
 */
export const readExportText = async (
  dirPath: string,
  file: string,
  limit: number,
): Promise<string> => {
  const handle = await openFile(dirPath, file, file);
  try {
    const { size } = await handle.stat();
    if (size > limit) {
      throw new ExportDirectoryError(dirPath, `${file}: it is longer than ${limit} bytes`);
    }
    return await handle.readFile('utf8');
  } catch (error) {
    throw translateError(error, dirPath);
  } finally {
    await handle.close();
  }
};
