import { join } from 'node:path';

/** Where `prepare.ts` keeps a bundle. */
export const bundlePath = (bundles: string, name: string): string => join(bundles, `${name}.json`);
