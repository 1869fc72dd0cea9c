/** Work on stores that disks interrupt: each can be taken up again wherever it was left. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copySwingStore } from '../../../lib/store/copy.js';
import { isSwingStore } from '../../../lib/store/directory.js';
import { isExportDirectory, openExportDirectory } from '../../../lib/store/export-directory.js';
import { writeExportDirectory } from '../../../lib/store/export-writer.js';
import { makeSwingStoreExporter } from '../../../lib/store/exporter.js';
import { importExportDirectory } from '../../../lib/store/import-store.js';
import { pruneStore } from '../../../lib/store/prune.js';
import { compactStore } from '../../../lib/store/stats.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import type { SwingStoreOptions } from '../../../lib/store/options.js';
import { bootAndLook, prepareStore } from '../../platform-epoch/support/crash.js';
import type { Outcome, StoreOptions } from '../../platform-epoch/support/crash.js';
import { hashTables } from '../../platform-epoch/support/fixture.js';
import { runBlock } from '../../store/support/block.js';

/** One hash per table. */
export type Tables = Readonly<Record<string, string>>;

export interface Workload {
  readonly name: string;
  /** Makes what `run` starts from. `home` is a new directory. */
  readonly prepare: (home: string) => Promise<void>;
  /** Goes from whatever an earlier run left to the end. */
  readonly run: (home: string) => Promise<Tables>;
  /** Where stores may be, in a directory in which `run` was interrupted. */
  readonly stores: readonly string[];
}

const HEIGHT = 5;

const runBlocks = async (path: string, options: SwingStoreOptions): Promise<Tables> => {
  const store = openSwingStore(path, options);
  try {
    const { hostStorage } = store;
    for (;;) {
      const height = Number(hostStorage.kvStore.get('host.height') ?? 0);
      if (height === HEIGHT) return hashTables(store);
      await runBlock(store, height + 1);
      await hostStorage.commit();
      if (options.durability === 'group') await hostStorage.sync();
    }
  } finally {
    await store.hostStorage.close();
  }
};

/** Blocks that write to the store without a kernel, from its creation on. */
const blocks = (name: string, options: SwingStoreOptions): Workload => ({
  name,
  prepare: async () => undefined,
  run: home => runBlocks(join(home, 'store'), options),
  stores: ['store'],
});

const lookAt = async (path: string): Promise<Tables> => {
  const store = openSwingStore(path, { readOnly: true });
  try {
    return hashTables(store);
  } finally {
    await store.hostStorage.close();
  }
};

const prepareBlocks = async (home: string): Promise<void> => {
  await runBlocks(join(home, 'store'), { keepSnapshots: true });
};

const copy: Workload = {
  name: 'copy',
  prepare: prepareBlocks,
  run: async home => {
    const target = join(home, 'copy');
    if (!isSwingStore(target)) await copySwingStore(join(home, 'store'), target);
    return lookAt(target);
  },
  stores: ['store', 'copy'],
};

const exportAndImport: Workload = {
  name: 'export and import',
  prepare: prepareBlocks,
  run: async home => {
    const [written, target] = [join(home, 'export'), join(home, 'imported')];
    if (!existsSync(written) || !(await isExportDirectory(written))) {
      const artifactMode = 'operational';
      const exporter = makeSwingStoreExporter(join(home, 'store'), { artifactMode });
      try {
        await writeExportDirectory(exporter, written, { artifactMode });
      } finally {
        await exporter.close();
      }
    }
    if (!isSwingStore(target))
      await importExportDirectory(await openExportDirectory(written), target);
    return lookAt(target);
  },
  stores: ['store', 'imported'],
};

const care: Workload = {
  name: 'prune and compact',
  prepare: prepareBlocks,
  run: async home => {
    const path = join(home, 'store');
    pruneStore(path, { keepSpans: 'current', keepSnapshots: 'in-use' });
    compactStore(path);
    return lookAt(path);
  },
  stores: ['store'],
};

export const STORE_WORKLOADS: readonly Workload[] = [
  blocks('blocks', {}),
  blocks('blocks that commit in groups', { durability: 'group' }),
  copy,
  exportAndImport,
  care,
];

type RestartOptions = Pick<
  Parameters<typeof bootAndLook>[0],
  'mode' | 'blocks' | 'withCheckpoint'
> &
  Omit<StoreOptions, 'path'>;

const tablesOf = ({ activityhash, tables }: Outcome): Tables => ({ activityhash, ...tables });

/** A restart of all vats, and the blocks after it. */
const restart = (name: string, options: RestartOptions): Workload => ({
  name,
  prepare: async home => {
    await mkdir(home, { recursive: true });
    await prepareStore({ ...options, path: join(home, 'store') });
  },
  run: async home =>
    tablesOf(await bootAndLook({ ...options, path: join(home, 'store'), platformEpoch: 2 })),
  stores: ['store'],
});

const EAGER = { mode: 'eager', withCheckpoint: true, blocks: 1 } as const;
const ROLLING = { mode: 'rolling', withCheckpoint: true, blocks: 3 } as const;

export const KERNEL_WORKLOADS: readonly Workload[] = [
  restart('eager restart', { ...EAGER, worker: 'local', dynamicVats: 1 }),
  restart('rolling restart', { ...ROLLING, worker: 'local', dynamicVats: 1 }),
  restart('eager restart on xsnap', { ...EAGER, worker: 'xsnap', dynamicVats: 1 }),
  restart('rolling restart on xsnap', { ...ROLLING, worker: 'xsnap', dynamicVats: 1 }),
];
