/** How far a restart of vats is, for whoever waits at a terminal. Source: design.md 4, «Progress». */
import type { PlatformRestartProgress } from '../platform-epoch/types.js';
import type { Progress } from './store-progress.js';

const BAR_WIDTH = 20;

const bar = (done: number, total: number): string => {
  const filled = total === 0 ? BAR_WIDTH : Math.floor((done * BAR_WIDTH) / total);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${done} of ${total} vats`;
};

/** For `onRestartProgress`. */
export const showRestart =
  (progress: Progress) =>
  ({ phase, index, total, vatID, name, result }: PlatformRestartProgress): void => {
    if (phase === 'finish') {
      progress.end();
      return;
    }
    const last = phase === 'vat' ? `, ${[vatID, name, result].filter(Boolean).join(' ')}` : '';
    progress.update(`${bar(index, total)}${last}`);
  };
