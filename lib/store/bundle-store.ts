/** Bundles by ID. A bundle is complete or absent; bundles are never pruned. */
import { checkArguments, recordArgument, stringArgument } from './arguments.js';
import { decodeBundle, encodeBundle, verifyBundleRow } from './bundle-codec.js';
import type { BundleRow } from './bundle-codec.js';
import type { StoreDatabase } from './database.js';
import { BundleMismatchError, StoreDamagedError, StoreMissingError } from './errors.js';
import { StoreUsageError } from './errors.js';
import type { ExportLog } from './export-log.js';
import { bundleName } from './export-names.js';
import type { BundleStore } from './types.js';

export interface BundleStorePowers {
  readonly db: StoreDatabase;
  readonly exportLog: ExportLog;
}

/** @throws StoreDamagedError if the stored bundle does not match its ID. */
export const checkStoredBundle = (bundleID: string, row: BundleRow): void => {
  try {
    verifyBundleRow(bundleID, row);
  } catch (error) {
    if (error instanceof BundleMismatchError) {
      throw new StoreDamagedError(bundleName(bundleID), error.message, { cause: error });
    }
    throw error;
  }
};

export const makeBundleStore = ({ db, exportLog }: BundleStorePowers): BundleStore => {
  const sqlGet = db.prepare<BundleRow>('SELECT bundle FROM bundles WHERE bundleID = ?', {
    pluck: true,
  });
  const sqlHas = db.prepare<number>('SELECT 1 FROM bundles WHERE bundleID = ?', { pluck: true });
  const sqlAdd = db.prepare('INSERT INTO bundles (bundleID, bundle) VALUES (?, ?)');
  const sqlDelete = db.prepare('DELETE FROM bundles WHERE bundleID = ?');
  const sqlNextIDs = db.prepare<string>(
    'SELECT bundleID FROM bundles WHERE bundleID > ? ORDER BY bundleID LIMIT 100',
    { pluck: true },
  );

  function* getBundleIDs(): IterableIterator<string> {
    let last = '';
    for (;;) {
      const ids = sqlNextIDs.all(last);
      if (ids.length === 0) {
        return;
      }
      yield* ids;
      last = ids.at(-1)!;
    }
  }

  const bundleStore: BundleStore = {
    addBundle: (bundleID, bundle) => {
      const row = encodeBundle(bundleID, bundle);
      if (sqlHas.get(bundleID) !== undefined) {
        throw new StoreUsageError(`bundle ${bundleID} is already in the store`);
      }
      sqlAdd.run(bundleID, row);
      exportLog.note(bundleName(bundleID), bundleID);
    },
    hasBundle: bundleID => sqlHas.get(bundleID) !== undefined,
    getBundle: bundleID => {
      const row = sqlGet.get(bundleID);
      if (row == null) {
        throw new StoreMissingError(`bundle ${JSON.stringify(bundleID)}`);
      }
      checkStoredBundle(bundleID, row);
      return decodeBundle(bundleID, row);
    },
    deleteBundle: bundleID => {
      if (sqlDelete.run(bundleID) > 0) {
        exportLog.note(bundleName(bundleID), null);
      }
    },
    getBundleIDs,
  };
  const bundleID = stringArgument('bundleID');
  return checkArguments('bundleStore', bundleStore, {
    addBundle: [bundleID, recordArgument('bundle')],
    hasBundle: [bundleID],
    getBundle: [bundleID],
    deleteBundle: [bundleID],
  });
};
