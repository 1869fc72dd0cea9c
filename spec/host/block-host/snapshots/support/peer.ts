/** Both halves of state sync around a chain: what its peers see, and what it takes from them. */
import { join } from 'node:path';
import {
  makeSnapshotExporter,
  type SnapshotEvent,
  type SnapshotExporter,
} from '../../../../../lib/host/block-host/snapshots/exporter.js';
import {
  makeRestore,
  type Restore,
  type RestoreEvent,
} from '../../../../../lib/host/block-host/snapshots/restore.js';
import type {
  ApplyAnswer,
  OfferAnswer,
  SnapshotDescription,
} from '../../../../../lib/host/block-host/types.js';
import type { ManagerType } from '../../../../../lib/types/vat-options.js';
import { openChain, writeOwnRows, timeOf, type Chain } from './chain.js';

/** Small, so that a snapshot has many chunks, and most frames are in two. */
export const CHUNK_BYTES = 20_000;

/** A snapshot as a peer passes it on. */
export interface Passed {
  readonly description: SnapshotDescription;
  readonly chunks: readonly Uint8Array[];
  readonly appHash: Uint8Array;
}

export interface SourceOptions {
  readonly home: string;
  readonly worker: ManagerType;
  readonly interval?: number;
  readonly keep?: number;
  readonly chunkBytes?: number;
}

export interface Source {
  readonly chain: Chain;
  readonly snapshots: SnapshotExporter;
  readonly events: SnapshotEvent[];
  /** App hash by height. */
  readonly appHashes: Map<number, Buffer>;
  runTo(height: number): Promise<void>;
  /** The snapshot of a height, when it is done. */
  passed(height: number): Promise<Passed>;
  close(): Promise<void>;
}

/** A chain that makes snapshots. */
export const openSource = async ({
  home,
  worker,
  interval = 4,
  keep = 3,
  chunkBytes = CHUNK_BYTES,
}: SourceOptions): Promise<Source> => {
  const storeDir = join(home, 'swingset');
  const chain = await openChain({ path: storeDir, worker });
  const events: SnapshotEvent[] = [];
  const appHashes = new Map<number, Buffer>();
  const snapshots = makeSnapshotExporter({
    storeDir,
    snapshotsDir: join(home, 'snapshots'),
    interval,
    keep,
    committedHeight: chain.height(),
    chunkBytes,
    onEvent: event => events.push(event),
  });
  return {
    chain,
    snapshots,
    events,
    appHashes,
    runTo: height =>
      chain.runTo(height, committed => {
        appHashes.set(committed, chain.appHash());
        snapshots.afterCommit(committed, timeOf(committed));
      }),
    passed: async height => {
      await snapshots.settled();
      const description = snapshots.list(height + 2).find(each => each.height === height);
      if (!description) throw Error(`no snapshot of ${height}`);
      const chunks: Uint8Array[] = [];
      for (let chunk = 0; chunk < description.chunks; chunk += 1) {
        chunks.push((await snapshots.load(height, description.format, chunk))!);
      }
      return { description, chunks, appHash: appHashes.get(height)! };
    },
    close: async () => {
      await snapshots.close();
      await chain.close();
    },
  };
};

export interface Joiner {
  readonly storeDir: string;
  readonly restore: Restore;
  readonly events: RestoreEvent[];
  /** The node's chain, as of the last time that the store was replaced. */
  chain(): Chain;
  /** Offers, and applies chunks until one is not accepted. */
  take(
    snapshot: Passed,
    senderOf?: (chunk: number) => string,
  ): Promise<{ readonly offer: OfferAnswer; readonly last?: ApplyAnswer }>;
  close(): Promise<void>;
}

/** Around the change of a store. */
interface ReplaceEvent {
  readonly type: 'replacing' | 'replaced';
}

/** A node that joins by state sync. It has its store open, as a host does. */
export const openJoiner = async (
  home: string,
  worker: ManagerType,
  onEvent: (event: RestoreEvent | ReplaceEvent) => void = () => undefined,
): Promise<Joiner> => {
  const storeDir = join(home, 'swingset');
  const events: RestoreEvent[] = [];
  let chain = await openChain({ path: storeDir, worker, waits: true });
  const restore = makeRestore({
    storeDir,
    replaceStore: async change => {
      await chain.close();
      onEvent({ type: 'replacing' });
      await change();
      onEvent({ type: 'replaced' });
      chain = await openChain({ path: storeDir, worker, waits: true });
    },
    writeOwnRows,
    onEvent: event => {
      events.push(event);
      onEvent(event);
    },
  });
  return {
    storeDir,
    restore,
    events,
    chain: () => chain,
    take: async ({ description, chunks, appHash }, senderOf = chunk => `peer ${chunk}`) => {
      const offer = await restore.offer(description, appHash);
      if (offer !== 'accept') return { offer };
      let last: ApplyAnswer | undefined;
      for (const [chunk, bytes] of chunks.entries()) {
        last = await restore.apply(chunk, bytes, senderOf(chunk));
        if (last.result !== 'accept') break;
      }
      return { offer, ...(last && { last }) };
    },
    close: async () => {
      await restore.close();
      await chain.close();
    },
  };
};
