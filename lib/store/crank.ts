/**
 * The tools of a crank: savepoints inside the host's transaction, and the crank's hashes.
 *
 * Invariants:
 * 1. Savepoints exist only between `startCrank` and `endCrank`.
 * 2. The n-th savepoint is SQLite's savepoint `t<n>` and layer n+1 of each `CrankLayer`.
 */
import { checkArgument, stringArgument } from './arguments.js';
import type { CrankHasher } from './crank-hasher.js';
import { nextActivityhash } from './crank-hasher.js';
import type { StoreDatabase } from './database.js';
import { StoreUsageError } from './errors.js';
import type { CrankLayer } from './crank-layer.js';
import type { ExportLog } from './export-log.js';
import type { KVStore, KernelStorage } from './types.js';

export const ACTIVITYHASH_KEY = 'activityhash';

type CrankTools = Pick<
  KernelStorage,
  | 'startCrank'
  | 'establishCrankSavepoint'
  | 'rollbackCrank'
  | 'restartCrank'
  | 'emitCrankHashes'
  | 'endCrank'
  | 'getActivityhash'
>;

export interface CrankPowers {
  readonly db: StoreDatabase;
  readonly kvStore: KVStore;
  readonly crankHasher: CrankHasher;
  readonly exportLog: ExportLog;
  /** State in memory that follows the savepoints, besides the export log. */
  readonly layers: readonly CrankLayer[];
}

export const makeCrankTools = ({
  db,
  kvStore,
  crankHasher,
  exportLog,
  layers: otherLayers,
}: CrankPowers): CrankTools & { readonly inCrank: () => boolean } => {
  const layers = [exportLog, ...otherLayers];
  let inCrank = false;
  let savepoints: string[] = [];

  const assertInCrank = (method: string): void => {
    if (!inCrank) {
      throw new StoreUsageError(`${method} may be called only between startCrank and endCrank`);
    }
  };
  const rollbackTo = (index: number): void => {
    db.exec(`ROLLBACK TO t${index}; RELEASE t${index}`);
    savepoints = savepoints.slice(0, index);
    layers.forEach(layer => layer.rollback(index));
  };
  const getActivityhash = (): string => kvStore.get(ACTIVITYHASH_KEY) ?? '';

  return {
    inCrank: () => inCrank,
    startCrank: () => {
      if (inCrank) {
        throw new StoreUsageError('startCrank: the previous crank has not ended');
      }
      db.begin();
      crankHasher.restart();
      inCrank = true;
    },
    establishCrankSavepoint: savepoint => {
      checkArgument('establishCrankSavepoint', stringArgument('savepoint'), savepoint);
      assertInCrank('establishCrankSavepoint');
      db.exec(`SAVEPOINT t${savepoints.length}`);
      savepoints.push(savepoint);
      layers.forEach(layer => layer.mark());
    },
    rollbackCrank: savepoint => {
      checkArgument('rollbackCrank', stringArgument('savepoint'), savepoint);
      assertInCrank('rollbackCrank');
      const index = savepoints.indexOf(savepoint);
      if (index < 0) {
        throw new StoreUsageError(
          `rollbackCrank: no savepoint ${JSON.stringify(savepoint)} in this crank`,
        );
      }
      rollbackTo(index);
    },
    restartCrank: () => {
      assertInCrank('restartCrank');
      if (savepoints.length > 0) rollbackTo(0);
      crankHasher.restart();
    },
    emitCrankHashes: () => {
      const crankhash = crankHasher.finish();
      const activityhash = nextActivityhash(getActivityhash(), crankhash);
      kvStore.set(ACTIVITYHASH_KEY, activityhash, true);
      return { crankhash, activityhash };
    },
    endCrank: () => {
      assertInCrank('endCrank');
      if (savepoints.length > 0) {
        db.exec('RELEASE t0');
        savepoints = [];
      }
      layers.forEach(layer => layer.merge());
      inCrank = false;
      exportLog.announce();
    },
    getActivityhash,
  };
};
