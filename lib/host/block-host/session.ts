/**
 * One opening of the chain's store: the writer's connection with the state tree, and the reader of
 * what is committed. A block that must not be committed ends its session.
 */
import type { SwingsetController } from '../../controller/types.js';
import { openCommittedReader, type CommittedReader } from '../../store/committed-reader.js';
import { initSwingStore, openSwingStore } from '../../store/swing-store.js';
import type { HostStorage, KernelStorage } from '../../store/types.js';
import { appHashOf } from './tree/app-hash.js';
import { chainRowKey, exportEntryKey, openStateTree } from './tree/state-tree.js';
import type { StateTreeOptions } from './tree/state-tree.js';
import type { BlockRows } from './block-rows.js';
import type { HostDevices } from './devices.js';
import type { BlockTimer } from './timer-deadline.js';
import { CHAIN_PREFIX } from './rows.js';

/** The kernel of a session. */
export interface RunningKernel {
  readonly controller: SwingsetController;
  readonly devices: HostDevices;
  readonly timer: BlockTimer;
}

export interface Session {
  readonly hostStorage: HostStorage;
  readonly kernelStorage: KernelStorage;
  readonly committed: CommittedReader;
  kernel: RunningKernel | undefined;
  /** Writes the rows of a block, and returns the app hash of the state then. */
  seal(rows: BlockRows): Uint8Array;
  /** Ends the workers and closes the store, once. What is not committed is lost. */
  close(): Promise<void>;
}

export interface SessionOptions {
  /** The store's directory. */
  readonly path: string;
  /** Erases what is there. */
  readonly isNew: boolean;
  readonly tree: StateTreeOptions;
}

export const openSession = ({ path, isNew, tree: treeOptions }: SessionOptions): Session => {
  const open = isNew ? initSwingStore : openSwingStore;
  const { hostStorage, kernelStorage } = open(path, {
    exportCallback: changes => {
      for (const [key, value] of changes) tree.note(exportEntryKey(key), value);
    },
  });
  const { kvStore } = hostStorage;
  const tree = openStateTree(kvStore, treeOptions);
  const openReader = (): CommittedReader => {
    try {
      return openCommittedReader(path);
    } catch (error) {
      // Without a kernel, this closes the store at once.
      void hostStorage.close();
      throw error;
    }
  };
  const committed = openReader();
  const closeAll = async (): Promise<void> => {
    try {
      await session.kernel?.controller.shutdown();
    } finally {
      committed.close();
      await hostStorage.close();
    }
  };
  let closing: Promise<void> | undefined;
  const session: Session = {
    hostStorage,
    kernelStorage,
    committed,
    kernel: undefined,
    seal: rows => {
      rows.flush((key, value) => {
        if (value === undefined) kvStore.delete(key);
        else kvStore.set(key, value);
        if (key.startsWith(CHAIN_PREFIX)) tree.note(chainRowKey(key), value ?? null);
      });
      hostStorage.announceExports();
      return appHashOf(kernelStorage.getActivityhash(), tree.root());
    },
    close: () => (closing ??= closeAll()),
  };
  return session;
};
