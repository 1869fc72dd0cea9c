/** Journals (SQLite's WAL) of other stores and of other times, put beside a store. */
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRandom } from '../../support/random.js';
import { bootAndLook, copyStore } from '../../platform-epoch/support/crash.js';
import { storeFile } from '../../store/support/flip.js';
import { PAGE_BYTES, type DamageCase } from './damages.js';
import type { Scene } from './scenes.js';

/** A host's first block, of which the file has nothing yet. */
const recordJournal = async (scene: Scene, into: string): Promise<void> => {
  const path = copyStore(scene.path, `${into}-live`);
  await bootAndLook({
    path,
    ...scene.boot,
    faultPoint: name => {
      // The journal and the file as a crash would leave them.
      if (name === 'block 1: before its commit') cpSync(path, into, { recursive: true });
    },
  });
};

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** The length up to the last commit in the first `bytes` of a journal: what SQLite makes of it. */
const committedLength = (journal: Buffer, bytes: number): number => {
  const frameBytes = FRAME_HEADER_BYTES + PAGE_BYTES;
  let committed = 0;
  for (let at = HEADER_BYTES; at + frameBytes <= bytes; at += frameBytes) {
    // The size of the database after a commit, and 0 in all other frames.
    if (journal.readUInt32BE(at + 4) !== 0) committed = at + frameBytes;
  }
  return committed;
};

/** Each whole, and cut off somewhere; and one that is no journal. */
export const foreignJournals = async (
  dirPath: string,
  scenes: readonly Scene[],
  seed: number,
  cuts: number,
): Promise<readonly DamageCase[]> => {
  const random = makeRandom(seed);
  const found: DamageCase[] = [];
  for (const [index, scene] of scenes.entries()) {
    const owner = join(dirPath, `owner ${index}`);
    await recordJournal(scene, owner);
    const from = join(dirPath, `journal ${index}`);
    copyFileSync(`${storeFile(owner)}-wal`, from);
    const journal = readFileSync(from);
    const size = journal.length;
    /** The journal's own store, as of its last commit in so many bytes. */
    const ownerAt = (bytes: number): string | undefined => {
      const committed = committedLength(journal, bytes);
      if (committed === 0) return undefined;
      const path = join(dirPath, `owner ${index} at ${committed}`);
      if (existsSync(path)) return path;
      cpSync(owner, path, { recursive: true });
      rmSync(`${storeFile(path)}-shm`, { force: true });
      truncateSync(`${storeFile(path)}-wal`, committed);
      return path;
    };
    const ends = [size, ...Array.from({ length: cuts }, () => random.below(size))];
    for (const bytes of ends) {
      const what = `the journal of ${scene.name}, ${bytes} of ${size} bytes`;
      const damage = { kind: 'journal', from, bytes } as const;
      const itsOwner = ownerAt(bytes);
      found.push({ what, damage, ...(itsOwner !== undefined && { owner: itsOwner }) });
    }
  }
  const noise = join(dirPath, 'noise');
  writeFileSync(noise, Buffer.from(Array.from({ length: 50_000 }, () => random.below(256))));
  const damage = { kind: 'journal', from: noise, bytes: 50_000 } as const;
  return [...found, { what: 'noise for a journal', damage }];
};
