/** The epoch ledger: reads it without a kernel, and writes it in cranks, so that it is hashed. */
import type { PlatformFingerprint } from '../types/platform-epoch.js';
import type { KernelParts } from '../kernel/types.js';
import { emptyCrank } from '../kernel/delivery/outcome.js';
import { PlatformEpochTable } from '../state/platform-epochs.js';
import type { KernelStorage } from '../store/types.js';
import { insistPlatformEpoch, kindOf } from './decide.js';
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';

/** The epochs of this swingstore, oldest first. Empty for a store older than epochs. */
export const readEpochLedger = (
  kernelStorage: Pick<KernelStorage, 'kvStore'>,
): readonly PlatformEpochRecord[] => new PlatformEpochTable(kernelStorage.kvStore).ledger();

/** Records the epoch of a store whose vats have never run. */
export const recordBaseline = (
  table: PlatformEpochTable,
  epoch: PlatformEpoch,
  fingerprint: PlatformFingerprint,
  startedAtCrank: number,
): void =>
  table.append({
    epoch: insistPlatformEpoch(epoch),
    kind: kindOf(epoch),
    startedAtCrank,
    status: 'baseline',
    fingerprint,
    options: { mode: 'eager', onVatFailure: 'suspend', exempt: [] },
    restarted: 0,
    suspended: 0,
    failed: 0,
    terminated: 0,
    exempt: 0,
  });

/** Writes to the ledger in a crank of its own. */
export const writeLedger = async (
  { lifecycle: { state }, cranks }: KernelParts,
  type: string,
  write: (epochs: PlatformEpochTable) => void,
): Promise<void> => {
  await cranks.runTask(type, async () => {
    write(state.platformEpochs);
    return emptyCrank;
  });
};
