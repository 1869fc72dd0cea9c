/**
 * Changes of export data that the host has not been told of.
 *
 * They stay in memory, one layer per savepoint, so that a rolled-back crank announces nothing and
 * recording a change runs no SQL. A commit writes changes that are still pending (announcements are
 * deferred) to the table `pendingExports`, and the next opening of the store announces them.
 */
import type { CrankLayer } from './crank-layer.js';
import type { StoreDatabase } from './database.js';
import { compareUtf8 } from './hash.js';

/** A key of the export data and its value; null when the key is deleted. */
export type ExportChange = [key: string, value: string | null];
export type ExportCallback = (changes: ExportChange[]) => void;

export interface ExportLog extends CrankLayer {
  note(key: string, value: string | null): void;
  /** Passes all pending changes to the host in key order, unless deferred. */
  announce(): void;
  defer(): void;
  resume(): void;
  /** Writes pending changes to their table. The caller commits. */
  persist(): void;
}

const silentLog: ExportLog = {
  note: () => undefined,
  mark: () => undefined,
  rollback: () => undefined,
  merge: () => undefined,
  announce: () => undefined,
  defer: () => undefined,
  resume: () => undefined,
  persist: () => undefined,
};

export const makeExportLog = (
  db: StoreDatabase,
  exportCallback: ExportCallback | undefined,
): ExportLog => {
  if (exportCallback === undefined) {
    return silentLog;
  }
  const readRows = db.prepare<{ key: string; value: string | null }>(
    'SELECT key, value FROM pendingExports',
  );
  const clearRows = db.prepare('DELETE FROM pendingExports');
  const addRow = db.prepare('INSERT INTO pendingExports (key, value) VALUES (?, ?)');

  // Changes that an earlier opening left come first; newer ones replace them.
  const kept = readRows.all();
  let layers: Map<string, string | null>[] = [new Map(kept.map(({ key, value }) => [key, value]))];
  let top = layers[0]!;
  let tableIsEmpty = kept.length === 0;
  let deferred = false;

  const merge = (): void => {
    const [base, ...others] = layers;
    for (const layer of others) {
      for (const [key, value] of layer) {
        base!.set(key, value);
      }
    }
    layers = [base!];
    top = base!;
  };

  return {
    note: (key, value) => {
      top.set(key, value);
    },
    mark: () => {
      top = new Map();
      layers.push(top);
    },
    rollback: depth => {
      layers.length = depth + 1;
      top = layers[depth]!;
    },
    merge,
    announce: () => {
      if (deferred || top.size === 0) {
        return;
      }
      const changes = [...top].sort(([a], [b]) => compareUtf8(a, b));
      exportCallback(changes);
      top.clear();
    },
    defer: () => {
      deferred = true;
    },
    resume: () => {
      deferred = false;
    },
    persist: () => {
      if (tableIsEmpty && top.size === 0) {
        return;
      }
      clearRows.run();
      for (const [key, value] of top) {
        addRow.run(key, value);
      }
      tableIsEmpty = top.size === 0;
    },
  };
};
