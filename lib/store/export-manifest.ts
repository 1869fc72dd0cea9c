/**
 * An export on disk, in the layout that hosts of `@agoric/swing-store` use:
 *
 * | file | what is in it |
 * | --- | --- |
 * | `export-manifest.json` | `{ blockHeight?, artifactMode, data, artifacts: [[name, file], …] }` |
 * | `export-data.jsonl` | the export data, a line `[key, value]` each |
 * | one file per artifact, under its name | its bytes |
 *
 * A reader takes file names from the manifest; the names in the table are those that we write.
 */
import type { ArtifactMode } from './artifact-mode.js';

export const MANIFEST_FILE = 'export-manifest.json';
export const DATA_FILE = 'export-data.jsonl';
/** Where hosts keep the height of their last block. */
export const HEIGHT_KEY = 'host.height';

/** Whether a host may have such a height. */
export const isBlockHeight = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

export interface ExportManifest {
  /** The host's last block, when it counts blocks (`host.height`). */
  readonly blockHeight?: number;
  readonly artifactMode?: ArtifactMode;
  /** File of the export data. */
  readonly data: string;
  /** Names and files. */
  readonly artifacts: readonly (readonly [name: string, file: string])[];
}
