// @ts-check
/**
 * The `bundle` device: gives out bundlecaps by bundleID or by name. It must be configured under the
 * name `bundle`, for which the kernel keeps the hooks that it calls (`BundleHooks`).
 */
import { makeBundleNodes } from './bundle-nodes.js';

/** @type {import('../raw-device.js').BuildDevice} */
export const buildDevice = ({ syscall }) => {
  const bundles = makeBundleNodes(syscall);
  return harden({
    invoke: (target, method, args) => {
      const result = bundles.invoke(target, method, args);
      if (!result) throw TypeError(`the bundle device has no method ${method}`);
      return result;
    },
    readImmutable: bundles.readImmutable,
  });
};
harden(buildDevice);
