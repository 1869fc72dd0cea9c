/**
 * A host whose writes are recorded: restarts all vats of a store, and writes into the file `marks`,
 * which is recorded as well, when a commit begins and when it has ended. Its first argument is a
 * `PowerOrder` as JSON.
 */
import '@endo/init/debug.js';
import { appendFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SwingStore } from '../../../lib/store/swing-store.js';
import { bootAndLook } from '../../platform-epoch/support/crash.js';
import { openDisk } from './disk.js';
import { digestOf, MARKS, STORE, type Mark, type PowerOrder } from './power-order.js';

const { home, original, mode, blocks, durability } = JSON.parse(
  process.argv[2] ?? '',
) as PowerOrder;

/** The journal is copied back to the file so often that power fails within it as well. */
const PAGES_PER_CHECKPOINT = 40;

const disk = openDisk(home);
mkdirSync(disk.files, { recursive: true });
cpSync(original, join(disk.files, STORE), { recursive: true });

const mark = (line: Mark): void =>
  appendFileSync(join(disk.files, MARKS), `${JSON.stringify(line)}\n`);

const withMarks = (store: SwingStore): Pick<SwingStore, 'hostStorage' | 'kernelStorage'> => {
  const { hostStorage, kernelStorage, debug } = store;
  debug.getDatabase().pragma(`wal_autocheckpoint = ${PAGES_PER_CHECKPOINT}`);
  let commits = 0;
  return {
    kernelStorage,
    hostStorage: {
      ...hostStorage,
      commit: async () => {
        commits += 1;
        mark({ begin: commits });
        await hostStorage.commit();
        if (durability === 'group') await hostStorage.sync();
        mark({ end: commits, digest: digestOf(store) });
      },
    },
  };
};

disk.record();
await bootAndLook({
  path: join(disk.files, STORE),
  platformEpoch: 2,
  mode,
  blocks,
  withCheckpoint: true,
  storeOptions: { durability },
  wrapStore: withMarks,
});
disk.stopRecording();
disk.close();
process.disconnect();
