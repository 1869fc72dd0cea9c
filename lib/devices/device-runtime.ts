/**
 * Starts the code of devices.
 *
 * Boundary: the kernel asks for one `DeviceRuntime` per device and process, then calls `invoke`. It
 * never sees a device's exceptions, except `KernelStateError`: a syscall of the device met a
 * damaged kernel table, which is not the device's fault.
 */
import { importBundle } from '@endo/import-bundle';
import { findWithheldGlobals } from '../endo-environment/withheld-globals.js';
import { KernelStateError } from '../errors.js';
import type { Bundle } from '../store/types.js';
import { DeviceSlots, type BuildRootDeviceNode } from './device-slots.js';
import { DeviceStartError } from './errors.js';
import { startRawDevice, type BuildDevice, type RawDevice } from './raw-device.js';
import type { DeviceRuntime, DeviceStartOptions } from './types.js';
import { buildDevice as buildVatAdminDevice } from './vat-admin/device-vat-admin.js';

/**
 * The error that a vat gets for any failure inside a device, as in SwingSet. The log has the cause.
 */
const DEVICE_FAILED = 'device.invoke failed, see logs for details';

export interface DevicePowers {
  readonly console: Pick<Console, 'debug' | 'log' | 'info' | 'warn' | 'error'>;
}

interface DeviceModule extends Pick<DeviceRuntime, 'keepsObjects'> {
  readonly buildRootDeviceNode?: unknown;
  readonly buildDevice?: unknown;
}

/**
 * Devices whose code comes from here, whatever bundle the store has. They call this kernel's hooks,
 * but the bundle in a store from SwingSet calls SwingSet's.
 */
const builtins: Readonly<Record<string, DeviceModule>> = {
  vatAdmin: { buildDevice: buildVatAdminDevice, keepsObjects: false },
};

const importDevice = async (
  bundle: Bundle,
  { name }: DeviceStartOptions,
  { console }: DevicePowers,
): Promise<DeviceModule> => {
  const { assert, HandledPromise } = globalThis as Record<string, unknown>;
  try {
    return (await importBundle(bundle, {
      filePrefix: `device-${name}/...`,
      endowments: { console, assert, harden, HandledPromise },
      inescapableGlobalProperties: findWithheldGlobals(),
    })) as DeviceModule;
  } catch (error) {
    throw new DeviceStartError(name, 'its bundle can not be imported', { cause: error });
  }
};

const startProblem = ({ name, endowments }: DeviceStartOptions): string =>
  endowments === undefined
    ? `its code failed to start, and the host gives it no endowments: pass deviceEndowments.${name}`
    : 'its code failed to start';

const build = (module: DeviceModule, options: DeviceStartOptions): RawDevice => {
  const { buildRootDeviceNode, buildDevice } = module;
  try {
    if (typeof buildDevice === 'function')
      return startRawDevice(buildDevice as BuildDevice, options);
    if (typeof buildRootDeviceNode === 'function') {
      return new DeviceSlots(buildRootDeviceNode as BuildRootDeviceNode, options);
    }
  } catch (error) {
    if (error instanceof DeviceStartError || error instanceof KernelStateError) throw error;
    throw new DeviceStartError(options.name, startProblem(options), { cause: error });
  }
  throw new DeviceStartError(
    options.name,
    'its module must export buildRootDeviceNode(tools) or buildDevice(tools, endowments)',
  );
};

/**
 * Starts one device from its bundle, or built-in code (`vatAdmin`). Needs a locked-down realm.
 * @throws DeviceStartError when there is no code, or the code fails to start
 */
export const startDevice = async (
  bundle: Bundle | undefined,
  options: DeviceStartOptions,
  powers: DevicePowers = { console },
): Promise<DeviceRuntime> => {
  const { name } = options;
  const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  const module = builtin ?? (bundle && (await importDevice(bundle, options, powers)));
  if (!module) throw new DeviceStartError(name, 'has neither a bundle nor a built-in device');
  const device = build(module, options);
  return harden({
    invoke: (target, method, args) => {
      try {
        return device.invoke(target, method, args);
      } catch (error) {
        if (error instanceof KernelStateError) throw error;
        powers.console.error(
          `device ${name}: ${method}() failed, informing the calling vat`,
          error,
        );
        return ['error', DEVICE_FAILED];
      }
    },
    readImmutable: (target, method) => {
      try {
        const [status, data] = device.readImmutable?.(target, method) ?? ['error'];
        return status === 'ok' && typeof data === 'object' ? (data ?? undefined) : undefined;
      } catch {
        // The real call will fail in the same way and report it.
        return undefined;
      }
    },
    settle: kept => device.settle?.(kept),
    ...(builtin?.keepsObjects === false && { keepsObjects: false as const }),
  } satisfies DeviceRuntime);
};
