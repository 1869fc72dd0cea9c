/** Lines of the application for the operator. Texts of peers and vats are made printable. */
import { errorText } from '../../errors.js';
import type { LocalOptions } from '../../host/block-host/local-options.js';
import type { PlatformRestartProgress } from '../../platform-epoch/types.js';
import { printable } from '../../printable.js';

/** A line for each vat of an upgrade, which may take minutes. */
export const restartLine = (progress: PlatformRestartProgress): string | undefined => {
  const { phase, index, total, vatID = '', name = '', result } = progress;
  if (phase !== 'vat') return undefined;
  return `restart, ${index} of ${total}: ${vatID} ${printable(name)} ${result ?? ''}`;
};

type StateSyncEvent = Parameters<NonNullable<LocalOptions['onStateSync']>>[0];

/** Undefined for steps that an operator does not wait for. */
export const stateSyncLine = (event: StateSyncEvent): string | undefined => {
  switch (event.type) {
    case 'snapshot-done': {
      const { height, chunks, bytes } = event;
      return `snapshot of height ${height}: ${chunks} chunks, ${bytes} bytes`;
    }
    case 'snapshot-failed':
      return `snapshot of height ${event.height} failed: ${printable(errorText(event.error))}`;
    case 'snapshot-left-out':
      return `snapshot of height ${event.height} left out: that of height ${event.unfinished} is being written`;
    case 'restore-begun':
      return `state sync: offered a snapshot of height ${event.height}, ${event.chunks} chunks`;
    case 'restore-chunk':
      return `state sync: chunk ${event.chunk} is in order`;
    case 'restore-verified':
      return 'state sync: all rows match the app hash';
    case 'restore-done':
      return `state sync: restored height ${event.height}`;
    case 'restore-refused': {
      const { reason, senders } = event;
      const from = senders.length > 0 ? `, sent by ${senders.join(', ')}` : '';
      return printable(`state sync: refused a snapshot: ${reason}${from}`);
    }
    case 'snapshot-begun':
    case 'snapshot-chunk':
    case 'snapshot-deleted':
    case 'restore-artifact':
    case 'restore-stored':
      return undefined;
    default:
      return event satisfies never;
  }
};
