/** State sync of one node: makes snapshots beside the chain, and restores those of peers. */
import { join } from 'node:path';
import { attempt } from '../../controller/outlets.js';
import { closeInTurn } from '../close-in-turn.js';
import type { ChainNode } from './chain-node.js';
import { heightOf } from './committed-view.js';
import type { BlockHostOptions } from './local-options.js';
import { makeSnapshotExporter, type SnapshotEvent } from './snapshots/exporter.js';
import { makeRestore, type RestoreEvent } from './snapshots/restore.js';
import { writeLastBlock } from './tables/last-block.js';
import type { BlockHost, BlockTime } from './types.js';

export interface StateSync {
  /** Call it right after each commit. */
  afterCommit(height: number, time: BlockTime): void;
  readonly list: BlockHost['listSnapshots'];
  /** No bytes for a chunk that is not there: peers then ask others. */
  readonly load: BlockHost['load'];
  readonly offer: BlockHost['offer'];
  readonly apply: BlockHost['apply'];
  close(): Promise<void>;
}

const nothing = new Uint8Array();

export const openStateSync = (
  node: ChainNode,
  { home, snapshotInterval = 0, snapshotKeep = 3, onStateSync }: BlockHostOptions,
): StateSync => {
  const committedHeight = () => (node.view ? heightOf(node.view) : 0);
  /** A listener that fails harms neither the chain nor a restore. */
  const onEvent = (event: SnapshotEvent | RestoreEvent): void => {
    attempt(
      () => onStateSync?.(event),
      () => undefined,
    );
  };
  const exporter = makeSnapshotExporter({
    storeDir: node.path,
    snapshotsDir: join(home, 'data', 'snapshots'),
    interval: snapshotInterval,
    keep: snapshotKeep,
    committedHeight: committedHeight(),
    onEvent,
  });
  const restore = makeRestore({
    storeDir: node.path,
    replaceStore: async change => {
      await exporter.discard();
      await node.replaceStore(change);
    },
    writeOwnRows: (rows, { height, time, appHash }) =>
      writeLastBlock(rows, {
        height,
        time,
        hash: '',
        result: { appHash, txResults: [], events: [], validatorUpdates: [] },
      }),
    onEvent,
  });
  return {
    afterCommit: (height, time) => exporter.afterCommit(height, time),
    list: () => exporter.list(committedHeight()),
    load: async (height, format, chunk) => (await exporter.load(height, format, chunk)) ?? nothing,
    offer: (snapshot, appHash) => restore.offer(snapshot, appHash),
    apply: (chunk, bytes, sender) => restore.apply(chunk, bytes, sender),
    close: () => closeInTurn([() => exporter.close(), () => restore.close()]),
  };
};
