/**
 * A node in its own process, which makes a snapshot or restores one, and kills itself as `kill -9`
 * does when a given event comes for the given time.
 */
import '@endo/init/debug.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSnapshotExporter } from '../../../../../lib/host/block-host/snapshots/exporter.js';
import { describeSnapshot } from '../../../../../lib/host/block-host/snapshots/manifest.js';
import { timeOf } from './chain.js';
import { CHUNK_BYTES, openJoiner } from './peer.js';

/** Buffers as base64. */
export interface SnapshotFile {
  readonly metadata: string;
  readonly appHash: string;
  readonly chunks: readonly string[];
}

export interface ChildOrder {
  readonly home: string;
  /** Makes a snapshot of this height, or restores the one in this file. */
  readonly task: { readonly exportAt: number } | { readonly restoreFrom: string };
  readonly killAt: { readonly event: string; readonly time: number };
}

const { task, home, killAt } = JSON.parse(process.argv[2] ?? '') as ChildOrder;

let times = 0;
const onEvent = ({ type }: { readonly type: string }): void => {
  if (type !== killAt.event) return;
  times += 1;
  if (times === killAt.time) process.kill(process.pid, 'SIGKILL');
};

if ('exportAt' in task) {
  const snapshots = makeSnapshotExporter({
    storeDir: join(home, 'swingset'),
    snapshotsDir: join(home, 'snapshots'),
    interval: 1,
    keep: 1,
    committedHeight: task.exportAt,
    chunkBytes: CHUNK_BYTES,
    onEvent,
  });
  snapshots.afterCommit(task.exportAt, timeOf(task.exportAt));
  await snapshots.settled();
} else {
  const file = JSON.parse(readFileSync(task.restoreFrom, 'utf8')) as SnapshotFile;
  const decode = (text: string): Buffer => Buffer.from(text, 'base64');
  const joiner = await openJoiner(home, 'local', onEvent);
  await joiner.take({
    description: describeSnapshot(decode(file.metadata)),
    appHash: decode(file.appHash),
    chunks: file.chunks.map(decode),
  });
}
