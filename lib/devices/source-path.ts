/** Paths of device sources, for a configuration's `sourceSpec`. */
import { fileURLToPath } from 'node:url';

/**
 * Absolute path of a device's source. It always names the file in `lib`, even when this module runs
 * from `dist`, so that the bundle has the same bytes and ID everywhere.
 */
export const deviceSourcePath = (relative: string): string =>
  fileURLToPath(new URL(`../../lib/devices/${relative}`, import.meta.url));
