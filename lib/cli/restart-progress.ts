/** A progress bar for restarts. Source: design.md 4, "Progress". */
import { printable } from '../printable.js';
import type { PlatformRestartProgress } from '../platform-epoch/types.js';
import type { CanaryProgress } from '../platform-epoch/rehearsal-types.js';
import type { Progress } from './store-progress.js';

const BAR_WIDTH = 20;

const bar = (done: number, total: number): string => {
  const filled = total === 0 ? BAR_WIDTH : Math.floor((done * BAR_WIDTH) / total);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${done} of ${total} vats`;
};

/** For `onRestartProgress`. Shows the vat whose turn it is, which may take long. */
export const showRestart =
  (progress: Progress) =>
  ({ phase, index, total, vatID, name, result }: PlatformRestartProgress): void => {
    const vat = printable([vatID, name, result].filter(Boolean).join(' '));
    switch (phase) {
      case 'start':
        return progress.update(bar(index, total));
      case 'turn':
        return progress.update(`${bar(index, total)}, now ${vat}`);
      case 'vat':
        return progress.update(`${bar(index, total)}, ${vat}`);
      case 'finish':
        return progress.end();
      default:
        return phase satisfies never;
    }
  };

/** For `onCanaryProgress`. */
export const showCanary =
  (progress: Progress) =>
  ({ phase, index, total, vatID }: CanaryProgress): void =>
    progress.update(
      phase === 'block'
        ? `block ${index} of ${total}`
        : `sleeping vat ${index} of ${total}, now ${vatID}`,
    );
