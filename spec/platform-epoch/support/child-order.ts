/** What a spec tells `restart-child.ts` to do. */
import type { PlatformRestartMode } from '../../../lib/types/platform-epoch.js';

/** A name that no fault point of the kernel has: before the host's own commit. */
export const COMMIT_POINT = 'host-commit';

export interface ChildOrder {
  readonly path: string;
  readonly platformEpoch: number;
  readonly mode: PlatformRestartMode;
  readonly withCheckpoint: boolean;
  readonly concurrency?: number;
  readonly killAt?: string;
}
