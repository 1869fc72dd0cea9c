/** Finds the parts in which two platforms differ. */
import type { PlatformFingerprint } from '../types/platform-epoch.js';

export type PlatformPart = keyof PlatformFingerprint;

export interface PlatformDifference {
  readonly part: PlatformPart;
  readonly stored: string;
  readonly running: string;
}

const parts: readonly PlatformPart[] = [
  'engine',
  'platform',
  'lockdown',
  'supervisor',
  'imageBundles',
  'serveImportBundle',
];

/** One entry per part that differs, in the order of `parts`. Empty if equal. */
export const comparePlatforms = (
  stored: PlatformFingerprint,
  running: PlatformFingerprint,
): readonly PlatformDifference[] =>
  parts
    .map(part => ({ part, stored: String(stored[part]), running: String(running[part]) }))
    .filter(({ stored: before, running: now }) => before !== now);
