/** Where spec files, each in a process of its own, find the bundles that another one made. */
import { fileURLToPath } from 'node:url';

export const bundleCachePath = fileURLToPath(
  new URL('../../node_modules/.cache/swingset-kernel', import.meta.url),
);
