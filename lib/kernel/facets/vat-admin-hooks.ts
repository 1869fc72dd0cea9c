/**
 * The kernel functions behind the vat-admin device. They run inside the crank of the vat that
 * called the device and are undone with it. Contract: `lib/devices/vat-admin/hooks.ts`.
 */
import { BadOptionError } from '../../errors.js';
import type { DeviceHook } from '../../devices/types.js';
import type { VatAdminHooks } from '../../devices/vat-admin/hooks.js';
import type { DynamicVatOptions } from '../../state/events.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { Bundle, BundleStore } from '../../store/types.js';
import {
  isBundleID,
  isMeterID,
  isVatID,
  parseMeterID,
  type BundleID,
  type VatID,
} from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import type { ManagerType } from '../../types/vat-options.js';
import { isVatName } from '../../vats/vat-admin/vat-name.js';
import type { KRef } from '../../types/ids.js';
import { sourceBundleID } from '../../platform/bundle-id.js';
import { mayLift } from '../vats/service.js';
import { kser, kunser } from '../delivery/kmarshal.js';
import type { Termination } from '../delivery/outcome.js';
import { queueUpgrade } from '../vats/static-upgrade.js';
import { queueVatRestart } from '../vats/vat-restart.js';
import { pauseVat, unpauseVat } from '../vats/suspension.js';

export interface HookPorts {
  readonly state: KernelState;
  readonly bundleStore: BundleStore;
  readonly requestTermination: (end: Termination) => void;
}

/** A meter is stored in decimal and read for each delivery, so its size needs a bound. */
const MAX_AMOUNT = 2n ** 256n;

/** Computrons. Like SwingSet, accepts a number if it is exact. */
const insistAmount = (field: string, value: unknown): bigint => {
  const amount = Number.isSafeInteger(value) ? BigInt(value as number) : value;
  if (typeof amount !== 'bigint' || amount < 0n || amount >= MAX_AMOUNT) {
    throw new BadOptionError(field, value, 'a bigint of at least 0n and less than 2n ** 256n');
  }
  return amount;
};

const insistBundle = (bundleStore: BundleStore, value: unknown): BundleID => {
  if (!isBundleID(value) || !bundleStore.hasBundle(value)) {
    throw new BadOptionError('bundleID', value, 'the ID of an installed bundle');
  }
  return value;
};

const insistVat = (state: KernelState, value: unknown): VatID => {
  if (!isVatID(value) || !state.vats.isLive(value)) {
    throw new BadOptionError('vatID', value, 'a vat that exists');
  }
  return value;
};

const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isInterval = (value: unknown): boolean =>
  value === 'never' || (Number.isSafeInteger(value) && (value as number) >= 0);

/** Worker types, by the names that SwingSet's vat-admin passes. */
const managerTypes = new Map<unknown, ManagerType>([
  ['local', 'local'],
  ['xsnap', 'xsnap'],
  ['xs-worker', 'xsnap'],
  ['node-subprocess', 'local'],
]);

/** The parts of a dynamic vat's record. */
const optionChecks: Readonly<
  Record<string, readonly [(value: unknown) => boolean, expected: string]>
> = {
  name: [isVatName, 'a name of letters, digits and _.- (199 at most)'],
  managerType: [value => managerTypes.has(value), 'local or xsnap'],
  critical: [isBoolean, 'a boolean'],
  enableSetup: [isBoolean, 'a boolean'],
  enablePipelining: [isBoolean, 'a boolean'],
  useTranscript: [isBoolean, 'a boolean'],
  reapInterval: [isInterval, 'a number of deliveries or never'],
};

/**
 * Our vat-admin has checked these options. But an adopted store runs SwingSet's vat-admin, and any
 * vat may hold the device.
 */
const insistVatOptions = (options: DynamicVatOptions): DynamicVatOptions => {
  for (const [field, [isGood, expected]] of Object.entries(optionChecks)) {
    const value = options[field as keyof DynamicVatOptions];
    if (value !== undefined && !isGood(value)) throw new BadOptionError(field, value, expected);
  }
  const managerType = managerTypes.get(options.managerType);
  return managerType ? { ...options, managerType } : options;
};

const withoutUndefined = (options: object): DynamicVatOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

export const makeVatAdminHooks = ({
  state,
  bundleStore,
  requestTermination,
}: HookPorts): VatAdminHooks => ({
  getNamedBundleID: name => state.findNamedBundle(name),
  hasBundle: bundleID => bundleStore.hasBundle(bundleID),
  getBundle: bundleID => bundleStore.getBundle(insistBundle(bundleStore, bundleID)),
  installBundle: (bundle: Bundle) => {
    const bundleID = sourceBundleID(bundle);
    if (!bundleStore.hasBundle(bundleID)) bundleStore.addBundle(bundleID, bundle);
    return bundleID;
  },
  createVat: (bundleID, { vatParameters, ...options }) => {
    insistBundle(bundleStore, bundleID);
    const dynamicOptions = insistVatOptions(withoutUndefined(options));
    const { meterID } = options;
    if (meterID !== undefined && !(isMeterID(meterID) && state.meters.exists(meterID))) {
      throw new BadOptionError('meterID', meterID, 'a known meter');
    }
    const vatID = state.vats.allocateID();
    state.acceptanceQueue.push({
      type: 'create-vat',
      vatID,
      source: { bundleID },
      vatParameters: kser(vatParameters),
      dynamicOptions,
    });
    return vatID;
  },
  terminateVat: (vatID, reason) => {
    if (state.vats.isLive(vatID)) requestTermination({ vatID, reject: true, info: kser(reason) });
  },
  upgradeVat: (vatID, bundleID, vatParameters, upgradeMessage) => {
    insistBundle(bundleStore, bundleID);
    if (typeof upgradeMessage !== 'string') {
      throw new BadOptionError('upgradeMessage', upgradeMessage, 'a string');
    }
    return queueUpgrade(state, { vatID, bundleID, vatParameters, upgradeMessage });
  },
  restartVat: (vatID, upgradeMessage, vatParameters) => {
    if (typeof upgradeMessage !== 'string') {
      throw new BadOptionError('upgradeMessage', upgradeMessage, 'a string');
    }
    return queueVatRestart(state, {
      vatID: insistVat(state, vatID),
      upgradeMessage,
      ...(vatParameters !== undefined && { vatParameters: kser(vatParameters) }),
    });
  },
  changeOptions: (vatID, options) =>
    state.acceptanceQueue.push({
      type: 'changeVatOptions',
      vatID: insistVat(state, vatID),
      options: insistVatOptions(withoutUndefined(options)) as Record<string, unknown>,
    }),
  createMeter: (remaining, threshold) =>
    state.meters.create(insistAmount('remaining', remaining), insistAmount('threshold', threshold)),
  createUnlimitedMeter: () => state.meters.create('unlimited', 0n),
  addMeterRemaining: (meterID, delta) =>
    state.meters.addRemaining(parseMeterID(meterID), insistAmount('delta', delta)),
  setMeterThreshold: (meterID, threshold) =>
    state.meters.setThreshold(parseMeterID(meterID), insistAmount('threshold', threshold)),
  getMeter: meterID => state.meters.get(parseMeterID(meterID)),
  hasVat: vatID => state.vats.isLive(vatID),
  suspendVat: vatID =>
    state.acceptanceQueue.push({ type: 'suspend-vat', vatID: insistVat(state, vatID) }),
  resumeVat: value => {
    const vatID = insistVat(state, value);
    if (!mayLift(state.services.get(vatID), 'adminNode')) return false;
    state.acceptanceQueue.push({ type: 'resume-vat', vatID });
    return true;
  },
  pauseVat: vatID => pauseVat(state, insistVat(state, vatID), 'adminNode'),
  unpauseVat: vatID => unpauseVat(state, insistVat(state, vatID), 'adminNode'),
});

/** Turns functions into hooks that take the capdata of an arguments array. */
export const asDeviceHooks = (functions: object): ReadonlyMap<string, DeviceHook> => {
  const hooks = new Map<string, DeviceHook>();
  for (const [name, fn] of Object.entries(functions) as [
    string,
    (...args: unknown[]) => unknown,
  ][]) {
    hooks.set(name, args => kser(fn(...(kunser(args as CapData<KRef>) as unknown[]))));
  }
  return hooks;
};
