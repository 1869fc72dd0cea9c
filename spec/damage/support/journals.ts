/** Journals (SQLite's WAL) of other stores and of other times, put beside a store. */
import { copyFileSync, cpSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRandom } from '../../support/random.js';
import { bootAndLook, copyStore } from '../../platform-epoch/support/crash.js';
import { storeFile } from '../../store/support/flip.js';
import type { DamageCase } from './damages.js';
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
    const { size } = statSync(from);
    const ends = [size, ...Array.from({ length: cuts }, () => random.below(size))];
    for (const bytes of ends) {
      const what = `the journal of ${scene.name}, ${bytes} of ${size} bytes`;
      const isWhole = bytes === size;
      const damage = { kind: 'journal', from, bytes } as const;
      found.push({ what, damage, ...(isWhole && { owner }) });
    }
  }
  const noise = join(dirPath, 'noise');
  writeFileSync(noise, Buffer.from(Array.from({ length: 50_000 }, () => random.below(256))));
  const damage = { kind: 'journal', from: noise, bytes: 50_000 } as const;
  return [...found, { what: 'noise for a journal', damage }];
};
