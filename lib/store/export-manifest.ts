/**
 * The layout of an export on disk, as hosts of `@agoric/swing-store` use it:
 *
 * | file | contents |
 * | --- | --- |
 * | `export-manifest.json` | `{ blockHeight?, artifactMode, data, artifacts: [[name, file], …] }` |
 * | `export-data.jsonl` | the export data, one line `[key, value]` per entry |
 * | one file per artifact, named after it | the artifact's bytes |
 *
 * Readers take file names from the manifest. Writers use the names in the table.
 */
import type { ArtifactMode } from './artifact-mode.js';

export const MANIFEST_FILE = 'export-manifest.json';
export const DATA_FILE = 'export-data.jsonl';
/** The key under which hosts keep the height of their last block. */
export const HEIGHT_KEY = 'host.height';

/** Whether `value` is a valid block height. */
export const isBlockHeight = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

export interface ExportManifest {
  /** The host's last block (`host.height`), if it counts blocks. */
  readonly blockHeight?: number;
  readonly artifactMode?: ArtifactMode;
  /** Name of the file with the export data. */
  readonly data: string;
  /** Artifacts and the names of their files. */
  readonly artifacts: readonly (readonly [name: string, file: string])[];
}
