/**
 * The vat warehouse. `VatWarehouse` in `types.ts` says what it promises to the kernel.
 *
 * Boundary: the kernel calls it, one call at a time per vat. It calls stores, workers, and the
 * syscall handler of the delivery.
 *
 * Invariants:
 * 1. Transcript entries follow from the deliveries, their syscalls and results, and the snapshot
 *    schedule. They never depend on which workers are online.
 * 2. An online worker is exactly where a replay of the current span would be. After a fault, a
 *    death or any other error it is dropped, and the next use starts from the store.
 * 3. Entries are written in the order in which a replay reads them, within the caller's crank.
 */
import { errorText } from '../errors.js';
import type { ImageIndex } from '../platform/platform-image.js';
import { makePlatformImages } from '../platform/platform-image.js';
import type { Platform } from '../platform/types.js';
import type { WorkerPowers } from '../platform/xsnap-process.js';
import type { KernelStorage, StagedResult } from '../store/types.js';
import type { VatID } from '../types/ids.js';
import type { VatDeliveryResult } from '../types/messages.js';
import { computronLimitOf } from '../types/vat-limits.js';
import type { SlogSender } from '../types/slog.js';
import { makeAheadWorkers } from './ahead-workers.js';
import { makeBringOnline } from './bring-online.js';
import { HeapNotWrittenError, WorkerDiedError } from './errors.js';
import { heapRuleOf, saveHeap } from './heap-snapshot.js';
import { makeOnlineVats } from './online-vats.js';
import { makePreloads } from './preloads.js';
import { isSnapshotDue } from './snapshot-schedule.js';
import { recordSyscalls } from './syscall-recorder.js';
import { makeSpareWorkers } from './spare-workers.js';
import {
  encodeDelivery,
  encodeEntry,
  initializeWorkerEntry,
  loadSnapshotEntry,
  saveSnapshotEntry,
  shutdownWorkerEntry,
  type TranscriptEntry,
} from './transcript.js';
import type {
  SnapshotSchedule,
  VatRecord,
  VatRecords,
  VatWarehouse,
  WarehousePolicy,
  Worker,
} from './types.js';
import { COMPUTRONS_EXCEEDED } from './worker-faults.js';
import { makeVatOutputs, type PrintVatLine, type VatOutputs } from './vat-outputs.js';
import { makeWorkerStarter } from './worker-starter.js';

/** As often as the kernel tries a crank. */
const PRELOAD_TRIES = 3;

export interface WarehouseConfig {
  readonly kernelStorage: Pick<
    KernelStorage,
    'transcriptStore' | 'snapStore' | 'bundleStore' | 'imageStore'
  >;
  /** The platform of incarnations that start from now on. */
  readonly platform: Platform;
  readonly records: VatRecords;
  readonly slog: SlogSender;
  /** Where vats' consoles print. */
  readonly console: Pick<Console, 'log' | 'warn' | 'error'>;
  readonly printLine?: PrintVatLine;
  /** Receives the lines of `vatPowers.testLog`, also during a replay, as in SwingSet. */
  readonly testLog?: (line: string, vatID: VatID) => void;
  readonly policy?: WarehousePolicy;
  readonly options: {
    readonly relaxDurabilityRules: boolean;
    readonly snapshotSchedule: SnapshotSchedule;
  };
  readonly powers: WorkerPowers;
  /** Remembers each platform's image across runs of the host. */
  readonly imageIndex?: ImageIndex;
}

const DEFAULT_MAX_VATS_ONLINE = 50;

/** Attempts before a snapshot counts as failed. */
const SNAPSHOT_TRIES = 3;

const hasTranscript = ({ options }: VatRecord): boolean => options.useTranscript;

const hasSnapshots = ({ options }: VatRecord): boolean =>
  options.useTranscript && options.workerOptions.type === 'xsnap';

/** The process's own limit is higher, so that no replay can exceed it (`vat-limits.ts`). */
const judgeComputrons = ({ options }: VatRecord, result: VatDeliveryResult): VatDeliveryResult => {
  const limit = computronLimitOf(options);
  const [status, , usage] = result;
  if (status !== 'ok' || limit === 0 || usage === null || usage.compute <= limit) return result;
  return ['error', COMPUTRONS_EXCEEDED, null];
};

export const makeVatWarehouse = (config: WarehouseConfig): VatWarehouse => {
  const { kernelStorage, platform, records, slog, policy = {}, options, powers } = config;
  const { transcriptStore, snapStore, bundleStore, imageStore } = kernelStorage;
  const images = makePlatformImages(imageStore, powers, config.imageIndex);
  const spares = makeSpareWorkers(policy.spareWorkers ?? 0, powers);
  const starter = makeWorkerStarter({
    bundleStore,
    platform,
    images,
    spares,
    powers,
    relaxDurabilityRules: options.relaxDurabilityRules,
  });
  /** Output of workers in their vats' turns. Workers that run ahead have their own. */
  const outputs = makeVatOutputs(config);
  const onEvict = (vatID: VatID): void => {
    slog({ type: 'vat-evict', vatID });
  };
  let schedule = options.snapshotSchedule;

  const append = (vatID: VatID, entry: TranscriptEntry): void => {
    transcriptStore.addItem(vatID, encodeEntry(entry));
  };

  /** Starts a worker at the beginning of the incarnation that `record` describes. */
  const startFresh = (record: VatRecord, to: VatOutputs = outputs): Promise<Worker> =>
    starter.startFresh(
      record,
      { source: record.source, workerOptions: record.options.workerOptions },
      { output: to.of(record.vatID, record.limits.console) },
    );

  /** Stores the bundles of the incarnation's platform, which replays will need. */
  const keepPlatformBundles = ({ options: { workerOptions } }: VatRecord): void => {
    if (workerOptions.type !== 'xsnap') return;
    platform.bundleIDs.forEach((bundleID, index) => {
      const bundle = platform.bundles[index];
      if (!workerOptions.bundleIDs.includes(bundleID) || bundleStore.hasBundle(bundleID)) return;
      if (bundle) bundleStore.addBundle(bundleID, bundle);
    });
  };

  const incarnationOf = (vatID: VatID): number =>
    transcriptStore.getCurrentSpanBounds(vatID).incarnation;

  const beginIncarnation = async (record: VatRecord): Promise<Worker> => {
    const { vatID } = record;
    keepPlatformBundles(record);
    const worker = (await ahead.take(record, incarnationOf(vatID))) ?? (await startFresh(record));
    if (hasTranscript(record)) {
      append(vatID, initializeWorkerEntry(record.source.bundleID, record.options.workerOptions));
    }
    return worker;
  };

  const { bringOnline, positionOf } = makeBringOnline({
    kernelStorage,
    starter,
    outputs,
    slog,
    beginIncarnation,
  });

  /** A vat whose incarnation has not begun. Only the kernel decides when it does. */
  const isUnborn = (record: VatRecord): boolean => {
    if (!hasTranscript(record)) return false;
    const { startPos, endPos } = transcriptStore.getCurrentSpanBounds(record.vatID);
    return startPos === endPos;
  };

  const ahead = makeAheadWorkers(config, (record, sinks) =>
    startFresh(record, makeVatOutputs(sinks)),
  );

  const preloads = makePreloads({
    concurrency: Math.max(1, policy.preloadConcurrency ?? 1),
    hasRoom: () => online.hasRoom,
    readRecord: vatID => {
      const record = records.getVatRecord(vatID);
      return isUnborn(record) ? undefined : record;
    },
    bringOnline,
    positionOf,
    onEvict,
  });
  const online = makeOnlineVats(
    Math.max(1, policy.maxVatsOnline ?? DEFAULT_MAX_VATS_ONLINE),
    onEvict,
    preloads,
  );

  const drop = async (vatID: VatID): Promise<void> => {
    await preloads.drop(vatID);
    await online.drop(vatID);
  };

  const whileOnline = <T>(record: VatRecord, run: (worker: Worker) => Promise<T>): Promise<T> => {
    const { vatID } = record;
    // Before `online` makes room, so that the vat is counted once and not put aside itself.
    const take = preloads.claim(vatID);
    return online.using(
      vatID,
      () => preloads.whileHeld(async () => (await take?.(record)) ?? bringOnline(record)),
      run,
    );
  };

  /** @throws what keeps a vat from being loaded; a worker that died only after the last try */
  const preloadAll = async (vatIDs: readonly VatID[]): Promise<void> => {
    let left = vatIDs;
    for (let tries = 1; left.length > 0; tries += 1) {
      const died: VatID[] = [];
      await preloads.load(left, (vatID, error) => {
        if (!(error instanceof WorkerDiedError) || tries === PRELOAD_TRIES) throw error;
        died.push(vatID);
      });
      left = died;
    }
  };

  const preloadInBackground = async (vatIDs: readonly VatID[]): Promise<void> => {
    const count = await preloads.load(vatIDs, (vatID, error) => {
      slog({ type: 'vat-preload-failed', vatID, error: errorText(error) });
      config.console.warn(
        `${vatID} could not be loaded in the background, and its next delivery tries again: ${errorText(error)}`,
      );
    });
    slog({ type: 'preload-finish', ...count });
  };

  /** The store compresses a heap after the vat has gone on. Its failure is the commit's. */
  const tellOfPacking = async (
    vatID: VatID,
    snapshotID: string,
    packed: StagedResult['packed'],
  ): Promise<void> => {
    const size = await packed.catch(() => undefined);
    if (size) {
      const { compressedSize, compressSeconds } = size;
      slog({ type: 'heap-snapshot-pack', vatID, snapshotID, compressedSize, compressSeconds });
    }
  };

  const saveSnapshotOnce = async (vatID: VatID): Promise<boolean> => {
    const record = records.getVatRecord(vatID);
    if (!hasSnapshots(record)) return false;
    return whileOnline(record, async worker => {
      const { makeSnapshotStream } = worker;
      if (!makeSnapshotStream) return false;
      const snapPos = transcriptStore.getCurrentSpanBounds(vatID).endPos;
      const previous = snapStore.getSnapshotInfo(vatID)?.uncompressedSize;
      const { saved, worker: next } = await saveHeap(
        { vatID, worker, makeSnapshotStream, snapPos, heapRule: heapRuleOf(record.options) },
        snapStore,
        stream =>
          starter.startFromSnapshot(record, stream, snapPos, {
            output: outputs.of(vatID, record.limits.console),
          }),
      );
      online.replace(vatID, next);
      append(vatID, saveSnapshotEntry(saved.hash));
      transcriptStore.rolloverSpan(vatID);
      append(vatID, loadSnapshotEntry(saved.hash));
      const { hash: snapshotID, packed, ...sizes } = saved;
      slog({
        type: 'heap-snapshot-save',
        vatID,
        snapshotID,
        endPosition: snapPos,
        ...sizes,
        uncompressedSizeDelta: previous === undefined ? null : sizes.uncompressedSize - previous,
        restartWorker: true,
      });
      slog({ type: 'heap-snapshot-load', vatID, snapPos, hash: snapshotID });
      void tellOfPacking(vatID, snapshotID, packed);
      return true;
    });
  };

  return {
    startIncarnation: async vatID => {
      await drop(vatID);
      slog({ type: 'vat-startup-start', vatID });
      await online.get(vatID, () => beginIncarnation(records.getVatRecord(vatID)));
      slog({ type: 'vat-startup-finish', vatID });
    },

    deliver: async (vatID, delivery, handleSyscall) => {
      const record = records.getVatRecord(vatID);
      outputs.beginDelivery(vatID);
      const recorder = recordSyscalls(record.limits, handleSyscall);
      const done = await whileOnline(record, worker => worker.deliver(delivery, recorder.handle));
      const result = judgeComputrons(record, recorder.judge(done));
      if (hasTranscript(record) && recorder.fault === undefined) {
        transcriptStore.addItem(vatID, encodeDelivery(delivery, recorder.texts, result));
      }
      if (result[0] === 'error') await online.drop(vatID);
      return result;
    },

    endIncarnation: async vatID => {
      // Also for vats without a transcript, because a span can't be closed while it is empty.
      append(vatID, shutdownWorkerEntry);
      const incarnation = transcriptStore.rolloverIncarnation(vatID);
      snapStore.stopUsingLastSnapshot(vatID);
      await drop(vatID);
      return incarnation;
    },

    getIncarnation: incarnationOf,

    isSnapshotDue: vatID => {
      const record = records.getVatRecord(vatID);
      if (!hasSnapshots(record)) return false;
      const hasSnapshot = snapStore.getSnapshotInfo(vatID) !== undefined;
      const span = transcriptStore.getCurrentSpanBounds(vatID);
      return isSnapshotDue(schedule, span, hasSnapshot, record.snapshotFailedAt);
    },

    heapSize: vatID => snapStore.getSnapshotInfo(vatID)?.uncompressedSize,
    saveSnapshot: async vatID => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await saveSnapshotOnce(vatID);
        } catch (error) {
          if (!(error instanceof HeapNotWrittenError)) throw error;
          // The transcript holds all that the vat did; it comes online again when needed.
          await drop(vatID);
          if (tries >= SNAPSHOT_TRIES) {
            slog({ type: 'heap-snapshot-failed', vatID, error: String(error.cause) });
            throw error;
          }
        }
      }
    },

    stopWorker: drop,

    preload: async vatIDs => {
      const offline = vatIDs.filter(vatID => !online.has(vatID));
      const { preload = 'foreground' } = policy;
      switch (preload) {
        case 'foreground':
          await preloadAll(offline);
          break;
        case 'background':
          void preloadInBackground(offline);
          break;
        case 'none':
          break;
        default:
          preload satisfies never;
      }
    },

    ensurePlatformImage: () => images.imageOf(platform, id => bundleStore.getBundle(id)),

    ahead,
    isOnline: vatID => online.has(vatID) || preloads.isLoaded(vatID),
    onlineCount: () => online.size + preloads.loaded,
    setSnapshotSchedule: next => {
      schedule = next;
    },
    shutdown: async () => {
      await preloads.shutdown();
      await online.dropAll();
      await ahead.shutdown();
      await spares.shutdown();
    },
  };
};
