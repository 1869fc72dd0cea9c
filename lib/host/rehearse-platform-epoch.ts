/**
 * Tries a new platform epoch on a copy of a store, before the real one restarts its vats.
 *
 * Boundary: it reads the original once, to copy it, and deletes the copy at the end. Nothing is
 * committed.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readControllerArgs } from '../controller/controller-args.js';
import { bootController } from '../controller/make-controller.js';
import { computronCounter } from '../controller/run-policies.js';
import { upgradeSwingset } from '../controller/schema-version.js';
import type { SwingsetController } from '../controller/types.js';
import { checkFields, knownFields } from '../controller/validate.js';
import type { DeviceEndowments, SwingsetRuntimeOptions } from '../controller/option-types.js';
import { choosePlatformOfBoot } from '../platform-epoch/decide-boot.js';
import { rehearseRestart } from '../platform-epoch/rehearse.js';
import type { RehearsalBoot, RehearseOptions } from '../platform-epoch/rehearse.js';
import type { RehearsalReport } from '../platform-epoch/rehearsal-types.js';
import { BadOptionError, errorText } from '../errors.js';
import { loadPlatform } from '../platform/load-platform.js';
import { KernelState } from '../state/kernel-state.js';
import { insistKnownFields } from '../unknown-fields.js';
import { copySwingStoreUntouched } from '../store/copy-untouched.js';
import { STORE_FILE } from '../store/schema.js';
import { openSwingStore } from '../store/swing-store.js';
import type { KernelStorage } from '../store/types.js';
import type { RunPolicy } from '../types/policies.js';
import { DEFAULT_COMPUTRON_LIMIT, MAX_COMPUTRON_LIMIT } from '../types/vat-limits.js';
import { completeEndowments } from './silent-endowments.js';

export interface RehearsalOptions extends RehearseOptions {
  /** A device without endowments gets silent ones, whose functions do nothing. */
  readonly deviceEndowments?: DeviceEndowments | null;
  /** Directory for the copy, which is as large as the store. Default: the system's. */
  readonly tempDir?: string;
  /**
   * Computrons that one delivery to a vat without a meter may use. Default: the store's
   * `computronLimit`, or 1,000,000,000 if that is `never`, so that at least the rehearsal of a
   * looping vat ends. `local` vats have no limit.
   */
  readonly crankLimit?: number;
  /**
   * Makes the run policy of each block, as the host will. Default: 65,000,000 computrons a block, where
   * a crank of unknown use (a `local` vat, or routing) counts 100,000.
   */
  readonly runPolicy?: () => RunPolicy;
  /** Ends the rehearsal: kills its workers, deletes the copy, and rejects with the reason. */
  readonly signal?: AbortSignal;
  /** Options of the kernel that runs on the copy. */
  readonly runtimeOptions?: Pick<
    SwingsetRuntimeOptions,
    'spawn' | 'warehousePolicy' | 'slogSender' | 'console' | 'onWorkerDeath' | 'strict'
  > | null;
}

const OPTIONS = [
  ...['platformEpoch', 'platformEpochKindChange', 'platformRestart', 'deviceEndowments'],
  ...['platform', 'imageBundles', 'serveImportBundle'],
  ...['blocks', 'runPolicy', 'onCanaryProgress', 'tempDir', 'crankLimit', 'signal'],
  'runtimeOptions',
];

const insistCrankLimit = (value: number): void => {
  if (Number.isSafeInteger(value) && value > 0 && value <= MAX_COMPUTRON_LIMIT) return;
  throw new BadOptionError(
    'crankLimit',
    value,
    `a positive integer of at most ${MAX_COMPUTRON_LIMIT}`,
  );
};

const insistBlocks = (value: number): void => {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new BadOptionError('blocks', value, 'a number of blocks, 0 or more');
};

const insistFunction = (field: string, value: unknown): void => {
  if (typeof value !== 'function') throw new BadOptionError(field, value, 'a function');
};

const BLOCK_COMPUTRONS = 65_000_000n;

/** Ends the block of `local` vats that send one another messages for ever, too. */
const defaultRunPolicy = (): RunPolicy => {
  const policy = computronCounter(BLOCK_COMPUTRONS);
  return {
    ...policy,
    crankComplete: ({ computrons = 100_000n }) => policy.crankComplete({ computrons }),
  };
};

const crankLimitOf = ({ settings: { computronLimit } }: KernelState): number =>
  computronLimit === 'never' ? DEFAULT_COMPUTRON_LIMIT : computronLimit;

type KernelOptions = NonNullable<RehearsalOptions['runtimeOptions']>;

/** Warns of unknown options once, and not at each boot of the copy. */
const checkRuntimeOptions = (given: KernelOptions): KernelOptions => {
  const { strict, console } = given;
  checkFields('runtime-options', given, 'runtimeOptions', { strict, console });
  const known = knownFields('runtime-options');
  return Object.fromEntries(Object.entries(given).filter(([name]) => known.includes(name)));
};

const makeTempDir = (tempDir: string): string => {
  try {
    return mkdtempSync(join(tempDir, 'swingset-rehearsal-'));
  } catch (error) {
    const expected = `a directory for the copy of the store (${errorText(error)})`;
    throw new BadOptionError('tempDir', tempDir, expected, { cause: error });
  }
};

const nowhere = () => undefined;
const silentConsole = {
  log: nowhere,
  info: nowhere,
  warn: nowhere,
  error: nowhere,
  debug: nowhere,
};

interface BootOptions {
  readonly kernelStorage: KernelStorage;
  readonly deviceEndowments: DeviceEndowments;
  readonly runtimeOptions: KernelOptions;
  readonly crankLimit: number;
  readonly signal: AbortSignal | undefined;
}

const bootOnce = async (
  { kernelStorage, deviceEndowments, runtimeOptions, crankLimit, signal }: BootOptions,
  { slogSender, ...boot }: RehearsalBoot,
): Promise<SwingsetController> => {
  const options: SwingsetRuntimeOptions = {
    console: silentConsole,
    ...runtimeOptions,
    ...boot,
    ...(signal && { signal }),
    slogSender: entry => {
      slogSender(entry);
      runtimeOptions.slogSender?.(entry);
    },
  };
  const args = readControllerArgs([kernelStorage, deviceEndowments, options]);
  return bootController(args, { computronLimit: crankLimit });
};

/**
 * Copies a store and restarts the vats of the copy, as `makeSwingsetController` would with the same
 * options. Then it runs `blocks` of the copy's run-queue and starts the vats that still sleep.
 * Resolves to a report of what became of each vat. The original is unchanged and
 * may be in use: the copy holds its last commit.
 *
 * @throws what `makeSwingsetController` throws before it restarts anything: errors of the epoch,
 * the options or the store
 */
export const rehearsePlatformEpoch = async (
  storePath: string,
  options: RehearsalOptions,
): Promise<RehearsalReport> => {
  insistKnownFields(options, OPTIONS);
  const {
    deviceEndowments: given,
    tempDir = tmpdir(),
    runtimeOptions: givenOptions,
    crankLimit,
    runPolicy = defaultRunPolicy,
    signal,
    ...rest
  } = options;
  if (crankLimit !== undefined) insistCrankLimit(crankLimit);
  if (rest.blocks !== undefined) insistBlocks(rest.blocks);
  insistFunction('runPolicy', runPolicy);
  if (rest.onCanaryProgress) insistFunction('onCanaryProgress', rest.onCanaryProgress);
  const runtimeOptions = checkRuntimeOptions(givenOptions ?? {});
  signal?.throwIfAborted();
  const now = () => performance.now();
  const base = makeTempDir(tempDir);
  try {
    const copy = join(base, 'store');
    const started = now();
    await copySwingStoreUntouched(storePath, copy, { ...(signal && { signal }) });
    const copyMs = now() - started;
    const { size: copyBytes } = statSync(join(copy, STORE_FILE));
    const { hostStorage, kernelStorage } = openSwingStore(copy, { mustExist: true });
    try {
      upgradeSwingset(kernelStorage);
      const state = new KernelState(kernelStorage);
      const choice = choosePlatformOfBoot(state, kernelStorage.bundleStore, {
        ...rest,
        platformRestart: {},
      });
      const { fingerprint } = await loadPlatform(choice);
      const { deviceEndowments, silentDevices } = completeEndowments(state, given ?? {});
      const boot = (each: RehearsalBoot) =>
        bootOnce(
          {
            kernelStorage,
            deviceEndowments,
            runtimeOptions,
            signal,
            crankLimit: crankLimit ?? crankLimitOf(state),
          },
          each,
        );
      const powers = { kernelStorage, fingerprint, boot, runPolicy, now };
      const restart = await rehearseRestart(powers, rest).catch((error: unknown) => {
        // Any failure after the abort is its consequence.
        signal?.throwIfAborted();
        throw error;
      });
      // An aborted rehearsal has killed its workers, so its report would be wrong.
      signal?.throwIfAborted();
      return { storePath, ...restart, copyMs, copyBytes, silentDevices };
    } finally {
      await hostStorage.close();
    }
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
};
