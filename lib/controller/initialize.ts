/**
 * Writes a kernel into an empty swingstore. All mistakes in a configuration are found before the
 * first write.
 */
import { assertDefaultEnvironment } from '../endo-environment/load.js';
import { initializeKernelState, kernelIsInitialized } from '../kernel/initialize.js';
import { insistPlatformEpoch } from '../platform-epoch/decide.js';
import { completePlatform, readGivenPlatform } from '../platform-epoch/choose-platform.js';
import { makeFindBundle } from '../platform-epoch/decide-boot.js';
import { recordBaseline } from '../platform-epoch/ledger.js';
import { makeWorkerProcesses } from '../platform/worker-processes.js';
import { loadPlatform } from '../platform/load-platform.js';
import { makeNodeWorkerPowers } from '../platform/node-powers.js';
import { BadOptionError, quoteValue } from '../errors.js';
import {
  PLATFORM_FIELDS,
  pickPlatform,
  type GivenPlatform,
} from '../platform-epoch/platform-options.js';
import type { KernelStorage } from '../store/types.js';
import { initSwingStore } from '../store/swing-store.js';
import type { SwingSetConfig } from './config-types.js';
import { AlreadyInitializedError } from './errors.js';
import { findPlatformImage } from './image-of-platform.js';
import { buildSwingsetKernelConfig } from './kernel-config.js';
import type { SwingsetKernelConfig } from './kernel-config.js';
import type { InitializationOptions, InitializationPowers } from './option-types.js';
import { makeSafeConsole } from './outlets.js';
import { plainOptions } from './plain-values.js';
import { knownFields } from './validate.js';
import { KernelState } from '../state/kernel-state.js';

/** Does the store hold a kernel? */
export const swingsetIsInitialized = (kernelStorage: KernelStorage): boolean =>
  kernelIsInitialized(kernelStorage);

const assertUninitialized = (kernelStorage: KernelStorage): void => {
  if (swingsetIsInitialized(kernelStorage)) throw new AlreadyInitializedError();
};

/**
 * Initializes a store from the result of `buildSwingsetKernelConfig`.
 *
 * @returns the promise for the result of `bootstrap`, if the configuration has a bootstrap vat
 * @throws AlreadyInitializedError
 */
export const initializeSwingsetKernel = async (
  kernelConfig: SwingsetKernelConfig,
  kernelStorage: KernelStorage,
  powers: InitializationPowers = {},
): Promise<string | undefined> => {
  assertDefaultEnvironment();
  assertUninitialized(kernelStorage);
  const { idToBundle, ...config } = kernelConfig;
  const { platformEpoch } = powers;
  const findBundle = makeFindBundle(
    name => (Object.hasOwn(config.namedBundleIDs, name) ? config.namedBundleIDs[name] : undefined),
    bundleID => idToBundle.has(bundleID) || kernelStorage.bundleStore.hasBundle(bundleID),
  );
  const platform = await loadPlatform(completePlatform(readGivenPlatform(powers, findBundle)));
  for (const [bundleID, bundle] of idToBundle)
    kernelStorage.bundleStore.addBundle(bundleID, bundle);
  const usesXsnap = config.defaultManagerType === 'xsnap';
  const nodePowers = makeNodeWorkerPowers();
  const { spawn } = makeWorkerProcesses(nodePowers.spawn, kernelStorage.processes);
  const imageID = await findPlatformImage(usesXsnap, platform, kernelStorage, {
    ...nodePowers,
    spawn,
  });
  return initializeKernelState(config, kernelStorage, {
    platform,
    ...(imageID !== undefined && { imageID }),
    ...(platformEpoch !== undefined && {
      recordBaseline: epochs => recordBaseline(epochs, platformEpoch, platform.fingerprint, 0),
    }),
  });
};

/** A line for each vat and device. */
const describeNewKernel = (
  { vats, devices }: SwingsetKernelConfig,
  kernelStorage: KernelStorage,
  { console: given, debugPrefix }: InitializationPowers,
): void => {
  const log = makeSafeConsole(given ?? globalThis.console);
  const state = new KernelState(kernelStorage);
  const print = (kind: string, id: string, name: string, bundleID = 'built in') =>
    log.log(`${debugPrefix ?? ''}added ${kind} ${id} ${name}: ${bundleID}`);
  for (const [name, { bundleID }] of Object.entries(vats)) {
    print('vat', state.vats.getByName(name), name, bundleID);
  }
  for (const [name, { bundleID }] of Object.entries(devices)) {
    print('device', state.devices.getByName(name), name, bundleID);
  }
};

type ChosenAtStart = Pick<InitializationOptions, 'platformEpoch' | keyof GivenPlatform>;

/** What both bags of options may have. @throws BadOptionError where they differ */
const chooseAtStart = (
  options: ChosenAtStart = {},
  runtimeOptions: ChosenAtStart = {},
): ChosenAtStart => {
  for (const field of ['platformEpoch', ...PLATFORM_FIELDS] as const) {
    const [first, second] = [options[field], runtimeOptions[field]];
    if (first === undefined || second === undefined) continue;
    if (JSON.stringify(first) === JSON.stringify(second)) continue;
    const expected = `what options.${field} says (${quoteValue(first)}), or nothing`;
    throw new BadOptionError(`runtimeOptions.${field}`, second, expected);
  }
  const platformEpoch = options.platformEpoch ?? runtimeOptions.platformEpoch;
  return {
    ...pickPlatform(runtimeOptions),
    ...pickPlatform(options),
    ...(platformEpoch !== undefined && { platformEpoch: insistPlatformEpoch(platformEpoch) }),
  };
};

/**
 * Checks and bundles a configuration and initializes a store with it. The host commits.
 *
 * @param argv - Becomes `vatParameters.argv` of the bootstrap vat, unless it is falsy.
 * @param kernelStorage - Default: a store in memory, which only tests a configuration.
 * @returns the kpid of the result of `bootstrap`, if the configuration has a bootstrap vat
 * @throws AlreadyInitializedError, and the errors of `buildSwingsetKernelConfig`
 */
export const initializeSwingset = async (
  config: SwingSetConfig,
  argv?: unknown,
  kernelStorage: KernelStorage = initSwingStore().kernelStorage,
  givenOptions?: InitializationOptions | null,
  givenPowers?: InitializationPowers | null,
): Promise<string | undefined> => {
  assertUninitialized(kernelStorage);
  const options = plainOptions(givenOptions, knownFields('initialization-options'));
  const runtimeOptions = plainOptions(givenPowers, knownFields('initialization-powers'));
  const chosen = chooseAtStart(options, runtimeOptions);
  const kernelConfig = await buildSwingsetKernelConfig(config, argv, givenOptions, givenPowers);
  const powers = { ...runtimeOptions, ...chosen };
  const result = await initializeSwingsetKernel(kernelConfig, kernelStorage, powers);
  if (options.verbose) describeNewKernel(kernelConfig, kernelStorage, { ...options, ...powers });
  return result;
};
