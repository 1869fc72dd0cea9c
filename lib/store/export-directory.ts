/** Reads an export on disk and offers it to an importer, which verifies the contents. */
import { stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { quoteValue } from '../errors.js';
import { isArtifactMode } from './artifact-mode.js';
import { ExportDirectoryError } from './errors.js';
import { leadsOutside, readExportFile, readExportText } from './export-files.js';
import { MANIFEST_FILE, isBlockHeight } from './export-manifest.js';
import type { ExportManifest } from './export-manifest.js';
import type { ImportSource } from './import-steps.js';
import { readLines } from './lines.js';
import { checkDirPath } from './options.js';
import { isMissing, translateError } from './translate-error.js';

/** An archival export of a large chain has a few hundred thousand artifacts. */
const MAX_MANIFEST_BYTES = 2 ** 28;

const isPair = (value: unknown): value is readonly [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every(part => typeof part === 'string');

const readManifest = async (dirPath: string): Promise<ExportManifest> => {
  const bad = (detail: string, cause?: unknown): ExportDirectoryError =>
    new ExportDirectoryError(dirPath, detail, { cause });
  const text = await readExportText(dirPath, MANIFEST_FILE, MAX_MANIFEST_BYTES);
  let parsed: Partial<Record<keyof ExportManifest, unknown>> | null;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch (error) {
    throw bad(`its ${MANIFEST_FILE} is not JSON`, error);
  }
  if (typeof parsed !== 'object' || parsed === null) {
    throw bad(`its ${MANIFEST_FILE} is not a record`);
  }
  const { blockHeight, artifactMode, data, artifacts = [] } = parsed;
  if (typeof data !== 'string') {
    throw bad(`its ${MANIFEST_FILE} does not name a file of export data`);
  }
  if (!Array.isArray(artifacts) || !artifacts.every(isPair)) {
    throw bad(`its ${MANIFEST_FILE} has artifacts that are not pairs of a name and a file`);
  }
  const names = new Set<string>();
  for (const [name] of artifacts) {
    if (names.has(name)) {
      throw bad(`its ${MANIFEST_FILE} names artifact ${quoteValue(name)} twice`);
    }
    names.add(name);
  }
  if (blockHeight !== undefined && !isBlockHeight(blockHeight)) {
    throw bad(`its ${MANIFEST_FILE} has blockHeight ${quoteValue(blockHeight)}`);
  }
  if (artifactMode !== undefined && !isArtifactMode(artifactMode)) {
    throw bad(`its ${MANIFEST_FILE} has artifactMode ${quoteValue(artifactMode)}`);
  }
  for (const file of [data, ...artifacts.map(([, name]) => name)]) {
    if (leadsOutside(normalize(file))) {
      throw bad(`its ${MANIFEST_FILE} names ${quoteValue(file)}, outside the directory`);
    }
  }
  return {
    data,
    artifacts,
    ...(blockHeight !== undefined && { blockHeight }),
    ...(artifactMode !== undefined && { artifactMode }),
  };
};

async function* readData(dirPath: string, file: string): AsyncIterableIterator<[string, string]> {
  const bad = (detail: string): ExportDirectoryError =>
    new ExportDirectoryError(dirPath, `${file}: ${detail}`);
  let number = 0;
  const bytes = readExportFile(dirPath, file, 'export data');
  for await (const line of readLines(bytes, bad)) {
    number += 1;
    let entry: unknown;
    try {
      entry = JSON.parse(line);
    } catch {
      entry = undefined;
    }
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw bad(`line ${number} is not a pair of a key and a value`);
    }
    yield entry as [string, string];
  }
}

export interface ExportDirectory extends ImportSource {
  readonly manifest: ExportManifest;
  /** @throws ExportDirectoryError, when iterated, if the manifest does not list `name`. */
  getArtifact(name: string): AsyncIterable<Uint8Array>;
}

/**
 * Opens an export that `writeExportDirectory` or another host wrote.
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
      yield* readExportFile(dirPath, file, name);
    },
  };
};

/**
 * Whether `dirPath` holds an export (its manifest file).
 * @throws StoreIOError
 */
export const isExportDirectory = async (dirPath: string): Promise<boolean> => {
  try {
    return (await stat(join(dirPath, MANIFEST_FILE))).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw translateError(error, dirPath);
  }
};
