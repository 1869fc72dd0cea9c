/**
 * Compares codecs on real heap snapshots: size, and CPU time to pack and unpack.
 *
 *     node --import tsx/esm bench/snapshot-codec.ts [rounds = 3]
 */
import '@endo/init/debug.js';
import { performance } from 'node:perf_hooks';
import * as zlib from 'node:zlib';
import { initializeSwingset, makeSwingsetController } from '../lib/index.js';
import { initSwingStore } from '../lib/store/swing-store.js';
import { vatSource } from './vat-source.js';

const rounds = Number(process.argv[2] ?? 3);
/** Heap snapshots of system vats and of vats with durable data, taken after some messages. */
const takeSnapshots = async (): Promise<ReadonlyMap<string, Buffer>> => {
  const { kernelStorage, hostStorage } = initSwingStore(null);
  await initializeSwingset(
    {
      bootstrap: 'maker',
      pinBootstrapRoot: true,
      defaultManagerType: 'xsnap',
      snapshotInitial: 4,
      vats: { maker: vatSource('maker') },
      bundles: { sleeper: vatSource('sleeper') },
    },
    [],
    kernelStorage,
  );
  const controller = await makeSwingsetController({ kernelStorage });
  await controller.run();
  controller.queueToVatRoot('maker', 'make', [2], 'panic');
  await controller.run();
  for (let call = 0; call < 8; call += 1) {
    controller.queueToVatRoot('maker', 'wake', [call % 2], 'panic');
    await controller.run();
  }
  const snapshots = new Map<string, Buffer>();
  for (const [vatID, name] of ['maker', 'vatAdmin', 'comms', 'vattp', 'timer', 'sleeper'].map(
    (each, index) => [`v${index + 1}`, each] as const,
  )) {
    if (kernelStorage.snapStore.getSnapshotInfo(vatID) === undefined) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of kernelStorage.snapStore.loadSnapshot(vatID)) chunks.push(chunk);
    snapshots.set(name, Buffer.concat(chunks));
  }
  await controller.shutdown();
  await hostStorage.close();
  return snapshots;
};

interface Codec {
  readonly name: string;
  readonly pack: (bytes: Uint8Array) => Uint8Array;
  readonly unpack: (bytes: Uint8Array) => Uint8Array;
}

const gzip = (level: number): Codec => ({
  name: `gzip ${level}`,
  pack: bytes => zlib.gzipSync(bytes, { level }),
  unpack: bytes => zlib.gunzipSync(bytes),
});

const brotli = (quality: number, windowBits: number): Codec => ({
  name: `brotli ${quality}, window 2^${windowBits}`,
  pack: bytes =>
    zlib.brotliCompressSync(bytes, {
      params: {
        [zlib.constants.BROTLI_PARAM_QUALITY]: quality,
        [zlib.constants.BROTLI_PARAM_LGWIN]: windowBits,
      },
    }),
  unpack: bytes => zlib.brotliDecompressSync(bytes),
});

/** Node.js 22.15 or later. */
const zstd = (level: number): Codec[] => {
  const { zstdCompressSync, zstdDecompressSync, constants } = zlib as unknown as {
    zstdCompressSync?: (bytes: Uint8Array, options: object) => Uint8Array;
    zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array;
    constants: Record<string, number>;
  };
  if (!zstdCompressSync || !zstdDecompressSync) return [];
  const params = { [constants['ZSTD_c_compressionLevel']!]: level };
  return [
    {
      name: `zstd ${level}`,
      pack: bytes => zstdCompressSync(bytes, { params }),
      unpack: bytes => zstdDecompressSync(bytes),
    },
  ];
};

const codecs: readonly Codec[] = [
  { name: 'none', pack: bytes => Buffer.from(bytes), unpack: bytes => Buffer.from(bytes) },
  ...[1, 3, 6, 9].map(gzip),
  ...[0, 1, 2, 3, 4, 5, 6].map(quality => brotli(quality, 22)),
  ...[18, 24].map(windowBits => brotli(2, windowBits)),
  ...[1, 3].flatMap(zstd),
];

interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

/** The minimum of all rounds, because other load on the machine only adds. */
const measure = <Result>(work: () => Result): { readonly result: Result; readonly cost: Cost } => {
  let cost: Cost = { ms: Infinity, cpuMs: Infinity };
  let result!: Result;
  for (let round = 0; round < rounds; round += 1) {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    result = work();
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    cost = { ms: Math.min(cost.ms, ms), cpuMs: Math.min(cost.cpuMs, (user + system) / 1000) };
  }
  return { result, cost };
};

const snapshots = await takeSnapshots();
const MB = (bytes: number) => Number((bytes / 1e6).toFixed(2));
console.log([...snapshots].map(([name, { length }]) => `${name} ${MB(length)} MB`).join(', '));
const total = [...snapshots.values()].reduce((sum, { length }) => sum + length, 0);
const count = snapshots.size;
console.log(`means of ${count} snapshots of ${MB(total / count)} MB; minimum of ${rounds} rounds`);
console.table(
  Object.fromEntries(
    codecs.map(({ name, pack, unpack }) => {
      const sums = { bytes: 0, packMs: 0, packCpuMs: 0, unpackMs: 0, unpackCpuMs: 0 };
      for (const bytes of snapshots.values()) {
        const packed = measure(() => pack(bytes));
        const unpacked = measure(() => unpack(packed.result));
        if (!bytes.equals(unpacked.result)) throw Error(`${name} did not return the same bytes`);
        sums.bytes += packed.result.length;
        sums.packMs += packed.cost.ms;
        sums.packCpuMs += packed.cost.cpuMs;
        sums.unpackMs += unpacked.cost.ms;
        sums.unpackCpuMs += unpacked.cost.cpuMs;
      }
      const mean = (sum: number) => Math.round(sum / count);
      return [
        name,
        {
          MB: MB(sums.bytes / count),
          'pack ms': mean(sums.packMs),
          'pack CPU ms': mean(sums.packCpuMs),
          'unpack ms': mean(sums.unpackMs),
          'unpack CPU ms': mean(sums.unpackCpuMs),
        },
      ];
    }),
  ),
);
