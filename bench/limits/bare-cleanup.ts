/** The limit of a clean-up: a bare SQLite deletes the same rows of the same file, and commits. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { KernelStorage } from '../../lib/store/types.js';
import { costOf } from '../harness/stopwatch.js';
import type { Context, Sample } from '../harness/types.js';
import { bootSwingset, type Swingset } from '../swingset.js';
import { recordWrites } from './recorded-writes.js';

export const measureBareCleanup = async (
  context: Context,
  terminate: (swingset: Swingset) => Promise<unknown>,
): Promise<Sample> => {
  const copy = join(context.storeDir, 'copy.sqlite');
  cpSync(join(context.storeDir, 'swingstore.sqlite'), copy);
  const deleted: string[] = [];
  const swingset = await bootSwingset(context, {
    wrapStorage: (kernelStorage: KernelStorage) =>
      recordWrites(kernelStorage, ([type, key]) => {
        if (type === 'delete') deleted.push(key);
      }),
  });
  await terminate(swingset);
  await swingset.close();

  const db = new Database(copy);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  const remove = db.prepare('DELETE FROM kvStore WHERE key = ?');
  const cost = await costOf(() => {
    db.exec('BEGIN');
    for (const key of deleted) remove.run(key);
    db.exec('COMMIT');
  });
  db.close();
  return { wall: cost.ms, cpu: cost.cpuMs };
};
