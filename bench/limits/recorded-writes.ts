/** What a kernel writes into its store, recorded and repeated on a bare SQLite. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { KernelStorage } from '../../lib/store/types.js';

export type Write =
  | readonly ['set', key: string, value: string]
  | readonly ['delete', key: string]
  | readonly ['item', vatID: string, item: string]
  | readonly ['commit'];

/** Notes each write that passes. */
export const recordWrites = (
  kernelStorage: KernelStorage,
  note: (write: Write) => void,
): KernelStorage => ({
  ...kernelStorage,
  kvStore: {
    ...kernelStorage.kvStore,
    set: (key, value, bypassHash) => {
      note(['set', key, value]);
      kernelStorage.kvStore.set(key, value, bypassHash);
    },
    delete: key => {
      note(['delete', key]);
      kernelStorage.kvStore.delete(key);
    },
  },
  transcriptStore: {
    ...kernelStorage.transcriptStore,
    addItem: (vatID, item) => {
      note(['item', vatID, item]);
      kernelStorage.transcriptStore.addItem(vatID, item);
    },
  },
});

/** What is left of the writes at each commit: the last one of each key, and all items. */
export const leftAtCommits = (writes: readonly Write[]): readonly Write[] => {
  const left: Write[] = [];
  let rows = new Map<string, Write>();
  const passOn = (): void => {
    left.push(...rows.values());
    rows = new Map();
  };
  for (const write of writes) {
    if (write[0] === 'set' || write[0] === 'delete') {
      rows.set(write[1], write);
    } else {
      if (write[0] === 'commit') passOn();
      left.push(write);
    }
  }
  passOn();
  return left;
};

export interface BareSQLite {
  readonly repeat: (writes: readonly Write[]) => void;
  readonly close: () => void;
}

/** A file with the tables that the writes need, as durable as a swingstore. */
export const openBareSQLite = (dir: string): BareSQLite => {
  const db = new Database(join(dir, 'bare.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE rows (key TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE items (vatID TEXT, position INTEGER, item TEXT, PRIMARY KEY (vatID, position));
  `);
  const set = db.prepare(
    'INSERT INTO rows VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const remove = db.prepare('DELETE FROM rows WHERE key = ?');
  const add = db.prepare('INSERT INTO items VALUES (?, ?, ?)');
  let position = 0;
  return {
    repeat: writes => {
      db.exec('BEGIN');
      for (const write of writes) {
        switch (write[0]) {
          case 'set':
            set.run(write[1], write[2]);
            break;
          case 'delete':
            remove.run(write[1]);
            break;
          case 'item':
            add.run(write[1], (position += 1), write[2]);
            break;
          case 'commit':
            db.exec('COMMIT; BEGIN');
            break;
          default:
            write satisfies never;
        }
      }
      db.exec('COMMIT');
    },
    close: () => db.close(),
  };
};
