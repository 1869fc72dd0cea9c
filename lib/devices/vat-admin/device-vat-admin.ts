/**
 * The built-in `vatAdmin` device: the vat-admin vat's access to the kernel.
 *
 * Boundary: only the vat-admin vat holds the root node. Any vat may hold its other nodes, the
 * bundlecaps. Each method calls a kernel hook with the same arguments, undecoded except for inline
 * bundles. State: the table of bundlecaps (`bundle-nodes.js`).
 */
import { kser, kunser } from '@agoric/kmarshal';
import type { CapData } from '../../types/messages.js';
import { ROOT_DEVICE_VREF, type VRef } from '../../types/ids.js';
import { makeBundleNodes } from '../bundle/bundle-nodes.js';
import type { BuildDevice } from '../raw-device.js';
import type { DeviceSyscall } from '../types.js';
import type { VatAdminHooks } from './hooks.js';

/** The hook behind each method of the root node. Methods have SwingSet's names. */
const hookOfMethod: Readonly<Record<string, keyof VatAdminHooks>> = {
  createByBundleID: 'createVat',
  terminateWithFailure: 'terminateVat',
  upgradeVat: 'upgradeVat',
  restartVat: 'restartVat',
  changeOptions: 'changeOptions',
  createMeter: 'createMeter',
  createUnlimitedMeter: 'createUnlimitedMeter',
  addMeterRemaining: 'addMeterRemaining',
  setMeterThreshold: 'setMeterThreshold',
  getMeter: 'getMeter',
  hasVat: 'hasVat',
  suspendVat: 'suspendVat',
  resumeVat: 'resumeVat',
  pauseVat: 'pauseVat',
  unpauseVat: 'unpauseVat',
};

const parse = ({ body, slots }: CapData<VRef>): unknown => kunser({ body, slots: [...slots] });
const serialize = (value: unknown): CapData<VRef> => {
  const { body, slots } = kser(value);
  return { body, slots: slots as VRef[] };
};

/** `createByBundle(bundle, options)`: installs the bundle, then does `createByBundleID`. */
const createByBundle = (syscall: DeviceSyscall, args: CapData<VRef>): CapData<VRef> => {
  const [bundle, options] = parse(args) as [unknown, unknown];
  const bundleID = parse(syscall.callKernelHook('installBundle', serialize([bundle])));
  return syscall.callKernelHook('createVat', serialize([bundleID, options]));
};

export const buildDevice: BuildDevice = ({ syscall }) => {
  const bundles = makeBundleNodes(syscall);
  return harden({
    invoke: (target, method, args) => {
      if (target === ROOT_DEVICE_VREF) {
        if (method === 'createByBundle') return ['ok', createByBundle(syscall, args)];
        const hook = Object.hasOwn(hookOfMethod, method) ? hookOfMethod[method] : undefined;
        if (hook) return ['ok', syscall.callKernelHook(hook, args)];
      }
      const result = bundles.invoke(target, method, args);
      if (!result) throw new TypeError(`the vatAdmin device has no method ${method}`);
      return result;
    },
    readImmutable: bundles.readImmutable,
  });
};
