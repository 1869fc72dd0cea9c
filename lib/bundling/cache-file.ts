/**
 * Files of a cache. Whoever can write one decides what vats run, so none is believed that another
 * user may have written; and each carries a digest, because a disk may change a byte.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const ROOT = 0;
const OTHERS_MAY_WRITE = constants.S_IWGRP | constants.S_IWOTH;
/** Whatever the umask is. */
const MODE = 0o644;

/** Can only this user and root have written it? */
const isOurs = (stats: Stats): boolean => {
  const user = process.geteuid?.() ?? stats.uid;
  return (
    stats.isFile() && [user, ROOT].includes(stats.uid) && (stats.mode & OTHERS_MAY_WRITE) === 0
  );
};

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Undefined when the file is missing, cut off, damaged, or may be somebody else's. */
export const readCacheFile = async (file: string): Promise<unknown> => {
  try {
    // A pipe in its place must not make the process wait.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    let text: string;
    try {
      if (!isOurs(await handle.stat())) return undefined;
      text = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
    const end = text.indexOf('\n');
    const content = text.slice(end + 1);
    return digestOf(content) === text.slice(0, end) ? JSON.parse(content) : undefined;
  } catch {
    return undefined;
  }
};

/** Does nothing where it can't: a directory that nobody may write, or a full disk, costs time alone. */
export const writeCacheFile = async (file: string, value: unknown): Promise<void> => {
  const partial = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.partial`;
  try {
    const content = JSON.stringify(value);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(partial, `${digestOf(content)}\n${content}`, { mode: MODE, flag: 'wx' });
    await rename(partial, file);
  } catch {
    await rm(partial, { force: true }).catch(() => undefined);
  }
};
