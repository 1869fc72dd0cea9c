/**
 * Tells the two call shapes of `makeSwingsetController` apart:
 * `(kernelStorage, deviceEndowments?, runtimeOptions?)` and
 * `({ kernelStorage, deviceEndowments?, ...runtimeOptions })`.
 */
import type { KernelStorage } from '../store/types.js';
import { BadOptionError } from '../errors.js';
import { platformRestart } from '../platform-epoch/restart-options.js';
import type { ControllerBag, DeviceEndowments, SwingsetRuntimeOptions } from './option-types.js';
import { warnOfInertOptions } from './inert-options.js';
import { plainOptions, readOnce } from './plain-values.js';
import { checkFields, knownFields } from './validate.js';

export interface ControllerArgs {
  readonly kernelStorage: KernelStorage;
  readonly deviceEndowments: DeviceEndowments;
  readonly options: SwingsetRuntimeOptions;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isKernelStorage = (value: unknown): value is KernelStorage =>
  isObject(value) && 'kvStore' in value && 'transcriptStore' in value && 'bundleStore' in value;

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

const checkEndowments = (given: unknown, field: string): DeviceEndowments => {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw new BadOptionError(field, given, 'an object of endowments by device');
  return given as DeviceEndowments;
};

const RESTART_FIELDS = Object.keys(platformRestart.properties);

const BAG_FIELDS = ['kernelStorage', 'deviceEndowments'];

const readOptions = <T extends SwingsetRuntimeOptions>(given: T | null | undefined): T => {
  const options = plainOptions(given, [...knownFields('runtime-options'), ...BAG_FIELDS]);
  return isObject(options.platformRestart)
    ? { ...options, platformRestart: readOnce(options.platformRestart, RESTART_FIELDS) }
    : options;
};

/** @param origin - The object that the host passed. */
const checkOptions = (options: SwingsetRuntimeOptions, base: string, origin: object): void => {
  const { strict, console, signal } = options;
  checkFields('runtime-options', options, base, { strict, console, origin });
  if (signal !== undefined && typeof signal.throwIfAborted !== 'function') {
    throw new BadOptionError(`${base}.signal`, signal, 'an AbortSignal');
  }
  warnOfInertOptions(options, base, { origin, console });
};

const readBag = (bag: ControllerBag, others: readonly unknown[]): ControllerArgs => {
  others.forEach((other, index) => {
    if (other === undefined || other === null || isEmpty(other)) return;
    const field = index === 0 ? 'deviceEndowments' : 'runtimeOptions';
    const expected = 'nothing beside a single options bag: move it into the bag';
    throw new BadOptionError(`argument ${index + 2} (${field})`, other, expected);
  });
  const { kernelStorage, deviceEndowments, ...options } = readOptions(bag);
  if (!isKernelStorage(kernelStorage)) {
    throw new BadOptionError('options.kernelStorage', typeof kernelStorage, 'a kernelStorage');
  }
  checkOptions(options, 'options', bag);
  const endowments = checkEndowments(deviceEndowments, 'options.deviceEndowments');
  return { kernelStorage, deviceEndowments: endowments, options };
};

/** @throws BadOptionError when the arguments are of neither shape, or of both */
export const readControllerArgs = (given: readonly unknown[]): ControllerArgs => {
  const [first, deviceEndowments, runtimeOptions, ...tooMany] = given;
  if (tooMany.length > 0) throw new BadOptionError('argument 4', typeof tooMany[0], 'nothing');
  if (isKernelStorage(first)) {
    const options = readOptions(runtimeOptions as SwingsetRuntimeOptions | null | undefined);
    checkOptions(options, 'runtimeOptions', isObject(runtimeOptions) ? runtimeOptions : options);
    return {
      kernelStorage: first,
      deviceEndowments: checkEndowments(deviceEndowments, 'deviceEndowments'),
      options,
    };
  }
  if (isObject(first) && 'kernelStorage' in first) {
    return readBag(first as ControllerBag, given.slice(1));
  }
  const expected = 'a kernelStorage, or an options bag with one';
  throw new BadOptionError('argument 1', isObject(first) ? Object.keys(first) : first, expected);
};
