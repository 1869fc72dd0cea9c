/**
 * Options of the controller's entry points. `schemas/*-options.schema.json` say the same and check
 * them; `spec/controller/schema-agreement.spec.ts` keeps the two in step.
 */
import type { spawn } from 'node:child_process';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import type { PlatformRestartOptions } from '../platform-epoch/types.js';
import type { Bundle, KernelStorage } from '../store/types.js';
import type { SlogSender } from '../types/slog.js';
import type { WarehousePolicy } from '../workers/types.js';

/**
 * Accepted so that a SwingSet host moves without edits; nothing depends on them, because the
 * kernel is ordinary code and platforms are the epoch's business (docs/differences.md).
 */
export interface AcceptedForCompatibility {
  readonly kernelBundle?: object;
  readonly xsnapBundleData?: object;
  readonly bundleHandler?: object;
  readonly overrideVatManagerOptions?: object;
  readonly slogCallbacks?: object;
  readonly profileVats?: readonly string[];
  readonly debugVats?: readonly string[];
  readonly testTrackDecref?: (...args: never[]) => unknown;
}

/** Limits on workers, local to this machine: no influence on kernel state. */
export interface LocalWarehousePolicy extends WarehousePolicy {
  /** Accepted: a worker here goes on after its snapshot in the way that keeps replay exact. */
  readonly restartWorkerOnSnapshot?: boolean;
}

export interface SwingsetRuntimeOptions extends AcceptedForCompatibility {
  /** What the vats are to run on: an upgrade's name or number. A new one restarts them all. */
  readonly platformEpoch?: PlatformEpoch;
  readonly platformEpochKindChange?: boolean;
  readonly platformRestart?: PlatformRestartOptions;
  /** What to do when the engine is not the one that the vats run on; default `refuse`. */
  readonly platformGuard?: 'refuse' | 'warn' | 'off';
  /**
   * When a worker dies three times in one crank of nothing that its vat did (killed, no memory, a bug
   * of the engine): `panic` (default) stops the kernel with nothing of the crank kept, `terminate`
   * ends the vat, or suspends it in a restart, or goes on without a snapshot that the engine can't
   * write. For replicas `panic`, unless all of them decide.
   */
  readonly onWorkerDeath?: 'panic' | 'terminate';
  readonly warehousePolicy?: LocalWarehousePolicy;
  /** Gets every event of the structured log. */
  readonly slogSender?: SlogSender;
  /** Put before lines that the kernel writes to `console`. */
  readonly debugPrefix?: string;
  readonly verbose?: boolean;
  /** Where the kernel and its vats write lines. Default: the process's console. */
  readonly console?: Pick<Console, 'log' | 'info' | 'warn' | 'error' | 'debug'>;
  /** `SWINGSET_WORKER_TYPE` is the default manager type of a configuration that names none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Starts worker processes. Default: `node:child_process`. */
  readonly spawn?: typeof spawn;
  /**
   * Stops the kernel when it aborts, at any time: all workers end at once, and a boot that is under
   * way rejects with the signal's reason. Later it is as `shutdown()`: a run that is under way
   * rejects, and the host must not commit.
   */
  readonly signal?: AbortSignal;
  /** Named fault points for specs. */
  readonly faultPoint?: (name: string) => void | Promise<void>;
}

/** By device name: what the host hands to each device. */
export type DeviceEndowments = Readonly<Record<string, unknown>>;

/** The single options bag of `makeSwingsetController`. */
export interface ControllerBag extends SwingsetRuntimeOptions {
  readonly kernelStorage: KernelStorage;
  readonly deviceEndowments?: DeviceEndowments;
}

/** Bundles of the system vats; `buildKernelBundles` makes them once for many `initializeSwingset`s. */
export type KernelBundles = Readonly<Record<string, Bundle>>;

export interface InitializationOptions {
  readonly kernelBundles?: KernelBundles;
  readonly addComms?: boolean;
  readonly addVattp?: boolean;
  readonly addTimer?: boolean;
  readonly addVatAdmin?: true;
  readonly verbose?: boolean;
  readonly debugPrefix?: string;
  /** Recorded as the baseline of the epoch ledger. */
  readonly platformEpoch?: PlatformEpoch;
}

export interface InitializationPowers {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly verbose?: boolean;
  readonly debugPrefix?: string;
  readonly platformEpoch?: PlatformEpoch;
  /** Makes a bundle of the module at an absolute path. Default: `@endo/bundle-source`. */
  readonly bundleFromSourceSpec?: (
    sourceSpec: string,
    options: { readonly dev?: boolean; readonly format?: string },
  ) => Promise<Bundle>;
  /** Reads a finished bundle. Default: JSON files and modules of the file system. */
  readonly bundleFromPath?: (bundleSpec: string) => Promise<Bundle>;
  readonly bundleHandler?: object;
  readonly kernelBundle?: object;
  readonly xsnapBundleData?: object;
}

/** The options bag of `buildVatController`: those of initialization and of the controller. */
export interface BuildVatControllerOptions
  extends
    SwingsetRuntimeOptions,
    Omit<InitializationOptions, 'platformEpoch'>,
    Pick<InitializationPowers, 'bundleFromSourceSpec' | 'bundleFromPath'> {
  readonly kernelStorage?: KernelStorage;
  readonly deviceEndowments?: DeviceEndowments;
}
