/**
 * Tries a new platform epoch on a copy of a store, before the real one is restarted.
 *
 * Boundary: the original is read once, to copy it; the copy is deleted again. Nothing is committed.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSwingsetController } from '../controller/make-controller.js';
import { upgradeSwingset } from '../controller/schema-version.js';
import type { DeviceEndowments, SwingsetRuntimeOptions } from '../controller/option-types.js';
import { rehearseRestart } from '../platform-epoch/rehearse.js';
import type { RehearsalBoot, RehearseOptions } from '../platform-epoch/rehearse.js';
import type { RehearsalReport } from '../platform-epoch/rehearsal-types.js';
import { loadPlatform } from '../platform/load-platform.js';
import { KernelState } from '../state/kernel-state.js';
import { copySwingStoreUntouched } from '../store/copy-untouched.js';
import { STORE_FILE } from '../store/schema.js';
import { openSwingStore } from '../store/swing-store.js';
import type { KernelStorage } from '../store/types.js';
import { completeEndowments } from './silent-endowments.js';

export interface RehearsalOptions extends RehearseOptions {
  /** Devices whose endowments are not given are there and do nothing. */
  readonly deviceEndowments?: DeviceEndowments;
  /** Where the copy is made; it takes as much room as the store. Default: the system's. */
  readonly tempDir?: string;
  /** Of the rehearsing kernel: `spawn`, `warehousePolicy`, `slogSender`. */
  readonly runtimeOptions?: Pick<
    SwingsetRuntimeOptions,
    'spawn' | 'warehousePolicy' | 'slogSender' | 'console'
  >;
}

const nowhere = () => undefined;
const silentConsole = {
  log: nowhere,
  info: nowhere,
  warn: nowhere,
  error: nowhere,
  debug: nowhere,
};

const bootOnce = async (
  kernelStorage: KernelStorage,
  deviceEndowments: DeviceEndowments,
  runtimeOptions: RehearsalOptions['runtimeOptions'] = {},
  { slogSender, ...boot }: RehearsalBoot,
): Promise<void> => {
  const controller = await makeSwingsetController(kernelStorage, deviceEndowments, {
    console: silentConsole,
    ...runtimeOptions,
    ...boot,
    slogSender: entry => {
      slogSender(entry);
      runtimeOptions.slogSender?.(entry);
    },
  });
  await controller.shutdown();
};

/**
 * Copies the store in a directory, restarts all vats of the copy as `makeSwingsetController` with
 * the same `platformEpoch` would, and reports what became of each. The original stays as it is, and
 * may be in use meanwhile: the copy is that of its last commit.
 *
 * @throws what `makeSwingsetController` throws before it restarts anything: errors of the epoch, of
 *   options, of the store
 */
export const rehearsePlatformEpoch = async (
  storePath: string,
  options: RehearsalOptions,
): Promise<RehearsalReport> => {
  const { deviceEndowments: given = {}, tempDir = tmpdir(), runtimeOptions, ...rest } = options;
  const now = () => performance.now();
  const { fingerprint } = await loadPlatform();
  const base = mkdtempSync(join(tempDir, 'swingset-rehearsal-'));
  try {
    const copy = join(base, 'store');
    const started = now();
    await copySwingStoreUntouched(storePath, copy);
    const copyMs = now() - started;
    const { size: copyBytes } = statSync(join(copy, STORE_FILE));
    const { hostStorage, kernelStorage } = openSwingStore(copy, { mustExist: true });
    try {
      upgradeSwingset(kernelStorage);
      const { deviceEndowments, silentDevices } = completeEndowments(
        new KernelState(kernelStorage),
        given,
      );
      const boot = (each: RehearsalBoot) =>
        bootOnce(kernelStorage, deviceEndowments, runtimeOptions, each);
      const restart = await rehearseRestart({ kernelStorage, fingerprint, boot, now }, rest);
      return { storePath, ...restart, copyMs, copyBytes, silentDevices };
    } finally {
      await hostStorage.close();
    }
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
};
