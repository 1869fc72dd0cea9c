// @ts-check
/**
 * The `bundle` device: returns bundlecaps by bundleID or by name. The configuration must name it
 * `bundle`, because the kernel adds the hooks that it calls (`BundleHooks`) to that name.
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
