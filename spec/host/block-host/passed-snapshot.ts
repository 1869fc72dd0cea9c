/** A snapshot of a running chain in small chunks, as a peer passes it on. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { makeSnapshotExporter } from '../../../lib/host/block-host/snapshots/exporter.js';
import type { BlockHost, SnapshotDescription } from '../../../lib/host/block-host/types.js';
import { GENESIS_TIME, makeHome } from './support.js';

/** Small, so that there are several. */
const CHUNK_BYTES = 600_000;

export interface PassedSnapshot {
  readonly description: SnapshotDescription;
  /** Of the snapshot's height. */
  readonly appHash: Uint8Array;
  readonly chunks: readonly Uint8Array[];
}

/** The snapshot of the last commit. */
export const passSnapshot = async (home: string, host: BlockHost): Promise<PassedSnapshot> => {
  const { height, appHash } = host.info();
  const copy = makeHome();
  cpSync(home, copy, { recursive: true });
  const exporter = makeSnapshotExporter({
    storeDir: join(copy, 'data', 'swingset'),
    snapshotsDir: join(copy, 'data', 'snapshots'),
    interval: 1,
    keep: 1,
    committedHeight: height,
    chunkBytes: CHUNK_BYTES,
  });
  exporter.afterCommit(height, { seconds: GENESIS_TIME + BigInt(height), nanos: 5 });
  await exporter.settled();
  const [description] = exporter.list(height + 2);
  if (!description) throw Error(`no snapshot of ${height}`);
  const chunks: Uint8Array[] = [];
  for (let chunk = 0; chunk < description.chunks; chunk += 1) {
    const bytes = await exporter.load(height, description.format, chunk);
    if (!bytes) throw Error(`no chunk ${chunk}`);
    chunks.push(bytes);
  }
  await exporter.close();
  return { description, appHash, chunks };
};
