/**
 * Writes archives: each is a complete file under its name, or is not there. Uses the file system
 * of Node, or the powers that a host passes, as in swing-store.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { BadOptionError } from '../errors.js';

/** The second argument of `makeArchiveSnapshot` and `makeArchiveTranscript`. */
export interface ArchivePowers {
  readonly fs: {
    mkdirSync(path: string, options: { recursive: true }): unknown;
    createWriteStream(path: string, options: { fd: number; flush: true }): Writable;
    renameSync(from: string, to: string): unknown;
  };
  readonly path: { join(...parts: string[]): string };
  /** As of the package `tmp`. */
  readonly tmp: {
    fileSync(options: {
      tmpdir: string;
      prefix: string;
      postfix: string;
      detachDescriptor: true;
    }): { readonly name: string; readonly fd: number; readonly removeCallback: () => unknown };
  };
}

/** A file that is not complete yet. */
interface PartialFile {
  readonly sink: Writable;
  /** Gives the file its name. */
  readonly finish: () => Promise<void>;
  readonly discard: () => Promise<void>;
}

type OpenPartial = (name: string) => Promise<PartialFile>;

const syncDirectory = async (dirPath: string): Promise<void> => {
  const directory = await open(dirPath, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

const openByNode =
  (dirPath: string): OpenPartial =>
  async name => {
    await mkdir(dirPath, { recursive: true });
    const file = join(dirPath, `${name}.gz`);
    const partial = `${file}.partial`;
    return {
      sink: createWriteStream(partial, { flush: true }),
      finish: async () => {
        await rename(partial, file);
        // A rename is durable once its directory is, and the archive may soon be the only copy.
        await syncDirectory(dirPath);
      },
      discard: () => rm(partial, { force: true }),
    };
  };

const insistPowers = (powers: ArchivePowers): void => {
  const needed = {
    fs: ['mkdirSync', 'createWriteStream', 'renameSync'],
    path: ['join'],
    tmp: ['fileSync'],
  };
  for (const [power, names] of Object.entries(needed)) {
    const found = powers[power as keyof ArchivePowers] as unknown as
      Readonly<Record<string, unknown>> | undefined;
    for (const name of names) {
      if (typeof found?.[name] === 'function') continue;
      throw new BadOptionError(`powers.${power}.${name}`, found?.[name], 'a function');
    }
  }
};

const openByPowers = (dirPath: string, { fs, path, tmp }: ArchivePowers): OpenPartial => {
  fs.mkdirSync(dirPath, { recursive: true });
  return async name => {
    const partial = tmp.fileSync({
      tmpdir: dirPath,
      prefix: name,
      postfix: '.gz.tmp',
      detachDescriptor: true,
    });
    const forget = async () => void partial.removeCallback();
    return {
      sink: fs.createWriteStream('', { fd: partial.fd, flush: true }),
      finish: async () => {
        fs.renameSync(partial.name, path.join(dirPath, `${name}.gz`));
        await forget();
      },
      discard: forget,
    };
  };
};

export type WriteArchive = (
  name: string,
  chunks: Iterable<Uint8Array>,
  options: { readonly compress: boolean },
) => Promise<void>;

/** @throws BadOptionError for incomplete `powers` */
export const makeArchiveWriter = (dirPath: string, powers?: ArchivePowers | null): WriteArchive => {
  if (powers) insistPowers(powers);
  const openPartial = powers ? openByPowers(dirPath, powers) : openByNode(dirPath);
  return async (name, chunks, { compress }) => {
    const { sink, finish, discard } = await openPartial(name);
    try {
      const source = Readable.from(chunks, { objectMode: false });
      await (compress ? pipeline(source, createGzip(), sink) : pipeline(source, sink));
      await finish();
    } catch (error) {
      // The cause counts, not that its remains can't be removed either.
      await discard().catch(() => undefined);
      throw error;
    }
  };
};
