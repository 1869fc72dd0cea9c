/** Where the sources of devices are that a configuration names and `bundle-source` reads. */
import { fileURLToPath } from 'node:url';

/**
 * Absolute path of a device's source: always the file in `lib`, whether this module runs from `lib`
 * or from `dist`, so that its bundle has the same bytes and the same ID everywhere.
 */
export const deviceSourcePath = (relative: string): string =>
  fileURLToPath(new URL(`../../lib/devices/${relative}`, import.meta.url));
