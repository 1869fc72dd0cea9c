import { fileURLToPath } from 'node:url';

/** Absolute path of a file, from its path relative to the project's root. */
export const sourcePath = (relative: string): string =>
  fileURLToPath(new URL(`../../../${relative}`, import.meta.url));
