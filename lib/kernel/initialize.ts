/**
 * Writes the first state of a kernel: static vats, devices, named bundles, the bootstrap message.
 * Source: SwingSet docs `static-vats.md`, `configuration.md`.
 *
 * Boundary: writes tables and runs nothing. The vats start with the first cranks.
 */
import { BadOptionError } from '../errors.js';
import type { Platform } from '../platform/types.js';
import type { PlatformEpochTable } from '../state/platform-epochs.js';
import type { KernelStorage } from '../store/types.js';
import { KernelState } from '../state/kernel-state.js';
import { storedSchemaVersion } from '../state/schema-version.js';
import type { ObjectKRef, PromiseKRef, VatID } from '../types/ids.js';
import { exportRootObject } from './vats/root-object.js';
import { makeVatOptions } from './vats/vat-options.js';
import { kser, kslot } from './delivery/kmarshal.js';
import { Messenger } from './delivery/messenger.js';
import { DeviceManager, type DevicePowers } from './delivery/device-manager.js';
import type { KernelConfig } from './initial-config.js';
import type { ResolutionPolicy } from '../types/policies.js';

export interface InitializeOptions {
  /** The platform that the vats will start on. */
  readonly platform: Platform;
  /** The platform image that xsnap vats start from, if there is one. */
  readonly imageID?: string;
  /** Writes the baseline of the epoch ledger, for a host that passes an epoch. */
  readonly recordBaseline?: (epochs: PlatformEpochTable) => void;
}

/** Does this store hold a kernel? */
export const kernelIsInitialized = (kernelStorage: KernelStorage): boolean =>
  storedSchemaVersion(kernelStorage.kvStore) !== undefined;

const VAT_ADMIN = 'vatAdmin';

const refuse = (): never => {
  throw new BadOptionError('initializeKernelState', 'a device call', 'none before the first crank');
};

/**
 * Writes everything a new kernel needs.
 *
 * @returns the result promise of `bootstrap()`, or undefined without a bootstrap vat
 * @throws BadOptionError if the store already holds a kernel, or the bootstrap vat is unknown
 */
export const initializeKernelState = async (
  config: KernelConfig,
  kernelStorage: KernelStorage,
  { platform, imageID, recordBaseline }: InitializeOptions,
): Promise<PromiseKRef | undefined> => {
  if (kernelIsInitialized(kernelStorage)) {
    throw new BadOptionError('kernelStorage', 'an initialized swingstore', 'an empty one');
  }
  if (config.bootstrap !== undefined && !Object.hasOwn(config.vats, config.bootstrap)) {
    throw new BadOptionError(
      'config.bootstrap',
      config.bootstrap,
      'the name of one of config.vats',
    );
  }
  kernelStorage.startCrank();
  const state = new KernelState(kernelStorage);
  state.initialize();
  state.settings.defaultManagerType = config.defaultManagerType;
  state.settings.defaultReapDirtThreshold = config.defaultReapDirtThreshold;
  state.settings.snapshotInitial = config.snapshotInitial;
  state.settings.snapshotInterval = config.snapshotInterval;
  state.settings.computronLimit = config.computronLimit;
  state.settings.heapPolicy = config.heapPolicy;
  state.settings.relaxDurabilityRules = config.relaxDurabilityRules;
  for (const [name, bundleID] of Object.entries(config.namedBundleIDs)) {
    state.setNamedBundle(name, bundleID);
  }
  const queue = new Messenger({ state, console, panic: refuse });
  const roots = createStaticVats(state, kernelStorage, config, { platform, imageID });
  const devices = createDevices(state, queue, config);
  const vatAdmin = roots.get(VAT_ADMIN);
  if (vatAdmin) {
    state.pinObject(vatAdmin);
    state.setVatAdminRoot(vatAdmin);
  }
  const result = queueBootstrap(state, queue, config, roots, devices);
  recordBaseline?.(state.platformEpochs);
  state.stats.save();
  kernelStorage.emitCrankHashes();
  kernelStorage.endCrank();
  return result;
};

const createStaticVats = (
  state: KernelState,
  kernelStorage: KernelStorage,
  config: KernelConfig,
  platform: { platform: Platform; imageID: string | undefined },
): Map<string, ObjectKRef> => {
  const vatIDs = new Map<string, VatID>();
  for (const [name, vat] of Object.entries(config.vats)) {
    const vatID = state.vats.allocateID();
    vatIDs.set(name, vatID);
    state.vats.addStatic(name, vatID);
    const hasArgv = name === config.bootstrap && config.argv !== undefined;
    const argv = hasArgv ? { argv: config.argv } : {};
    const vatParameters = kser({ ...vat.parameters, ...argv });
    const options = makeVatOptions({ state, ...platform }, { name, ...vat.creationOptions });
    state.vats.createRecord(vatID, { bundleID: vat.bundleID }, options, vatParameters);
    kernelStorage.transcriptStore.initTranscript(vatID);
    state.acceptanceQueue.push({ type: 'startVat', vatID, vatParameters });
  }
  // As SwingSet numbers them: vat-admin's root, then the others by name.
  const names = [...vatIDs.keys()].sort();
  const ordered = names.includes(VAT_ADMIN)
    ? [VAT_ADMIN, ...names.filter(name => name !== VAT_ADMIN)]
    : names;
  const roots = new Map<string, ObjectKRef>();
  for (const name of ordered) {
    const vatID = vatIDs.get(name);
    if (vatID) roots.set(name, exportRootObject(state, vatID));
  }
  return roots;
};

const createDevices = (
  state: KernelState,
  queue: Messenger,
  config: KernelConfig,
): Map<string, string> => {
  const manager = new DeviceManager({
    ...{ state, queue, powers: {} as DevicePowers, testLog: refuse },
    insistOpen: refuse,
  });
  const nodes = new Map<string, string>();
  for (const [name, device] of Object.entries(config.devices)) {
    const source = device.bundleID === undefined ? undefined : { bundleID: device.bundleID };
    const deviceID = state.devices.create(name, source, {
      deviceParameters: device.parameters ?? {},
      ...device.creationOptions,
    });
    nodes.set(name, manager.rootNode(deviceID));
  }
  return nodes;
};

const queueBootstrap = (
  state: KernelState,
  queue: Messenger,
  config: KernelConfig,
  roots: ReadonlyMap<string, ObjectKRef>,
  devices: ReadonlyMap<string, string>,
): PromiseKRef | undefined => {
  const root = config.bootstrap === undefined ? undefined : roots.get(config.bootstrap);
  if (!root) return undefined;
  const references = (krefs: ReadonlyMap<string, string>, iface: string) =>
    Object.fromEntries(
      [...krefs.keys()].sort().map(name => [name, kslot(krefs.get(name) ?? '', iface)]),
    );
  const args = [references(roots, 'root'), references(devices, 'device')];
  const policy: ResolutionPolicy = 'panic';
  const result = queue.callMethod(root, 'bootstrap', args, policy);
  // The host reads the result after the bootstrap vat has forgotten it.
  state.registerInterest(result);
  if (config.pinBootstrapRoot) state.pinObject(root);
  return result;
};
