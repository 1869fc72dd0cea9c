/** What a test says about its swingset, and the configuration that follows from it. */
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SwingSetConfig } from '../controller/config-types.js';
import type { DeviceEndowments } from '../controller/option-types.js';
import { BadOptionError } from '../errors.js';
import type { Timer } from '../devices/timer/timer.js';
import type { Bundle } from '../store/types.js';
import { insistKnownFields } from '../unknown-fields.js';
import type { Reference } from './references.js';

/** What parameters of vats may refer to. Vats start in the order in which the test lists them. */
export interface TestReferences {
  /** @throws UnknownTestNameError for a vat that has not started yet */
  readonly root: (vat: string) => Reference;
  readonly device: (name: string) => Reference;
  /** @throws BadOptionError unless the test asked for a `timer` */
  readonly timerService: Reference;
}

/** A vat under test. It has exactly one of `source` and `bundle`. */
export interface TestVat {
  /** The module that exports `buildRootObject`: an absolute path or a `file:` URL. */
  readonly source?: string | URL;
  /** The same, bundled by `@endo/bundle-source`. */
  readonly bundle?: Bundle;
  /** Second argument of `buildRootObject`; default `{}`. A function gets references to pass on. */
  readonly vatParameters?: unknown;
}

export interface TestDevice {
  /** The module that exports `buildRootDeviceNode`: an absolute path or a `file:` URL. */
  readonly source: string | URL;
  /** For the device's code. Each boot passes them again. */
  readonly endowments?: unknown;
  readonly parameters?: unknown;
}

export interface TestSwingsetOptions {
  /** By name, in the order in which they start. */
  readonly vats: Readonly<Record<string, TestVat>>;
  readonly devices?: Readonly<Record<string, TestDevice>>;
  /** Adds the timer vat and its device: `timerService` and `setTime`. Default false. */
  readonly timer?: boolean;
  /** Where vats run: `local` (default) in this process, `xsnap` in XS workers, as in production. */
  readonly worker?: 'local' | 'xsnap';
  /** Where the kernel and the vats print; default: into `console` of the test swingset. */
  readonly console?: Pick<Console, 'log' | 'info' | 'warn' | 'error' | 'debug'>;
  /** A directory that keeps bundles for later test processes. */
  readonly bundleCachePath?: string;
}

const FIELDS = ['vats', 'devices', 'timer', 'worker', 'console', 'bundleCachePath'];

export const DRIVER = 'testDriver';
const TIMER = 'timer';

const insistRecord = (field: string, value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadOptionError(field, value, 'a record');
  }
  return value as Readonly<Record<string, unknown>>;
};

const pathOf = (field: string, source: unknown): string => {
  const isURL = source instanceof URL || (typeof source === 'string' && /^file:/.test(source));
  if (isURL && new URL(source).protocol === 'file:') return fileURLToPath(source);
  if (typeof source === 'string' && isAbsolute(source)) return source;
  throw new BadOptionError(field, String(source), 'an absolute path or a file: URL');
};

const bundleSpecOf = (field: string, given: unknown) => {
  const vat = insistRecord(field, given);
  insistKnownFields(vat, ['source', 'bundle', 'vatParameters']);
  const { source, bundle } = vat as TestVat;
  if ((source === undefined) === (bundle === undefined)) {
    throw new BadOptionError(field, Object.keys(vat), 'exactly one of source and bundle');
  }
  return bundle === undefined ? { sourceSpec: pathOf(`${field}.source`, source) } : { bundle };
};

const deviceSpecOf = (name: string, given: unknown) => {
  const field = `devices.${name}`;
  const device = insistRecord(field, given);
  insistKnownFields(device, ['source', 'endowments', 'parameters']);
  const { source, endowments, parameters } = device as unknown as TestDevice;
  return {
    sourceSpec: pathOf(`${field}.source`, source),
    ...(parameters !== undefined && { parameters }),
    creationOptions: { unendowed: endowments === undefined },
  };
};

const mapRecord = <T, R>(record: Readonly<Record<string, T>>, map: (name: string, value: T) => R) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(name, value)]));

/** @throws BadOptionError that names the field */
export const checkOptions = (options: TestSwingsetOptions): void => {
  insistKnownFields(insistRecord('options', options), FIELDS);
  const { vats, devices = {}, timer, worker = 'local' } = options;
  if (Object.keys(insistRecord('vats', vats)).length === 0) {
    throw new BadOptionError('vats', vats, 'at least one vat');
  }
  insistRecord('devices', devices);
  if (timer !== undefined && typeof timer !== 'boolean') {
    throw new BadOptionError('timer', timer, 'a boolean');
  }
  if (timer && Object.hasOwn(devices, TIMER)) {
    throw new BadOptionError('devices.timer', devices[TIMER], 'no such device beside timer: true');
  }
  if (!['local', 'xsnap'].includes(worker)) {
    throw new BadOptionError('worker', worker, 'local or xsnap');
  }
};

/** @param driver - path of the driver's source */
export const configOf = (
  options: TestSwingsetOptions,
  driver: string,
  timer: Timer | undefined,
): SwingSetConfig => ({
  bootstrap: DRIVER,
  defaultManagerType: options.worker ?? 'local',
  vats: { [DRIVER]: { sourceSpec: driver } },
  bundles: mapRecord(options.vats, (name, vat) => bundleSpecOf(`vats.${name}`, vat)),
  devices: {
    ...mapRecord(options.devices ?? {}, deviceSpecOf),
    ...(timer && { [TIMER]: { sourceSpec: timer.srcPath } }),
  },
  ...(options.bundleCachePath !== undefined && { bundleCachePath: options.bundleCachePath }),
});

export const endowmentsOf = (
  options: TestSwingsetOptions,
  timer: Timer | undefined,
): DeviceEndowments => ({
  ...Object.fromEntries(
    Object.entries(options.devices ?? {}).flatMap(([name, { endowments }]) =>
      endowments === undefined ? [] : [[name, endowments] as const],
    ),
  ),
  ...(timer && { [TIMER]: timer.endowments }),
});
