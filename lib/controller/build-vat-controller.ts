/** From a configuration to a controller in one call, for tests and small hosts. */
import { BadOptionError } from '../errors.js';
import { checkKnownFields } from '../unknown-fields.js';
import { initSwingStore } from '../store/swing-store.js';
import type { KernelStorage } from '../store/types.js';
import type { SwingSetConfig } from './config-types.js';
import { initializeSwingset, swingsetIsInitialized } from './initialize.js';
import { makeSwingsetController } from './make-controller.js';
import type {
  BuildVatControllerOptions,
  DeviceEndowments,
  InitializationOptions,
} from './option-types.js';
import { plainOptions } from './plain-values.js';
import { upgradeSwingset } from './schema-version.js';
import type { SwingsetController } from './types.js';
import { knownFields } from './validate.js';

export interface BuiltVatController extends SwingsetController {
  /**
   * The promise for the result of `bootstrap`, for `kpStatus` and `kpResolution`. Undefined without
   * a bootstrap vat, and when the store was initialized before.
   */
  readonly bootstrapResult: string | undefined;
}

const initializationFields = knownFields('initialization-options');
const powerFields = ['bundleFromSourceSpec', 'bundleFromPath'] as const;
/** They belong to both readers of the bag. */
const sharedFields = ['env', 'console', 'strict', 'debugPrefix'] as const;
const runtimeFields = knownFields('runtime-options');
const bagFields = ['kernelStorage', 'deviceEndowments'] as const;

const pick = (from: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));

const known = [...initializationFields, ...powerFields, ...runtimeFields, ...bagFields];

const joinEndowments = (
  asArgument: DeviceEndowments,
  inOptions: DeviceEndowments,
): DeviceEndowments => {
  const twice = Object.keys(inOptions).find(name => Object.hasOwn(asArgument, name));
  if (twice === undefined) return { ...asArgument, ...inOptions };
  const expected = 'endowments in options or as the fourth argument, not both';
  throw new BadOptionError(`options.deviceEndowments.${twice}`, inOptions[twice], expected);
};

/**
 * Initializes a store unless it is initialized, and makes its controller.
 *
 * @param givenOptions - Options of `initializeSwingset` and `makeSwingsetController` in one bag. Without
 *   `kernelStorage`, the swingset lives in memory until `shutdown`.
 * @param deviceEndowments - As in SwingSet. `options.deviceEndowments` adds to them.
 * @throws BadOptionError when both have endowments for one device
 */
export const buildVatController = async (
  config: SwingSetConfig,
  argv: unknown = [],
  givenOptions?: BuildVatControllerOptions | null,
  deviceEndowments?: DeviceEndowments | null,
): Promise<BuiltVatController> => {
  const options = plainOptions(givenOptions, known);
  const { strict, console } = options;
  checkKnownFields(options, known, { strict, console });
  const endowments = joinEndowments(deviceEndowments ?? {}, options.deviceEndowments ?? {});
  const ownStore = options.kernelStorage ? undefined : initSwingStore();
  const { kernelStorage } = ownStore ?? { kernelStorage: options.kernelStorage as KernelStorage };
  const runtimeOptions = pick(options, runtimeFields);
  let bootstrapResult: string | undefined;
  if (!swingsetIsInitialized(kernelStorage)) {
    const initialization = pick(options, initializationFields) as InitializationOptions;
    bootstrapResult = await initializeSwingset(
      config,
      argv,
      kernelStorage,
      initialization,
      pick(options, [...powerFields, ...sharedFields]),
    );
  }
  upgradeSwingset(kernelStorage);
  const controller = await makeSwingsetController(kernelStorage, endowments, runtimeOptions);
  let closing: Promise<void> | undefined;
  const shutdown = async () => {
    await controller.shutdown();
    await (closing ??= ownStore?.hostStorage.close());
  };
  return harden({ bootstrapResult, ...controller, shutdown });
};
