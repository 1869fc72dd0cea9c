/** When a vat's heap is due for a snapshot. Part of consensus: snapshots are in the transcript. */
import type { SpanBounds } from '../store/types.js';
import type { SnapshotSchedule } from './types.js';

/**
 * Counts entries of the current span, its `initialize-worker` or `load-snapshot` included.
 *
 * @param hasSnapshot whether the incarnation has one already: the first is taken earlier
 * @param failedAt position where one was due and could not be written: the next try comes later
 */
export const isSnapshotDue = (
  schedule: SnapshotSchedule,
  span: SpanBounds,
  hasSnapshot: boolean,
  failedAt?: number,
): boolean => {
  const entries = span.endPos - span.startPos;
  if (schedule.snapshotInterval === 'never') return false;
  if (failedAt !== undefined && failedAt >= span.startPos) {
    return span.endPos - failedAt >= schedule.snapshotInterval;
  }
  return entries >= (hasSnapshot ? schedule.snapshotInterval : schedule.snapshotInitial);
};
