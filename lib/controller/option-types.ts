/**
 * Options of the controller's entry points. The types and `schemas/*-options.schema.json` both come
 * from here; see `lib/types/option-schema.ts`.
 */
import type { spawn } from 'node:child_process';
import Type from 'typebox';
import type { Static } from 'typebox';
import { platformOptions, type GivenPlatform } from '../platform-epoch/platform-options.js';
import { platformRestart } from '../platform-epoch/restart-options.js';
import type { PlatformRestartOptions } from '../platform-epoch/restart-options.js';
import type { Bundle, KernelStorage } from '../store/types.js';
import { functionOf, names, objectOf, optionsBag, platformEpoch } from '../types/option-schema.js';
import type { SlogSender } from '../types/slog.js';
import { slogCallbacks } from './slog-callback-types.js';
import { PRELOAD_MODES } from '../workers/types.js';

type Environment = Readonly<Record<string, string | undefined>>;

const worker = (minimum: number, maximum: number, expected: string) =>
  Type.Integer({ minimum, maximum, expected: `${expected} integer up to ${maximum}` });

export const warehousePolicy = Type.Object(
  {
    /** Workers that may be online at once; default 50. */
    maxVatsOnline: Type.Optional(worker(1, 1_000_000, 'a positive')),
    /** Workers loaded ahead from the platform image; default 0. */
    spareWorkers: Type.Optional(worker(0, 1000, 'a non-negative')),
    /**
     * When the first vats come online. `foreground` (default): before the controller is returned,
     * which fails if one of them can't. `background`: while the host carries on; a delivery waits
     * for its own vat alone. `none`: each at its first delivery.
     */
    preload: Type.Optional(Type.Enum([...PRELOAD_MODES])),
    /** Vats that come online at once in a preload; default: one for each core, at most 8. */
    preloadConcurrency: Type.Optional(worker(1, 1000, 'a positive')),
    /**
     * Seconds that a worker may do nothing visible in a delivery before it counts as hung and is
     * ended, as if it had died; default 900, and 0 means no limit. With signs of life, a delivery
     * may take eight times as long.
     */
    workerSilenceSeconds: Type.Optional(worker(0, 1_000_000, 'a non-negative')),
    /** Accepted for SwingSet hosts: a worker here goes on after its snapshot, and replay is exact. */
    restartWorkerOnSnapshot: Type.Optional(Type.Boolean()),
  },
  {
    $id: 'worker.schema.json',
    title: 'Limits on the workers of one machine; no influence on kernel state',
    ...optionsBag,
  },
);

/** Limits on workers, local to this machine: no influence on kernel state. */
export interface LocalWarehousePolicy extends Readonly<Static<typeof warehousePolicy>> {}

/** Accepted so that a SwingSet host moves without edits: see `inert-options.ts`. */
const acceptedForCompatibility = {
  /** Accepted for SwingSet hosts: this kernel is ordinary code and needs no bundle. */
  kernelBundle: Type.Optional(objectOf<object>()),
  /** Accepted with a warning: the platform of vats is the installed one. */
  xsnapBundleData: Type.Optional(objectOf<object>()),
  /** Accepted with a warning: the platform of vats is the installed one. */
  bundleHandler: Type.Optional(objectOf<object>()),
};

type HostConsole = Pick<Console, 'log' | 'info' | 'warn' | 'error' | 'debug'>;

export const runtimeOptions = Type.Object(
  {
    /** The name or number of the installed platform. A new one restarts all vats. */
    platformEpoch: Type.Optional(platformEpoch()),
    /** Allows a change from numbered to named epochs, or back. */
    platformEpochKindChange: Type.Optional(Type.Boolean()),
    /** How vats restart when the epoch advances. */
    platformRestart: Type.Optional(Type.Unsafe<PlatformRestartOptions>(platformRestart)),
    /** What to do if the engine changed and the epoch did not; default `refuse`. */
    platformGuard: Type.Optional(Type.Enum(['refuse', 'warn', 'off'])),
    ...platformOptions,
    /**
     * What to do after a worker died three times in one crank through no fault of its vat (killed,
     * no memory, a bug of the engine). `panic` (default) stops the kernel and keeps nothing of the
     * crank. `terminate` ends the vat, suspends it in a restart, or goes on without a snapshot that
     * the engine can't write. Replicas need `panic`, unless all of them decide alike.
     */
    onWorkerDeath: Type.Optional(Type.Enum(['panic', 'terminate'])),
    /** Limits on workers, local to this machine. */
    warehousePolicy: Type.Optional(
      Type.Unsafe<LocalWarehousePolicy>({ $ref: 'worker.schema.json' }),
    ),
    /** Gets every entry of the structured log. */
    slogSender: Type.Optional(functionOf<SlogSender>()),
    /** Called for events of the structured log, as in SwingSet. */
    slogCallbacks: Type.Optional(slogCallbacks),
    /** Starts each line that the kernel writes to `console`. */
    debugPrefix: Type.Optional(Type.String()),
    /** Prints each delivery and syscall. */
    verbose: Type.Optional(Type.Boolean()),
    /** Where the kernel and its vats print; default: the console of the process. */
    console: Type.Optional(objectOf<HostConsole>()),
    /** For initialization by `buildVatController`. The kernel itself reads no environment. */
    env: Type.Optional(objectOf<Environment>()),
    /** Unknown options are errors instead of warnings. */
    strict: Type.Optional(Type.Boolean()),
    /** Starts worker processes; default: that of `node:child_process`. */
    spawn: Type.Optional(functionOf<typeof spawn>()),
    /**
     * Stops the kernel when it aborts, at any time: all workers end at once. A boot under way rejects
     * with the signal's reason. Later it acts as `shutdown()`: a run under way rejects, and the host
     * must not commit.
     */
    signal: Type.Optional(objectOf<AbortSignal>()),
    /** Called at named points, so that specs can fail there. */
    faultPoint: Type.Optional(functionOf<(name: string) => void | Promise<void>>()),
    ...acceptedForCompatibility,
    /** Accepted with a warning: what decides about a vat is in the store. */
    overrideVatManagerOptions: Type.Optional(objectOf<object>()),
    /** Accepted with a warning: XS has no profiler. */
    profileVats: Type.Optional(names()),
    /** Accepted with a warning: XS workers have no debugger. */
    debugVats: Type.Optional(names()),
    /** Accepted for SwingSet hosts, where it has no effect either. */
    testTrackDecref: Type.Optional(Type.Unknown()),
  },
  {
    $id: 'runtime-options.schema.json',
    title: 'Options of makeSwingsetController',
    ...optionsBag,
  },
);

export interface SwingsetRuntimeOptions extends Readonly<Static<typeof runtimeOptions>> {}

/** By device name: what the host hands to each device. */
export type DeviceEndowments = Readonly<Record<string, unknown>>;

/** The single options bag of `makeSwingsetController`. */
export interface ControllerBag extends SwingsetRuntimeOptions {
  readonly kernelStorage: KernelStorage;
  readonly deviceEndowments?: DeviceEndowments | null;
}

/** Bundles of the system vats; `buildKernelBundles` makes them once for many `initializeSwingset`s. */
export type KernelBundles = Readonly<Record<string, Bundle>>;

export const initializationOptions = Type.Object(
  {
    /** Bundles of the built-in vats, from `buildKernelBundles`. */
    kernelBundles: Type.Optional(objectOf<KernelBundles>()),
    /** Adds the comms vat; default true. */
    addComms: Type.Optional(Type.Boolean()),
    /** Adds the vattp vat; default true. */
    addVattp: Type.Optional(Type.Boolean()),
    /** Adds the timer vat; default true. */
    addTimer: Type.Optional(Type.Boolean()),
    /** False: the configuration has a vat and a device named `vatAdmin` of its own. */
    addVatAdmin: Type.Optional(Type.Boolean()),
    /** Prints the vats and devices of the new kernel. */
    verbose: Type.Optional(Type.Boolean()),
    /** Starts each line that initialization prints. */
    debugPrefix: Type.Optional(Type.String()),
    /** The baseline of the epoch ledger. */
    platformEpoch: Type.Optional(platformEpoch()),
    ...platformOptions,
    /** Unknown fields of the configuration and of the options are errors instead of warnings. */
    strict: Type.Optional(Type.Boolean()),
  },
  {
    $id: 'initialization-options.schema.json',
    title: 'Options of initializeSwingset',
    ...optionsBag,
  },
);

export interface InitializationOptions extends Readonly<Static<typeof initializationOptions>> {}

export const initializationPowers = Type.Object(
  {
    /** Its SWINGSET_WORKER_TYPE is the default worker type of a configuration that names none. */
    env: Type.Optional(objectOf<Environment>()),
    /** Where initialization prints; default: the console of the process. */
    console: Type.Optional(objectOf<HostConsole>()),
    /** The same as `strict` of the options. */
    strict: Type.Optional(Type.Boolean()),
    /** Accepted for SwingSet hosts; `verbose` of the options prints. */
    verbose: Type.Optional(Type.Boolean()),
    /** Starts each line that initialization prints. */
    debugPrefix: Type.Optional(Type.String()),
    /** The baseline of the epoch ledger. */
    platformEpoch: Type.Optional(platformEpoch()),
    ...platformOptions,
    /** Bundles the module at an absolute path; default: `@endo/bundle-source`. */
    bundleFromSourceSpec:
      Type.Optional(
        functionOf<
          (
            sourceSpec: string,
            options: { readonly dev?: boolean; readonly format?: string },
          ) => Promise<Bundle>
        >(),
      ),
    /** Reads a finished bundle from a path; default: JSON files and modules of the file system. */
    bundleFromPath: Type.Optional(functionOf<(bundleSpec: string) => Promise<Bundle>>()),
    ...acceptedForCompatibility,
  },
  {
    $id: 'initialization-powers.schema.json',
    title: 'Runtime options of initializeSwingset and the functions that it is made of',
    ...optionsBag,
  },
);

export interface InitializationPowers extends Readonly<Static<typeof initializationPowers>> {}

/** The options bag of `buildVatController`: those of initialization and of the controller. */
export interface BuildVatControllerOptions
  extends
    SwingsetRuntimeOptions,
    Omit<InitializationOptions, 'platformEpoch' | keyof GivenPlatform>,
    Pick<InitializationPowers, 'bundleFromSourceSpec' | 'bundleFromPath'> {
  readonly kernelStorage?: KernelStorage | null;
  readonly deviceEndowments?: DeviceEndowments | null;
}
