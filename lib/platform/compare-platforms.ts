/** Finds the parts in which two platforms differ. */
import type { PlatformFingerprint } from '../types/platform-epoch.js';

export type PlatformPart = keyof PlatformFingerprint;

export interface PlatformDifference {
  readonly part: PlatformPart;
  readonly stored: string;
  readonly running: string;
}

const parts: readonly PlatformPart[] = ['engine', 'lockdown', 'supervisor'];

/** One entry per part that differs, in the order engine, lockdown, supervisor. Empty if equal. */
export const comparePlatforms = (
  stored: PlatformFingerprint,
  running: PlatformFingerprint,
): readonly PlatformDifference[] =>
  parts
    .filter(part => stored[part] !== running[part])
    .map(part => ({ part, stored: stored[part], running: running[part] }));
