/** When a vat's heap snapshot is due. Part of consensus, because transcripts record snapshots. */
import type { SpanBounds } from '../store/types.js';
import type { SnapshotSchedule } from './types.js';

/**
 * Counts the entries of the current span, including its `initialize-worker` or `load-snapshot`.
 *
 * @param hasSnapshot - whether the incarnation has a snapshot; the first one is due earlier
 * @param failedAt - position of a due snapshot that could not be written; postpones the next
 *   attempt
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
