/** Starts workers from bundles, the platform image, a spare process or a snapshot. */
import { withFirstHeap, withHeadroom } from '../platform/heap-resizing.js';
import { bundleBytesOf, firstHeapSlots } from '../platform/heap-rule.js';
import { makeBundleChecker } from '../platform/check-archive.js';
import { readBundles, type PlatformImages } from '../platform/platform-image.js';
import type { Platform } from '../platform/types.js';
import type { WorkerPowers } from '../platform/xsnap-process.js';
import { streamOf } from '../store/stream-of.js';
import type { Bundle, BundleStore } from '../store/types.js';
import type { BundleID, VatID } from '../types/ids.js';
import { computronLimitOf, processLimit } from '../types/vat-limits.js';
import { heapRuleOf } from './heap-snapshot.js';
import { startLocalWorker } from './local-worker.js';
import type { WorkerStart } from './transcript.js';
import type { VatRecord, Worker, WorkerOutput } from './types.js';
import type { SpareWorkers } from './spare-workers.js';
import type { HeapStream, XsnapStart } from './xsnap-start.js';
import { startXsnapWorker } from './xsnap-worker.js';

/** What a worker that starts is connected to. */
export interface WorkerConnections {
  readonly output: WorkerOutput;
  /** Kills the process when it aborts, also one that has not finished starting. */
  readonly signal?: AbortSignal | undefined;
}

export interface WorkerStarter {
  /** Starts a worker that has had no deliveries. */
  startFresh(record: VatRecord, start: WorkerStart, to: WorkerConnections): Promise<Worker>;
  /** Starts a worker with the heap of one of the vat's snapshots. */
  startFromSnapshot(
    record: VatRecord,
    stream: AsyncIterable<Uint8Array>,
    snapPos: number,
    to: WorkerConnections,
  ): Promise<Worker>;
}

export interface WorkerStarterConfig {
  readonly bundleStore: BundleStore;
  readonly platform: Platform;
  readonly images: PlatformImages;
  readonly spares: SpareWorkers;
  readonly powers: WorkerPowers;
  readonly relaxDurabilityRules: boolean;
}

const killedBy = (signal: AbortSignal, powers: WorkerPowers): WorkerPowers => ({
  ...powers,
  spawn: ((command: string, args: readonly string[], options: object) => {
    signal.throwIfAborted();
    const child = powers.spawn(command, args, options);
    const kill = () => void child.kill('SIGKILL');
    signal.addEventListener('abort', kill);
    child.once('exit', () => signal.removeEventListener('abort', kill));
    return child;
  }) as typeof powers.spawn,
});

const imageStream = (imageID: string, bytes: Uint8Array, firstHeap?: number): HeapStream => ({
  stream: streamOf(firstHeap === undefined ? [bytes] : withFirstHeap(bytes, firstHeap)),
  description: `image-${imageID.slice(0, 8)}`,
});

export const makeWorkerStarter = (config: WorkerStarterConfig): WorkerStarter => {
  const { bundleStore, platform, images, spares, powers } = config;
  const checkBundle = makeBundleChecker();

  const getBundle = (bundleID: BundleID): Bundle => {
    const index = platform.bundleIDs.findIndex(id => id === bundleID);
    return platform.bundles[index] ?? bundleStore.getBundle(bundleID);
  };

  const liveSlotsOptionsOf = ({ options }: VatRecord) => ({
    enableDisavow: options.enableDisavow,
    relaxDurabilityRules: config.relaxDurabilityRules,
  });

  const meteringLimitOf = ({ options }: VatRecord): number =>
    processLimit(computronLimitOf(options));

  const startXsnap = (
    record: VatRecord,
    start: XsnapStart,
    meteringLimit: number,
    { output, signal }: WorkerConnections,
  ): Promise<Worker> =>
    startXsnapWorker(start, {
      vatID: record.vatID,
      name: record.name,
      powers: signal ? killedBy(signal, powers) : powers,
      checkBundle,
      meteringLimit,
      output,
    });

  const startFreshXsnap = async (
    record: VatRecord,
    { source, workerOptions }: WorkerStart & { workerOptions: { type: 'xsnap' } },
    to: WorkerConnections,
  ): Promise<Worker> => {
    const { bundleIDs, imageID, heapRule, imageBundles = [], serveImportBundle } = workerOptions;
    const bundle = bundleStore.getBundle(source.bundleID);
    const vat = {
      bundle,
      options: {
        ...liveSlotsOptionsOf(record),
        ...(serveImportBundle && { serveImportBundle }),
      },
    };
    const recipe = { bundleIDs, imageBundles };
    const meteringLimit = meteringLimitOf(record);
    if (imageID === undefined) {
      const platformBundles = readBundles(recipe, getBundle);
      return startXsnap(record, { from: 'bundles', platformBundles, vat }, meteringLimit, to);
    }
    const firstHeap = heapRule && firstHeapSlots(bundleBytesOf(bundle));
    const loadImage = async (): Promise<HeapStream> =>
      imageStream(imageID, await images.load(imageID, recipe, getBundle), firstHeap);
    const spare = await spares.take({ imageID, meteringLimit, firstHeap }, loadImage);
    return startXsnap(
      record,
      spare ? { from: 'spare', spare, vat } : { from: 'image', image: await loadImage(), vat },
      meteringLimit,
      to,
    );
  };

  return {
    startFresh: async (record, { source, workerOptions }, to) => {
      switch (workerOptions.type) {
        case 'xsnap':
          return startFreshXsnap(record, { source, workerOptions }, to);
        case 'local':
          return startLocalWorker({
            vatID: record.vatID,
            bundle: bundleStore.getBundle(source.bundleID),
            enableSetup: record.options.enableSetup,
            liveSlotsOptions: liveSlotsOptionsOf(record),
            output: to.output,
          });
        default:
          return workerOptions satisfies never;
      }
    },
    startFromSnapshot: (record, stream, snapPos, to) =>
      startXsnap(
        record,
        {
          from: 'snapshot',
          snapshot: {
            stream: heapRuleOf(record.options) ? withHeadroom(stream) : stream,
            description: snapshotDescription(record.vatID, snapPos),
          },
        },
        meteringLimitOf(record),
        to,
      ),
  };
};

const snapshotDescription = (vatID: VatID, snapPos: number): string => `${vatID}-${snapPos}`;
