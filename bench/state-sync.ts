/**
 * Measures state sync on a store with xsnap vats that have heap snapshots, and with ballast in the
 * kvStore: the time and size of a snapshot, how long it holds up the chain's thread, the time of a
 * restore; and the state tree: a rebuild, and a block of 200 changes.
 *
 *     node --import tsx/esm bench/state-sync.ts [vats = 20] [rows of ballast = 100000]
 */
import '@endo/init/debug.js';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { makeSnapshotExporter } from '../lib/host/block-host/snapshots/exporter.js';
import { readManifest } from '../lib/host/block-host/snapshots/manifest.js';
import { makeRestore } from '../lib/host/block-host/snapshots/restore.js';
import { appHashOf } from '../lib/host/block-host/tree/app-hash.js';
import {
  exportEntryKey,
  openStateTree,
  rebuildStateTree,
  stateEntries,
} from '../lib/host/block-host/tree/state-tree.js';
import { makeSwingStoreExporter } from '../lib/store/exporter.js';
import { initializeSwingset, makeSwingsetController, openSwingStore } from '../lib/index.js';
import { vatSource } from './vat-source.js';

const vats = Number(process.argv[2] ?? 20);
const ballast = Number(process.argv[3] ?? 100_000);
const HEIGHT = 1000;
const root = mkdtempSync(path.join(tmpdir(), 'swingset-bench-'));
const [storeDir, restoredDir, snapshotsDir] = ['source', 'restored', 'snapshots'].map(name =>
  path.join(root, name),
) as [string, string, string];

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Runs the work; prints its time, and the CPU time of all threads, which a busy machine leaves. */
const timed = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  console.log(`${name}: ${ms.toFixed(0)} ms (CPU ${((user + system) / 1000).toFixed(0)} ms)`);
  return result;
};

const makeStore = async (): Promise<Uint8Array> => {
  const { hostStorage, kernelStorage } = openSwingStore(storeDir);
  await initializeSwingset(
    {
      bootstrap: 'maker',
      pinBootstrapRoot: true,
      defaultManagerType: 'xsnap',
      snapshotInitial: 2,
      vats: { maker: vatSource('maker') },
      bundles: { sleeper: vatSource('sleeper') },
    },
    [],
    kernelStorage,
    { addComms: false, addVattp: false, addTimer: false },
  );
  const controller = await makeSwingsetController({
    kernelStorage,
    warehousePolicy: { maxVatsOnline: 4 },
  });
  await controller.run();
  controller.queueToVatRoot('maker', 'make', [vats], 'panic');
  await controller.run();
  await controller.shutdown();
  for (let row = 0; row < ballast; row += 1) {
    const value = JSON.stringify({ body: `#"row ${row} ${(row * 7_919) % 104_729}"`, slots: [] });
    kernelStorage.kvStore.set(`v1.vs.vc.5.r${row}`, value);
  }
  await hostStorage.commit();
  const exporter = makeSwingStoreExporter(storeDir);
  const rows = hostStorage.kvStore;
  const tree = await timed('the tree, built from all entries', () =>
    rebuildStateTree(rows, stateEntries(exporter.getExportData(), rows)),
  );
  await exporter.close();
  const appHash = appHashOf(kernelStorage.getActivityhash(), tree.root());
  await hostStorage.commit();
  const CHANGES = 200;
  const later = openStateTree(rows);
  for (const temperature of ['cold', 'warm']) {
    for (let change = 0; change < CHANGES; change += 1) {
      later.note(exportEntryKey(`kv.v1.vs.vc.5.r${change * 37}`), temperature);
    }
    await timed(`the root after ${CHANGES} changes, ${temperature}`, () => later.root());
  }
  await hostStorage.close();
  return appHash;
};

try {
  const appHash = await makeStore();
  const time = { seconds: 1_700_000_000n, nanos: 0 };
  const options = { storeDir, snapshotsDir, interval: 1, keep: 1, committedHeight: HEIGHT };
  const snapshots = makeSnapshotExporter({
    ...options,
    onEvent: event => {
      if (event.type === 'snapshot-failed') console.error(event.error);
    },
  });
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await timed('a snapshot', async () => {
    snapshots.afterCommit(HEIGHT, time);
    await snapshots.settled();
  });
  delays.disable();
  console.log(
    `  the chain's thread is held up for ${(delays.max / 1e6).toFixed(0)} ms at most, ${(delays.percentile(99) / 1e6).toFixed(0)} ms in 99 of 100 cases`,
  );
  const [description] = snapshots.list(HEIGHT + 2);
  if (!description) throw Error('no snapshot');
  const { bytes, entries, artifacts } = readManifest(description.metadata);
  const packed = readdirSync(path.join(snapshotsDir, `${HEIGHT}`))
    .map(name => statSync(path.join(snapshotsDir, `${HEIGHT}`, name)).size)
    .reduce((sum, size) => sum + size, 0);
  const stored = statSync(path.join(storeDir, 'swingstore.sqlite')).size;
  console.log(
    `  ${megabytes(packed)} in ${description.chunks} chunks; ${megabytes(bytes)} uncompressed; ${entries} entries, ${artifacts} artifacts; the store has ${megabytes(stored)}`,
  );

  let started = performance.now();
  const restore = makeRestore({
    storeDir: restoredDir,
    replaceStore: change => change(),
    writeOwnRows: () => undefined,
    onEvent: ({ type }) => {
      if (type === 'restore-artifact' || type === 'restore-chunk') return;
      console.log(`  ${type} after ${(performance.now() - started).toFixed(0)} ms`);
    },
  });
  await timed('a restore', async () => {
    started = performance.now();
    await restore.offer(description, appHash);
    for (let chunk = 0; chunk < description.chunks; chunk += 1) {
      const bytes = await snapshots.load(HEIGHT, description.format, chunk);
      const answer = await restore.apply(chunk, bytes!, 'peer');
      if (answer.result !== 'accept') throw Error(answer.result);
    }
  });
  await snapshots.close();
} finally {
  rmSync(root, { recursive: true, force: true });
}
