/**
 * What a host writes down: the configuration object and `swingset.json`. Source: SwingSet's
 * `configuration.md`. `schemas/swingset-config.schema.json` says the same to other tools and
 * checks it here; `spec/controller/schema-agreement.spec.ts` keeps the two in step.
 */
import type { Bundle } from '../store/types.js';

/** `xs-worker` is SwingSet's older name of `xsnap`. */
export type ManagerTypeName = 'xsnap' | 'local' | 'xs-worker';

/** Where code is: exactly one of the first four. Paths are absolute once a file was loaded. */
export interface CodeSpec {
  /** Entry module: a path, or a package specifier in a configuration file. */
  sourceSpec?: string;
  /** A file that holds a finished bundle: JSON, or a module that exports it by default. */
  bundleSpec?: string;
  bundle?: Bundle;
  /** Name of an entry of `config.bundles`. */
  bundleName?: string;
  /** The bundleID that the code must turn out to have; else it is refused. */
  bundleHash?: string;
}

/** `creationOptions` of a static vat. */
export interface StaticVatOptions {
  managerType?: ManagerTypeName;
  enableSetup?: boolean;
  enablePipelining?: boolean;
  enableDisavow?: boolean;
  useTranscript?: boolean;
  /** Deliveries between two bringOutYourDeads. */
  reapInterval?: number | 'never';
  /** References in GC deliveries between two bringOutYourDeads. */
  reapGCKrefs?: number | 'never';
  neverReap?: boolean;
  /** The kernel panics when the vat fails. */
  critical?: boolean;
  /** For worker types that run under Node; no worker here does. Must be empty. */
  nodeOptions?: string[];
}

export interface StaticVatSpec extends CodeSpec {
  /** Second argument of `buildRootObject`. JSON data. */
  parameters?: Record<string, unknown>;
  creationOptions?: StaticVatOptions;
}

export interface DeviceSpec extends CodeSpec {
  parameters?: unknown;
  creationOptions?: { unendowed?: boolean };
}

export type BundleSpec = Omit<CodeSpec, 'bundleName'>;

/** `getExport` of `@endo/bundle-source` has no place in a swingstore, in SwingSet's either. */
export type BundleFormat = 'endoZipBase64' | 'nestedEvaluate';

/** What well-known hosts keep in the same file. Handed through; the kernel does not look at it. */
export interface HostConfigFields {
  /** swingset-runner */
  loopboxSenders?: unknown;
  /** cosmic-swingset, as the next two */
  coreProposals?: unknown;
  exportStorageSubtrees?: unknown;
  clearStorageSubtrees?: unknown;
}

export interface SwingSetConfig extends HostConfigFields {
  /** Name of the vat whose `bootstrap(vats, devices)` is called first. */
  bootstrap?: string;
  vats?: Record<string, StaticVatSpec>;
  devices?: Record<string, DeviceSpec>;
  /** Bundles by name, for `bundleName` and for `E(vatAdmin).createVatByName`. */
  bundles?: Record<string, BundleSpec>;
  /** Default: `xsnap`. */
  defaultManagerType?: ManagerTypeName;
  /** Deliveries; default 1. */
  defaultReapInterval?: number | 'never';
  /** Default 20. */
  defaultReapGCKrefs?: number | 'never';
  /** Transcript entries before a vat's first heap snapshot; default 3. */
  snapshotInitial?: number;
  /** Transcript entries between further snapshots; default 200. */
  snapshotInterval?: number | 'never';
  /**
   * Computrons that one delivery to an xsnap vat without a meter may take; default 1,000,000,000, ten
   * times what a vat with a meter may. `never`: any number, so that a vat that loops holds the kernel.
   */
  computronLimit?: number | 'never';
  relaxDurabilityRules?: boolean;
  pinBootstrapRoot?: boolean;
  includeDevDependencies?: boolean;
  /** A directory that keeps bundles of unchanged sources between runs. */
  bundleCachePath?: string;
  /** Default `endoZipBase64`, the only one with a hash of its own. */
  bundleFormat?: BundleFormat;
  /** Older name of `bundleFormat`, as `loadBasedir` writes it. */
  format?: BundleFormat;
}
