/** Starts workers for replays, on the platform that the vat's record names. */
import { readVatRecord } from '../kernel/vats/vat-record.js';
import { makePlatformImages } from '../platform/platform-image.js';
import type { Platform } from '../platform/types.js';
import { makeWorkerProcesses } from '../platform/worker-processes.js';
import type { WorkerPowers } from '../platform/xsnap-process.js';
import { KernelState } from '../state/kernel-state.js';
import { sha256Hex } from '../store/hash.js';
import type { ImageStore, KernelStorage } from '../store/types.js';
import type { VatID } from '../types/ids.js';
import { makeSpareWorkers } from '../workers/spare-workers.js';
import type { VatRecord, WorkerOutput } from '../workers/types.js';
import { makeWorkerStarter, type WorkerStarter } from '../workers/worker-starter.js';

export interface ReplayPlatform {
  readonly platform: Platform;
  readonly workers: WorkerPowers;
}

export interface ReplayStarter {
  readonly starter: WorkerStarter;
  readonly recordOf: (vatID: VatID) => VatRecord;
}

/** What vats print was printed when they ran. */
export const silentOutput: WorkerOutput = {
  console: () => undefined,
  testLog: () => undefined,
};

/** Keeps in memory what a replay adds, because the store may be open for reading only. */
const withoutWrites = (store: ImageStore): ImageStore => {
  const made = new Map<string, Uint8Array>();
  return {
    has: imageID => made.has(imageID) || store.has(imageID),
    load: imageID => made.get(imageID) ?? store.load(imageID),
    save: bytes => {
      const imageID = sha256Hex(bytes);
      made.set(imageID, bytes);
      return imageID;
    },
  };
};

export const makeReplayStarter = (
  kernelStorage: KernelStorage,
  { platform, workers: given }: ReplayPlatform,
): ReplayStarter => {
  const { spawn } = makeWorkerProcesses(given.spawn, kernelStorage.processes);
  const workers = { ...given, spawn };
  const state = new KernelState(kernelStorage);
  const starter = makeWorkerStarter({
    bundleStore: kernelStorage.bundleStore,
    platform,
    images: makePlatformImages(withoutWrites(kernelStorage.imageStore), workers),
    spares: makeSpareWorkers(0, workers),
    powers: workers,
    relaxDurabilityRules: state.settings.relaxDurabilityRules,
  });
  return { starter, recordOf: vatID => readVatRecord(state, vatID) };
};
