/**
 * Writes an export to disk. The directory gets a temporary name next to the target and is renamed
 * at the end, so a target that exists is complete. Memory holds one chunk at a time.
 */
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { umask } from 'node:process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { quoteValue } from '../errors.js';
import type { ArtifactMode } from './artifact-mode.js';
import { translateError } from './translate-error.js';
import { ExportDirectoryError } from './errors.js';
import { DATA_FILE, HEIGHT_KEY, MANIFEST_FILE, isBlockHeight } from './export-manifest.js';
import type { SwingStoreExporter } from './exporter.js';
import { checkDirPath } from './options.js';

export interface ExportProgress {
  readonly phase: 'data' | 'artifacts';
  /** The artifact just written. */
  readonly name?: string;
  /** Entries of export data, or artifacts, written so far. */
  readonly count: number;
  /** Bytes of artifacts written so far, uncompressed. */
  readonly bytes: number;
}

export interface WriteExportOptions {
  /** Recorded in the manifest. Must be the exporter's mode. */
  readonly artifactMode: ArtifactMode;
  readonly onProgress?: (progress: ExportProgress) => void;
  /** Aborts the export with the signal's reason, and deletes what was written. */
  readonly signal?: AbortSignal | undefined;
}

export interface WrittenExport {
  readonly entries: number;
  readonly artifacts: number;
  /** Bytes of artifacts, uncompressed. */
  readonly bytes: number;
}

const isMissing = (error: unknown): boolean =>
  (error as { code?: string } | null)?.code === 'ENOENT';

/** @throws ExportDirectoryError if `dirPath` is not absent or empty. */
const assertVacant = async (dirPath: string): Promise<void> => {
  try {
    if ((await readdir(dirPath)).length > 0) {
      throw new ExportDirectoryError(dirPath, 'it is not empty; name a new directory');
    }
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
  }
};

/** Artifacts are files of the same name. A damaged store may name them anything. */
const fileNameOf = (dirPath: string, name: string): string => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new ExportDirectoryError(dirPath, `${quoteValue(name)} can't be used as a file name`);
  }
  return name;
};

/**
 * Writes everything that the exporter offers into `dirPath`, which must be absent or empty. Leaves
 * the exporter open.
 * @throws ExportDirectoryError, StoreIOError, and what the exporter throws
 */
export const writeExportDirectory = async (
  exporter: SwingStoreExporter,
  dirPath: string,
  { artifactMode, onProgress, signal }: WriteExportOptions,
): Promise<WrittenExport> => {
  const target = resolve(checkDirPath(dirPath));
  const count = { entries: 0, artifacts: 0, bytes: 0 };

  const writeAll = async (partial: string): Promise<void> => {
    async function* dataLines(): AsyncIterableIterator<string> {
      for await (const entry of exporter.getExportData()) {
        signal?.throwIfAborted();
        count.entries += 1;
        if (count.entries % 10_000 === 0) {
          onProgress?.({ phase: 'data', count: count.entries, bytes: 0 });
        }
        yield `${JSON.stringify(entry)}\n`;
      }
    }
    await pipeline(Readable.from(dataLines()), createWriteStream(join(partial, DATA_FILE)));
    onProgress?.({ phase: 'data', count: count.entries, bytes: 0 });

    async function* counted(source: AsyncIterable<Uint8Array>): AsyncIterableIterator<Uint8Array> {
      for await (const chunk of source) {
        signal?.throwIfAborted();
        count.bytes += chunk.byteLength;
        yield chunk;
      }
    }
    async function* manifest(): AsyncIterableIterator<string> {
      const height = Number(exporter.getHostKV(HEIGHT_KEY) ?? Number.NaN);
      const head = {
        ...(isBlockHeight(height) && { blockHeight: height }),
        artifactMode,
        data: DATA_FILE,
      };
      yield `${JSON.stringify(head).slice(0, -1)},"artifacts":[`;
      for await (const name of exporter.getArtifactNames()) {
        signal?.throwIfAborted();
        const file = fileNameOf(target, name);
        await pipeline(
          Readable.from(counted(exporter.getArtifact(name)), { objectMode: false }),
          createWriteStream(join(partial, file), { flags: 'wx' }),
        );
        yield `${count.artifacts === 0 ? '' : ','}\n${JSON.stringify([name, file])}`;
        count.artifacts += 1;
        onProgress?.({ phase: 'artifacts', name, count: count.artifacts, bytes: count.bytes });
      }
      yield '\n]}\n';
    }
    await pipeline(Readable.from(manifest()), createWriteStream(join(partial, MANIFEST_FILE)));
  };

  let partial: string | undefined;
  try {
    await assertVacant(target);
    partial = await mkdtemp(join(dirname(target), `${basename(target)}.partial-`));
    await chmod(partial, 0o777 & ~umask());
    await writeAll(partial);
    // The rename replaces an empty directory and fails for anything else.
    await rename(partial, target);
    return count;
  } catch (error) {
    if (partial !== undefined) {
      // A disk that fails or is read-only keeps the remains. What the caller hears is the cause.
      await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    }
    throw translateError(error, target);
  }
};
