/** Reads the contents of a snapshot from a store. */
import { setImmediate } from 'node:timers/promises';
import { exportFrom } from '../../../store/exporter.js';
import type { OpenReader } from '../../../store/reader.js';
import { CHAIN_PREFIX, committedRows, rowsUnder } from '../rows.js';
import { encodeFrame } from './frames.js';

/** In characters; more than that only for a long entry. */
const BATCH = 64 * 1024;

type Entry = readonly [key: string, value: string];

async function* batches(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
): AsyncIterableIterator<Entry[]> {
  let batch: Entry[] = [];
  let length = 0;
  for await (const entry of entries) {
    batch.push(entry);
    length += entry[0].length + entry[1].length;
    if (length >= BATCH) {
      yield batch;
      batch = [];
      length = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

export interface SnapshotContents {
  /** Frames; see `frames.ts`. */
  readonly frames: AsyncIterable<Buffer>;
  /** What the frames given so far hold. */
  readonly counts: { entries: number; rows: number; artifacts: number };
}

/**
 * The contents as of the commit that `reader` sees. The event loop gets its turn after each frame,
 * because the chain goes on.
 */
export const readContents = (reader: OpenReader): SnapshotContents => {
  const exporter = exportFrom(reader, 'operational');
  const counts = { entries: 0, rows: 0, artifacts: 0 };
  async function* frames(): AsyncIterableIterator<Buffer> {
    for await (const batch of batches(exporter.getExportData())) {
      counts.entries += batch.length;
      yield encodeFrame('x', JSON.stringify(batch));
    }
    for await (const batch of batches(rowsUnder(committedRows(reader), CHAIN_PREFIX))) {
      counts.rows += batch.length;
      yield encodeFrame('c', JSON.stringify(batch));
    }
    for await (const name of exporter.getArtifactNames()) {
      counts.artifacts += 1;
      yield encodeFrame('a', name);
      for await (const bytes of exporter.getArtifact(name)) {
        yield encodeFrame('d', bytes);
      }
    }
    yield encodeFrame('z');
  }
  async function* withTurns(): AsyncIterableIterator<Buffer> {
    for await (const frame of frames()) {
      yield frame;
      await setImmediate();
    }
  }
  return { frames: withTurns(), counts };
};
