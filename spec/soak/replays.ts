/** Replays the vats of a store against their transcripts, while a kernel runs on it. */
import { lookAtStore } from '../../lib/host/look-at-store.js';
import { replayTranscript, type ReplayResult } from '../../lib/host/replay-transcript.js';
import { OWN, STOCK } from '../../lib/platform/choices.js';
import { loadPlatform } from '../../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import { readEpochLedger } from '../../lib/platform-epoch/ledger.js';
import type { ReadableStore } from '../../lib/host/look-at-store.js';
import type { Host } from './host.js';
import { SoakFailure } from './operation.js';

export interface ReplayTotals {
  vats: number;
  deliveries: number;
  /** Heaps that were written again and had the recorded hash; each begins the next span. */
  snapshots: number;
  /** Replays that began with the snapshot in the store. */
  fromSnapshots: number;
}

export const noReplays = (): ReplayTotals => ({
  vats: 0,
  deliveries: 0,
  snapshots: 0,
  fromSnapshots: 0,
});

const insistSame = ({ vatID, name, difference }: ReplayResult, from: string): void => {
  if (!difference) return;
  const what = JSON.stringify(difference).slice(0, 2000);
  throw new SoakFailure(`replay of ${name ?? vatID} (${vatID}) from ${from}: ${what}`);
};

const platformOf = ({ kernelStorage }: ReadableStore) => {
  const last = readEpochLedger(kernelStorage).at(-1);
  return loadPlatform(last?.fingerprint.platform === 'stock' ? STOCK : OWN);
};

/**
 * Commits, and replays each vat that is in an incarnation: from its first delivery, on new workers
 * that start from each snapshot on the way, and from its last snapshot in the store.
 *
 * @throws SoakFailure at the first difference
 */
export const replayAll = async (host: Host, totals: ReplayTotals): Promise<void> => {
  await host.commit();
  const working = host.controller.getStatus().activeVats.filter(vat => !vat.suspended?.suspended);
  await lookAtStore(host.path, async store => {
    const workers = makeNodeWorkerPowers();
    const powers = { platform: await platformOf(store), workers };
    for (const { id } of working) {
      const whole = await replayTranscript(store, id, { ...powers, wholeIncarnation: true });
      insistSame(whole, 'its first delivery');
      totals.vats += 1;
      totals.deliveries += whole.deliveries;
      totals.snapshots += whole.snapshots;
      if (store.kernelStorage.snapStore.getSnapshotInfo(id) === undefined) continue;
      const last = await replayTranscript(store, id, powers);
      insistSame(last, 'its last snapshot');
      totals.fromSnapshots += 1;
    }
  });
};
