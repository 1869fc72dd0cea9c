/** The bundle cache that spec files, each in its own process, share. */
import { fileURLToPath } from 'node:url';

export const bundleCachePath = fileURLToPath(
  new URL('../../node_modules/.cache/swingset-kernel', import.meta.url),
);
