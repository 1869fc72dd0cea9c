/** A chain without queues and transactions: real vats, a real store, its tree and app hash. */
import { CHAIN_PREFIX, type Rows } from '../../../../../lib/host/block-host/rows.js';
import type { BlockTime } from '../../../../../lib/host/block-host/types.js';
import { appHashOf } from '../../../../../lib/host/block-host/tree/app-hash.js';
import {
  chainRowKey,
  exportEntryKey,
  openStateTree,
} from '../../../../../lib/host/block-host/tree/state-tree.js';
import type { StateTree } from '../../../../../lib/host/block-host/tree/state-tree.js';
import type { RestoredState } from '../../../../../lib/host/block-host/snapshots/restore.js';
import type { SwingsetController } from '../../../../../lib/controller/types.js';
import { isSwingStore } from '../../../../../lib/store/directory.js';
import { makeSwingStoreExporter } from '../../../../../lib/store/exporter.js';
import { openSwingStore } from '../../../../../lib/store/swing-store.js';
import type { SwingStore } from '../../../../../lib/store/swing-store.js';
import type { ManagerType } from '../../../../../lib/types/vat-options.js';
import {
  bootEconomy,
  heightOf,
  initializeEconomy,
  runBlock,
} from '../../../../store/support/kernel-host.js';

export const timeOf = (height: number): BlockTime => ({
  seconds: 1_700_000_000n + BigInt(height),
  nanos: height,
});

export interface Chain {
  readonly store: SwingStore;
  height(): number;
  /** Of the last block, executed or restored. */
  appHash(): Buffer;
  activityhash(): string;
  /** Executes and commits blocks up to a height, and calls `onCommitted` after each. */
  runTo(height: number, onCommitted?: (height: number) => void): Promise<void>;
  close(): Promise<void>;
}

/** The node's own rows. */
export const writeOwnRows = (rows: Rows, { height, appHash }: RestoredState): void => {
  rows.set('host.height', `${height}`);
  rows.set('host.local.appHash', Buffer.from(appHash).toString('hex'));
};

export interface ChainOptions {
  readonly path: string;
  readonly worker: ManagerType;
  /** A new chain has no kernel, and waits for a snapshot. Default false. */
  readonly waits?: boolean;
}

/** Opens the chain of a store, or begins a new one. The kernel boots with the first block. */
export const openChain = async ({ path, worker, waits = false }: ChainOptions): Promise<Chain> => {
  const isNew = !isSwingStore(path);
  const store = openSwingStore(path, {
    exportCallback: changes => {
      for (const [key, value] of changes) tree.note(exportEntryKey(key), value);
    },
  });
  const rows = store.hostStorage.kvStore;
  const tree: StateTree = openStateTree(rows);
  let controller: SwingsetController | undefined;

  const setChainRow = (name: string, value: string): void => {
    rows.set(`${CHAIN_PREFIX}${name}`, value);
    tree.note(chainRowKey(`${CHAIN_PREFIX}${name}`), value);
  };
  const seal = (height: number): void => {
    store.hostStorage.announceExports();
    const appHash = appHashOf(store.kernelStorage.getActivityhash(), tree.root());
    writeOwnRows(rows, { height, appHash, time: timeOf(height) });
  };
  if (isNew && !waits) {
    await initializeEconomy(store, worker);
    seal(0);
    await store.hostStorage.commit();
  }

  return {
    store,
    height: () => heightOf(store) || 0,
    appHash: () => Buffer.from(rows.get('host.local.appHash') ?? '', 'hex'),
    activityhash: () => store.kernelStorage.getActivityhash(),
    runTo: async (last, onCommitted) => {
      controller ??= await bootEconomy(store, worker);
      for (let height = heightOf(store) + 1; height <= last; height += 1) {
        await runBlock(store, controller, height);
        setChainRow(`result.${height}`, JSON.stringify({ height, crank: 'ok' }));
        if (height > 3) {
          rows.delete(`${CHAIN_PREFIX}result.${height - 3}`);
          tree.note(chainRowKey(`${CHAIN_PREFIX}result.${height - 3}`), null);
        }
        seal(height);
        await store.hostStorage.commit();
        onCommitted?.(height);
      }
    },
    close: async () => {
      await controller?.shutdown();
      await store.hostStorage.close();
    },
  };
};

/** The export data of a store, one line for each entry. */
export const exportDataOf = async (path: string): Promise<string[]> => {
  const exporter = makeSwingStoreExporter(path);
  const lines: string[] = [];
  for await (const entry of exporter.getExportData()) lines.push(JSON.stringify(entry));
  await exporter.close();
  return lines;
};

/** Every row of a store's kvStore under a prefix. */
export const rowsOf = ({ hostStorage: { kvStore } }: SwingStore, prefix: string): string[] => {
  const lines: string[] = [];
  for (
    let key = kvStore.getNextKey(prefix);
    key?.startsWith(prefix);
    key = kvStore.getNextKey(key)
  ) {
    lines.push(`${key}=${kvStore.get(key)}`);
  }
  return lines;
};
