/**
 * What a host writes down: the configuration object and `swingset.json`. Source: SwingSet's
 * `configuration.md`. The types and `schemas/swingset-config.schema.json` both come from here.
 */
import Type from 'typebox';
import type { Static } from 'typebox';
import type { Bundle } from '../store/types.js';
import { configObject, count, countOrNever, path, recordOf } from '../types/option-schema.js';
import {
  COMPUTRON_LIMIT_EXPECTED,
  MAX_COMPUTRON_LIMIT,
  MIN_COMPUTRON_LIMIT,
} from '../types/vat-limits.js';

export const managerType = Type.Enum(['xsnap', 'local', 'xs-worker', 'node-subprocess'], {
  expected: 'one of "xsnap", "local"',
});

/**
 * `xs-worker` is SwingSet's older name of `xsnap`. `node-subprocess`, its experimental worker in
 * another Node process, is `local` here.
 */
export type ManagerTypeName = Static<typeof managerType>;

export const bundleSchema = Type.Unsafe<Bundle>({
  $id: 'bundle.schema.json',
  title: 'A source bundle, in the form that @endo/bundle-source writes',
  type: 'object',
  required: ['moduleFormat'],
  properties: { moduleFormat: { enum: ['endoZipBase64', 'nestedEvaluate'] } },
  allOf: [
    {
      if: { properties: { moduleFormat: { const: 'endoZipBase64' } } },
      then: {
        required: ['endoZipBase64', 'endoZipBase64Sha512'],
        properties: {
          endoZipBase64: Type.String(),
          endoZipBase64Sha512: Type.String({
            pattern: '^[0-9a-f]{128}$',
            expected: 'the SHA-512 of the compartment map, 128 hexadecimal digits',
          }),
        },
      },
    },
    {
      if: { properties: { moduleFormat: { const: 'nestedEvaluate' } } },
      then: {
        required: ['source'],
        properties: { source: Type.String(), sourceMap: Type.String() },
      },
    },
  ],
});

const bundle = Type.Unsafe<Bundle>({ $ref: 'bundle.schema.json' });

const bundleHash = Type.String({
  pattern: '^b[01]-[0-9a-f]+$',
  expected: 'a bundleID (b1-… or b0-…)',
});

const oneCodeOf = <const Names extends readonly string[]>(...codes: Names) => ({
  ...configObject,
  oneOf: codes.map(name => ({ required: [name] })),
  expected: `exactly one of ${codes.join(', ')}`,
});

const bundleFields = {
  /** Entry module: a path, or a package specifier. Absolute once a file was loaded. */
  sourceSpec: Type.Optional(path()),
  /** File with the bundle: JSON, or a module that exports it by default. */
  bundleSpec: Type.Optional(path()),
  /** The bundle itself. */
  bundle: Type.Optional(bundle),
  /** The code must have this bundleID. */
  bundleHash: Type.Optional(bundleHash),
};

const codeFields = {
  ...bundleFields,
  /** Name of an entry of `bundles`. */
  bundleName: Type.Optional(Type.String()),
};

const bundleSpec = Type.Object(bundleFields, oneCodeOf('sourceSpec', 'bundleSpec', 'bundle'));

export interface BundleSpec extends Static<typeof bundleSpec> {}

export const vatCreationOptions = Type.Object(
  {
    /** Worker type. Default: that of the configuration. */
    managerType: Type.Optional(managerType),
    /** The code exports `setup` and handles raw deliveries, in a local worker. */
    enableSetup: Type.Optional(Type.Boolean()),
    /** The vat gets messages for promises that it decides at once. */
    enablePipelining: Type.Optional(Type.Boolean()),
    /** The vat gets the power `disavow`. */
    enableDisavow: Type.Optional(Type.Boolean()),
    /** False: the vat is not replayed; all its state must be in its vatstore. */
    useTranscript: Type.Optional(Type.Boolean()),
    /** Deliveries between two bringOutYourDeads. */
    reapInterval: Type.Optional(countOrNever()),
    /** References in GC deliveries between two bringOutYourDeads. */
    reapGCKrefs: Type.Optional(countOrNever()),
    /** The vat gets no bringOutYourDead. */
    neverReap: Type.Optional(Type.Boolean()),
    /** The kernel panics when the vat fails. */
    critical: Type.Optional(Type.Boolean()),
    /** Accepted with `managerType: 'node-subprocess'`; no effect. */
    nodeOptions: Type.Optional(Type.Array(Type.String())),
  },
  {
    $id: 'vat-creation-options.schema.json',
    title: 'creationOptions of a static vat',
    ...configObject,
  },
);

/** `creationOptions` of a static vat. */
export interface StaticVatOptions extends Static<typeof vatCreationOptions> {}

const fourCodes = oneCodeOf('sourceSpec', 'bundleSpec', 'bundle', 'bundleName');

const vat = Type.Object(
  {
    ...codeFields,
    /** Second argument of `buildRootObject`. JSON data. */
    parameters: Type.Optional(Type.Unsafe<Record<string, unknown>>({ type: 'object' })),
    creationOptions: Type.Optional(
      Type.Unsafe<StaticVatOptions>({ $ref: 'vat-creation-options.schema.json' }),
    ),
  },
  fourCodes,
);

export interface StaticVatSpec extends Static<typeof vat> {}

/** Where code is: exactly one of sourceSpec, bundleSpec, bundle and bundleName. */
export interface CodeSpec extends Pick<StaticVatSpec, keyof typeof codeFields> {}

export const device = Type.Object(
  {
    ...codeFields,
    /** Second argument of `buildRootDeviceNode`. */
    parameters: Type.Optional(Type.Unknown()),
    creationOptions: Type.Optional(
      Type.Object(
        {
          /** The device works without endowments from the host. */
          unendowed: Type.Optional(Type.Boolean()),
        },
        configObject,
      ),
    ),
  },
  { $id: 'device.schema.json', title: 'A device of a swingset', ...fourCodes },
);

export interface DeviceSpec extends Static<typeof device> {}

const bundleFormat = Type.Enum(['endoZipBase64', 'nestedEvaluate']);

/** `getExport` of `@endo/bundle-source` has no place in a swingstore, in SwingSet's either. */
export type BundleFormat = Static<typeof bundleFormat>;

export const swingsetConfig = Type.Object(
  {
    /** For swingset-runner; the kernel ignores it. */
    loopboxSenders: Type.Optional(Type.Unknown()),
    /** For cosmic-swingset; the kernel ignores it. */
    coreProposals: Type.Optional(Type.Unknown()),
    /** For cosmic-swingset; the kernel ignores it. */
    exportStorageSubtrees: Type.Optional(Type.Unknown()),
    /** For cosmic-swingset; the kernel ignores it. */
    clearStorageSubtrees: Type.Optional(Type.Unknown()),
    /** Name of the vat whose `bootstrap(vats, devices)` is called first. */
    bootstrap: Type.Optional(Type.String()),
    /** Static vats by name. */
    vats: Type.Optional(recordOf<StaticVatSpec>(vat)),
    /** Devices by name. */
    devices: Type.Optional(recordOf<DeviceSpec>(Type.Unsafe({ $ref: 'device.schema.json' }))),
    /** Bundles by name, for `bundleName` and for `E(vatAdmin).createVatByName`. */
    bundles: Type.Optional(recordOf<BundleSpec>(bundleSpec)),
    /** Default worker type; default `xsnap`. */
    defaultManagerType: Type.Optional(managerType),
    /** Deliveries to a vat between two bringOutYourDeads; default 1. */
    defaultReapInterval: Type.Optional(countOrNever()),
    /** References in GC deliveries to a vat between two bringOutYourDeads; default 20. */
    defaultReapGCKrefs: Type.Optional(countOrNever()),
    /** Transcript entries before a vat's first heap snapshot; default 3. */
    snapshotInitial: Type.Optional(count()),
    /** Transcript entries between later heap snapshots; default 200. */
    snapshotInterval: Type.Optional(countOrNever()),
    /**
     * Computrons that one delivery to an xsnap vat without a meter may take; default 1,000,000,000,
     * ten times what a vat with a meter may. `never`: any number, so a vat that loops holds the
     * kernel.
     */
    computronLimit: Type.Optional(
      Type.Union(
        [
          Type.Integer({ minimum: MIN_COMPUTRON_LIMIT, maximum: MAX_COMPUTRON_LIMIT }),
          Type.Literal('never'),
        ],
        { expected: COMPUTRON_LIMIT_EXPECTED },
      ),
    ),
    /**
     * Restarts a vat at the end of a run when its last heap snapshot has more than `restartAbove`
     * bytes and twice the bytes of its incarnation's first one. Default: off.
     */
    heapPolicy: Type.Optional(
      Type.Object(
        {
          /** Bytes of the vat's last heap snapshot, uncompressed. A small vat's has about 13 MB. */
          restartAbove: count(),
        },
        { additionalProperties: false },
      ),
    ),
    /** Lets durable objects hold non-durable ones, for tests. */
    relaxDurabilityRules: Type.Optional(Type.Boolean()),
    /** Keeps the root of the bootstrap vat referenced. */
    pinBootstrapRoot: Type.Optional(Type.Boolean()),
    /** Bundles may use devDependencies. */
    includeDevDependencies: Type.Optional(Type.Boolean()),
    /** Directory that keeps bundles of unchanged sources between runs, if it can be written. */
    bundleCachePath: Type.Optional(path()),
    /** Format of new bundles. Default `endoZipBase64`, the only one with a hash of its own. */
    bundleFormat: Type.Optional(bundleFormat),
    /** Older name of `bundleFormat`, as `loadBasedir` writes it. */
    format: Type.Optional(bundleFormat),
  },
  {
    $id: 'swingset-config.schema.json',
    title: 'Configuration of a swingset',
    ...configObject,
  },
);

export interface SwingSetConfig extends Static<typeof swingsetConfig> {
  [comment: `$${string}`]: unknown;
}
