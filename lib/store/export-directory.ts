/** Reads an export on disk, as an importer wants it. What is read is checked by whoever imports it. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { quoteValue } from '../errors.js';
import { checkArtifactMode } from './artifact-mode.js';
import { translateError } from './database.js';
import { ExportDirectoryError } from './errors.js';
import { MANIFEST_FILE } from './export-manifest.js';
import type { ExportManifest } from './export-manifest.js';
import type { ImportSource } from './importer.js';
import { readLines } from './lines.js';
import { checkDirPath } from './options.js';

const isMissing = (error: unknown): boolean =>
  (error as { code?: string } | null)?.code === 'ENOENT';

const isPair = (value: unknown): value is readonly [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every(part => typeof part === 'string');

const readManifest = async (dirPath: string): Promise<ExportManifest> => {
  const bad = (detail: string, cause?: unknown): ExportDirectoryError =>
    new ExportDirectoryError(dirPath, detail, { cause });
  let text: string;
  try {
    text = await readFile(join(dirPath, MANIFEST_FILE), 'utf8');
  } catch (error) {
    if (isMissing(error)) {
      throw bad(`there is no ${MANIFEST_FILE}`);
    }
    throw translateError(error, dirPath);
  }
  let parsed: Partial<Record<keyof ExportManifest, unknown>>;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch (error) {
    throw bad(`its ${MANIFEST_FILE} is not JSON`, error);
  }
  const { blockHeight, artifactMode, data, artifacts = [] } = parsed;
  if (typeof data !== 'string') {
    throw bad(`its ${MANIFEST_FILE} names no file of export data`);
  }
  if (!Array.isArray(artifacts) || !artifacts.every(isPair)) {
    throw bad(`its ${MANIFEST_FILE} has artifacts that are not pairs of name and file`);
  }
  if (blockHeight !== undefined && typeof blockHeight !== 'number') {
    throw bad(`its ${MANIFEST_FILE} has blockHeight ${quoteValue(blockHeight)}`);
  }
  for (const file of [data, ...artifacts.map(([, name]) => name)]) {
    const path = normalize(file);
    if (isAbsolute(path) || path.split(sep)[0] === '..') {
      throw bad(`its ${MANIFEST_FILE} names ${quoteValue(file)}, which is outside`);
    }
  }
  return {
    data,
    artifacts,
    ...(blockHeight !== undefined && { blockHeight }),
    ...(artifactMode !== undefined && { artifactMode: checkArtifactMode(artifactMode) }),
  };
};

async function* readFileBytes(
  dirPath: string,
  file: string,
  name: string,
): AsyncIterableIterator<Uint8Array> {
  try {
    yield* createReadStream(join(dirPath, file)) as AsyncIterable<Buffer>;
  } catch (error) {
    if (isMissing(error)) {
      throw new ExportDirectoryError(dirPath, `${name}: there is no file ${quoteValue(file)}`);
    }
    throw translateError(error, dirPath);
  }
}

async function* readData(dirPath: string, file: string): AsyncIterableIterator<[string, string]> {
  const bad = (detail: string): ExportDirectoryError =>
    new ExportDirectoryError(dirPath, `${file}: ${detail}`);
  let number = 0;
  const bytes = readFileBytes(dirPath, file, 'export data');
  for await (const line of readLines(bytes, () => bad('its last line is cut off'))) {
    number += 1;
    let entry: unknown;
    try {
      entry = JSON.parse(line);
    } catch {
      entry = undefined;
    }
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw bad(`line ${number} is not a pair of key and value`);
    }
    yield entry as [string, string];
  }
}

export interface ExportDirectory extends ImportSource {
  readonly manifest: ExportManifest;
  /** @throws ExportDirectoryError, when iterated, for a name that the manifest lacks. */
  getArtifact(name: string): AsyncIterable<Uint8Array>;
}

/**
 * Opens what `writeExportDirectory` or another host wrote.
 * @throws ExportDirectoryError, StoreIOError
 */
export const openExportDirectory = async (dirPath: string): Promise<ExportDirectory> => {
  const manifest = await readManifest(checkDirPath(dirPath));
  const files = new Map(manifest.artifacts);
  return {
    manifest,
    getExportData: () => readData(dirPath, manifest.data),
    getArtifactNames: () => files.keys(),
    getArtifact: async function* getArtifact(name) {
      const file = files.get(name);
      if (file === undefined) {
        throw new ExportDirectoryError(dirPath, `it has no artifact ${quoteValue(name)}`);
      }
      yield* readFileBytes(dirPath, file, name);
    },
  };
};

/** Whether there is an export's manifest in `dirPath`. */
export const isExportDirectory = async (dirPath: string): Promise<boolean> => {
  try {
    return (await stat(join(dirPath, MANIFEST_FILE))).isFile();
  } catch {
    return false;
  }
};
