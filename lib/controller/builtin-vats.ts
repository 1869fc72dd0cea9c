/** The vats and devices that every swingset has, whatever its configuration names. */
import type { VatCreationOptions } from '../kernel/initial-config.js';
import { vatSourcePath } from '../package-paths.js';
import type { Bundle } from '../store/types.js';
import type { BundlingOptions } from '../bundling/bundle-cache.js';
import { bundleFile } from './bundling.js';
import type { InitializationOptions, KernelBundles } from './option-types.js';

export interface BuiltinVat {
  readonly name: string;
  /** Its key in what `buildKernelBundles` returns. */
  readonly bundleKey: string;
  /** Its source, under `lib/vats`, as `vatSourcePath` takes it. */
  readonly source: string;
  /** The option of `initializeSwingset` that leaves it out. */
  readonly option: 'addVatAdmin' | 'addComms' | 'addVattp' | 'addTimer';
  readonly creationOptions: VatCreationOptions;
}

/**
 * The name of the vat-admin vat and of its device. The kernel itself contains the device's code,
 * whatever bundle a configuration gives it.
 */
export const VAT_ADMIN = 'vatAdmin';

/** In the order of their vatIDs, which come after the bootstrap vat's. */
export const builtinVats: readonly BuiltinVat[] = [
  {
    name: VAT_ADMIN,
    bundleKey: 'adminVat',
    source: 'vat-admin/vat-vat-admin.js',
    option: 'addVatAdmin',
    creationOptions: {},
  },
  {
    name: 'comms',
    bundleKey: 'comms',
    source: 'comms/vat-comms.js',
    option: 'addComms',
    // It handles raw deliveries and keeps all state in its vatstore, so it needs no transcript.
    creationOptions: {
      managerType: 'local',
      enableSetup: true,
      enablePipelining: true,
      useTranscript: false,
      neverReap: true,
    },
  },
  {
    name: 'vattp',
    bundleKey: 'vattp',
    source: 'vattp/vat-vattp.js',
    option: 'addVattp',
    creationOptions: {},
  },
  {
    name: 'timer',
    bundleKey: 'timer',
    source: 'timer/vat-timer.js',
    option: 'addTimer',
    creationOptions: {},
  },
];

/** The built-in vats that `options` do not leave out. */
export const chosenBuiltinVats = (options: InitializationOptions): readonly BuiltinVat[] =>
  builtinVats.filter(({ option }) => options[option] !== false);

export const bundleBuiltinVat = async (
  { name, bundleKey, source }: BuiltinVat,
  kernelBundles: KernelBundles = {},
  options: Pick<BundlingOptions, 'cachePath'> = {},
): Promise<Bundle> =>
  kernelBundles[bundleKey] ?? bundleFile(vatSourcePath(source), `built-in vat ${name}`, options);

/**
 * Bundles the built-in vats once for many calls of `initializeSwingset`. The entries `kernel` and
 * `adminDevice` are empty, because this kernel does not bundle that code.
 */
export const buildKernelBundles = async (): Promise<KernelBundles> => {
  const none = harden({ moduleFormat: 'none' });
  const bundles: Record<string, Bundle> = { kernel: none, adminDevice: none };
  for (const vat of builtinVats) bundles[vat.bundleKey] = await bundleBuiltinVat(vat);
  return harden(bundles);
};
