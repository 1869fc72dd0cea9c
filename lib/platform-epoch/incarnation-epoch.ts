/** Which platform epoch an incarnation belongs to. The store records it for no vat. */
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';
import type { WorkerOptions } from '../types/vat-options.js';

export interface RunningIncarnation {
  readonly workerOptions: WorkerOptions;
  /** Is the vat meant by this name or vatID in a restart's `exempt`? */
  readonly isMeantBy: (nameOrID: string) => boolean;
}

const runsOn = (worker: WorkerOptions, { fingerprint }: PlatformEpochRecord): boolean =>
  worker.type === 'xsnap' &&
  worker.engine === fingerprint.engine &&
  worker.bundleIDs[0] === fingerprint.lockdown &&
  worker.bundleIDs[1] === fingerprint.supervisor &&
  (worker.imageBundles ?? []).join() === fingerprint.imageBundles.join() &&
  (worker.serveImportBundle ?? false) === fingerprint.serveImportBundle;

/**
 * The epoch of the platform that an incarnation runs on, once the last epoch's restart is complete.
 * That is the last epoch that did not exempt the vat, because it restarted all others. One that was
 * superseded while unfinished counts only if the vat has its platform. An exempt vat may have been
 * upgraded since: its epoch is then the first one with the platform of its worker. Undefined without
 * a ledger.
 */
export const epochOfIncarnation = (
  ledger: readonly PlatformEpochRecord[],
  { workerOptions, isMeantBy }: RunningIncarnation,
): PlatformEpoch | undefined => {
  const restarted = ledger.findLastIndex((record, index) => {
    if (record.options.exempt.some(isMeantBy)) return false;
    const isUnfinished = record.status === 'in-progress' && index < ledger.length - 1;
    return !isUnfinished || runsOn(workerOptions, record);
  });
  const candidates = ledger.slice(Math.max(0, restarted));
  const found = candidates.find(record => runsOn(workerOptions, record)) ?? candidates[0];
  return found?.epoch;
};
