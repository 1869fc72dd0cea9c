/** Orders for `restart-child.ts`. */
import type { PlatformRestartMode } from '../../../lib/types/platform-epoch.js';

/** The fault point before the host's own commit. The kernel has none of this name. */
export const COMMIT_POINT = 'host-commit';

export interface ChildOrder {
  readonly path: string;
  readonly platformEpoch: number;
  readonly mode: PlatformRestartMode;
  readonly withCheckpoint: boolean;
  readonly concurrency?: number;
  /** How many blocks the host runs in all, over its lives. Default 0. */
  readonly blocks?: number;
  readonly killAt?: string;
}
