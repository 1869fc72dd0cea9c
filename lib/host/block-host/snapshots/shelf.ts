/**
 * The snapshots on a node's disk: a directory for each height, with `manifest.json` and the chunks.
 *
 * Invariants
 * 1. A directory whose name is a height holds a complete snapshot. It is written, and deleted, under
 *    another name, so that a process killed at any point leaves no half of one under its height.
 * 2. No snapshot is of a height above the committed one, because blocks that were rolled back may
 *    come again with other contents.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../../errors.js';
import { syncPath } from '../../../store/staging.js';
import { sha256 } from '../tree/hashes.js';
import type { SnapshotDescription } from '../types.js';
import { SnapshotDamagedError } from './errors.js';
import { describeSnapshot, readManifest } from './manifest.js';

const MANIFEST_FILE = 'manifest.json';
const PARTIAL = '.partial';
const DELETED = '.deleted';

const chunkFile = (chunk: number): string => `${chunk}.chunk`;

/** A snapshot that is being written. */
export interface SnapshotDraft {
  add(chunk: Uint8Array): Promise<void>;
  /** Puts the snapshot on the shelf. */
  finish(manifest: Uint8Array): Promise<void>;
  abandon(): void;
}

export interface Shelf {
  /** Complete snapshots, the newest first. */
  list(): readonly SnapshotDescription[];
  /** Undefined if there is no such chunk. @throws SnapshotDamagedError */
  load(height: number, chunk: number): Promise<Uint8Array | undefined>;
  begin(height: number): SnapshotDraft;
  delete(height: number): void;
}

/**
 * A snapshot that a power loss damaged would discredit this node. The chain goes on while the disk
 * works.
 */
const writeDurably = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
};

const remove = (path: string): void => {
  rmSync(path, { recursive: true, force: true });
};

/**
 * Opens the snapshots in `dirPath`. Deletes what an interrupted process left, and what is damaged.
 * @param onDamage - told of each damaged one
 */
export const openShelf = (
  dirPath: string,
  onDamage: (height: number, error: SnapshotDamagedError) => void,
): Shelf => {
  mkdirSync(dirPath, { recursive: true });
  const snapshots = new Map<number, SnapshotDescription>();
  const pathOf = (height: number): string => join(dirPath, `${height}`);

  const drop = (height: number): void => {
    snapshots.delete(height);
    const doomed = `${pathOf(height)}${DELETED}`;
    remove(doomed);
    renameSync(pathOf(height), doomed);
    remove(doomed);
  };
  const damaged = (height: number, detail: string, cause?: unknown): SnapshotDamagedError => {
    drop(height);
    return new SnapshotDamagedError(pathOf(height), detail, { cause });
  };

  for (const name of readdirSync(dirPath)) {
    if (name.endsWith(PARTIAL) || name.endsWith(DELETED)) {
      remove(join(dirPath, name));
    } else if (/^[1-9]\d*$/.test(name)) {
      const height = Number(name);
      try {
        const described = describeSnapshot(readFileSync(join(dirPath, name, MANIFEST_FILE)));
        if (described.height !== height) throw Error(`its height is ${described.height}`);
        snapshots.set(height, described);
      } catch (error) {
        onDamage(height, damaged(height, errorText(error), error));
      }
    }
  }

  return {
    list: () => [...snapshots.values()].sort((a, b) => b.height - a.height),
    load: async (height, chunk) => {
      const described = snapshots.get(height);
      if (!described) return undefined;
      const expected = readManifest(described.metadata).chunks[chunk];
      if (expected === undefined) return undefined;
      let bytes: Buffer;
      try {
        bytes = await readFile(join(pathOf(height), chunkFile(chunk)));
      } catch (error) {
        // Deleted meanwhile, because newer ones have come.
        if (!snapshots.has(height)) return undefined;
        throw damaged(height, `chunk ${chunk} is unreadable: ${errorText(error)}`, error);
      }
      if (sha256(bytes).toString('hex') === expected) return bytes;
      if (!snapshots.has(height)) return undefined;
      throw damaged(height, `chunk ${chunk} does not have its hash`);
    },
    begin: height => {
      const partial = `${pathOf(height)}${PARTIAL}`;
      remove(partial);
      mkdirSync(partial);
      let count = 0;
      return {
        add: async chunk => {
          await writeDurably(join(partial, chunkFile(count)), chunk);
          count += 1;
        },
        finish: async manifest => {
          await writeDurably(join(partial, MANIFEST_FILE), manifest);
          syncPath(partial);
          renameSync(partial, pathOf(height));
          syncPath(dirPath);
          snapshots.set(height, describeSnapshot(manifest));
        },
        abandon: () => {
          remove(partial);
        },
      };
    },
    delete: drop,
  };
};
