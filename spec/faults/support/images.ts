/** What the files of an open store hold at a moment, as a `kill -9` at that moment would leave them. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { STORE_FILE } from '../../../lib/store/schema.js';
import type { Files } from './simulated-disk.js';

const NAMES = [STORE_FILE, `${STORE_FILE}-wal`] as const;

/** How often this process has called the operating system to write, on Linux. */
const countWrites = (): string | undefined => {
  try {
    return /^syscw: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
};

export interface StoreImages {
  /** The hash of the image at this moment. */
  take(): string;
  /** By hash, in the order in which they were first met. */
  readonly images: ReadonlyMap<string, Files>;
  /** To be called when the store is closed. */
  close(): void;
}

/** The store in `path` must exist. */
export const watchImages = (path: string): StoreImages => {
  const images = new Map<string, Files>();
  /** Stay open: to close one would drop SQLite's locks on the file. */
  const fds = new Map<string, number>();
  let last: { readonly writes: string | undefined; readonly hash: string } | undefined;

  const read = (name: string): Buffer | undefined => {
    const file = join(path, name);
    if (!fds.has(name)) {
      if (!existsSync(file)) return undefined;
      fds.set(name, openSync(file, 'r'));
    }
    const fd = fds.get(name)!;
    const bytes = Buffer.alloc(fstatSync(fd).size);
    readSync(fd, bytes, 0, bytes.length, 0);
    return bytes;
  };

  return {
    images,
    take: () => {
      const writes = countWrites();
      if (last?.writes !== undefined && last.writes === writes) return last.hash;
      const files = new Map<string, Buffer>();
      const hash = createHash('sha1');
      for (const name of NAMES) {
        const bytes = read(name);
        hash.update(`${name} ${bytes?.length ?? 'absent'}\n`).update(bytes ?? '');
        if (bytes) files.set(name, bytes);
      }
      const name = hash.digest('hex');
      if (!images.has(name)) images.set(name, files);
      last = { writes, hash: name };
      return name;
    },
    close: () => fds.forEach(fd => closeSync(fd)),
  };
};
