/** Compares the swingstore with @agoric/swing-store: the same work on both, in turns. */
import '@endo/init/debug.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import * as swingStore from '@agoric/swing-store';
import { makeSwingStoreExporter } from '../lib/store/exporter.js';
import type { SwingStoreExporter } from '../lib/store/exporter.js';
import { initSwingStore } from '../lib/store/swing-store.js';
import type { HostStorage, KernelStorage } from '../lib/store/types.js';

interface Store {
  readonly kernelStorage: KernelStorage;
  readonly hostStorage: HostStorage;
}

interface Subject {
  readonly init: (dirPath: string) => Store;
  readonly initWithExports: (dirPath: string, exportCallback: () => void) => Store;
  readonly makeExporter: (dirPath: string) => SwingStoreExporter;
}

const subjects: Record<'swingset-kernel' | '@agoric/swing-store', Subject> = {
  'swingset-kernel': {
    init: dirPath => initSwingStore(dirPath),
    initWithExports: (dirPath, exportCallback) => initSwingStore(dirPath, { exportCallback }),
    makeExporter: dirPath => makeSwingStoreExporter(dirPath),
  },
  '@agoric/swing-store': {
    init: dirPath => swingStore.initSwingStore(dirPath),
    initWithExports: (dirPath, exportCallback) =>
      swingStore.initSwingStore(dirPath, { exportCallback }),
    makeExporter: dirPath => swingStore.makeSwingStoreExporter(dirPath),
  },
};

const ROUNDS = 6;
const KEYS = 20_000;
const COMMITS = 200;
const CRANKS = 1_000;
const SNAPSHOT_BYTES = 10_000_000;

/** Bytes that compress like an XS heap, about 4:1. */
const makeHeap = (): Buffer => {
  const heap = Buffer.alloc(SNAPSHOT_BYTES);
  let state = 1;
  for (let i = 0; i < SNAPSHOT_BYTES; i += 8) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    heap.writeUInt16LE(state >>> 18, i);
    heap.writeUInt8(state >>> 30, i + 4);
  }
  return heap;
};
const heap = makeHeap();

async function* heapChunks(): AsyncIterableIterator<Uint8Array> {
  for (let i = 0; i < heap.length; i += 65_536) {
    yield heap.subarray(i, i + 65_536);
  }
}

const drain = async (source: AsyncIterable<Uint8Array>): Promise<number> => {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
  }
  return bytes;
};

interface Cost {
  readonly ms: number;
  /** CPU time of all threads. Meaningful on a busy machine, but without the wait for the disk. */
  readonly cpuMs: number;
}

/** Cost per unit, by name of the measurement. */
type Results = Map<string, Cost[]>;

const measure = async (subject: Subject, root: string, results: Results): Promise<void> => {
  const timed = async (name: string, units: number, work: () => unknown): Promise<void> => {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    await work();
    const ms = (performance.now() - start) / units;
    const { user, system } = process.cpuUsage(cpu);
    const list = results.get(name) ?? [];
    list.push({ ms, cpuMs: (user + system) / 1000 / units });
    results.set(name, list);
  };
  const dirPath = mkdtempSync(join(root, 'store-'));
  const { kernelStorage, hostStorage } = subject.init(dirPath);
  const { kvStore, transcriptStore, snapStore } = kernelStorage;
  const key = (i: number): string => `v${i % 40}.vs.vc.${i}`;

  await timed('set, new key', KEYS, () => {
    for (let i = 0; i < KEYS; i += 1) {
      kvStore.set(key(i), `{"body":"value ${i}","slots":[]}`);
    }
  });
  await timed(`commit of ${KEYS} keys`, 1, async () => hostStorage.commit());
  await timed('set, in a crank', KEYS, () => {
    kernelStorage.startCrank();
    for (let i = 0; i < KEYS; i += 1) {
      kvStore.set(key(i), `{"body":"other ${i}","slots":[]}`);
    }
    kernelStorage.emitCrankHashes();
    kernelStorage.endCrank();
  });
  await timed('get', KEYS, () => {
    for (let i = 0; i < KEYS; i += 1) {
      kvStore.get(key((i * 7_919) % KEYS));
    }
  });
  await timed('getNextKey', KEYS, () => {
    for (let k = kvStore.getNextKey(''); k !== undefined; k = kvStore.getNextKey(k)) {
      // Only walking.
    }
  });
  transcriptStore.initTranscript('v1');
  const item = JSON.stringify({ d: ['message', 'x'.repeat(400)], sc: [], r: { status: 'ok' } });
  await timed('crank with 2 savepoints, 10 sets, 1 item', CRANKS, () => {
    for (let i = 0; i < CRANKS; i += 1) {
      kernelStorage.startCrank();
      kernelStorage.establishCrankSavepoint('start');
      kernelStorage.establishCrankSavepoint('deliver');
      for (let j = 0; j < 10; j += 1) {
        kvStore.set(key(i * 10 + j), `${i}`);
      }
      transcriptStore.addItem('v1', item);
      kernelStorage.emitCrankHashes();
      kernelStorage.endCrank();
    }
  });
  await hostStorage.commit();
  await timed('commit of 20 keys', COMMITS, async () => {
    for (let i = 0; i < COMMITS; i += 1) {
      for (let j = 0; j < 20; j += 1) {
        kvStore.set(key(i * 20 + j), `commit ${i}`);
      }
      await hostStorage.commit();
    }
  });
  await timed('readSpan, per item', CRANKS, () => [...transcriptStore.readSpan('v1')]);
  await timed('snapshot save, 10 MB', 1, async () => snapStore.saveSnapshot('v1', 1, heapChunks()));
  await timed('snapshot load, 10 MB', 1, async () => drain(snapStore.loadSnapshot('v1')));
  await hostStorage.commit();
  await hostStorage.close();

  await timed('export of it all', 1, async () => {
    const exporter = subject.makeExporter(dirPath);
    for await (const _ of exporter.getExportData()) {
      // Only reading.
    }
    for await (const name of exporter.getArtifactNames()) {
      await drain(exporter.getArtifact(name));
    }
    await exporter.close();
  });

  const exported = mkdtempSync(join(root, 'store-'));
  const withExports = subject.initWithExports(exported, () => undefined);
  await timed('set with exportCallback', KEYS, async () => {
    for (let i = 0; i < KEYS; i += 1) {
      withExports.kernelStorage.kvStore.set(key(i), `{"body":"value ${i}","slots":[]}`);
    }
    await withExports.hostStorage.commit();
  });
  await withExports.hostStorage.close();
  rmSync(exported, { recursive: true });
  rmSync(dirPath, { recursive: true });
};

/** Other load on the machine only adds, so the minimum is the best estimate. */
const least = (costs: readonly Cost[], unit: keyof Cost): number =>
  Math.min(...costs.map(cost => cost[unit]));

const format = (ms: number): string =>
  ms < 0.1 ? `${(ms * 1000).toFixed(2)} µs` : `${ms.toFixed(2)} ms`;

const root = mkdtempSync(join(tmpdir(), 'swingstore-bench-'));
try {
  const names = Object.keys(subjects) as (keyof typeof subjects)[];
  const all = new Map(names.map(name => [name, new Map() as Results]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    // Whichever goes first also warms up the other.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      // The first round warms up.
      await measure(subjects[name], root, round === 0 ? new Map() : all.get(name)!);
    }
  }
  const [ours, theirs] = names.map(name => all.get(name)!);
  console.log(`minimum of ${ROUNDS} rounds`);
  console.table(
    Object.fromEntries(
      [...ours!].map(([name, costs]) => {
        const row: Record<string, string> = {};
        for (const [unit, title] of [
          ['ms', ''],
          ['cpuMs', ' CPU'],
        ] as const) {
          const [a, b] = [least(costs, unit), least(theirs!.get(name)!, unit)];
          row[`ours${title}`] = format(a);
          row[`swing-store${title}`] = format(b);
          row[`ratio${title}`] = (b / a).toFixed(2);
        }
        return [name, row];
      }),
    ),
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
