/**
 * The ports between the kernel and the workers.
 *
 * Boundary: the kernel sees only `VatWarehouse`. The warehouse sees `Worker`s, the transcript and
 * snapshot stores and `VatRecords`, but not the kernel's tables. All references here are vrefs;
 * nothing here translates them.
 */
import type { VatID } from '../types/ids.js';
import type { VatDelivery, VatDeliveryResult, VatSyscallHandler } from '../types/messages.js';
import type { VatLimits } from '../types/vat-limits.js';
import type { VatOptions, VatSource } from '../types/vat-options.js';

/** What the warehouse knows about a vat. Read anew each time a worker starts. */
export interface VatRecord {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly options: VatOptions;
  readonly source: VatSource;
  /** The limits of the present incarnation. */
  readonly limits: VatLimits;
  /** Position in the transcript of the last due snapshot that could not be written. */
  readonly snapshotFailedAt?: number | undefined;
}

export interface VatRecords {
  /** @throws KernelStateError if the vat does not exist. */
  getVatRecord(vatID: VatID): VatRecord;
}

/** Options of liveslots for one vat. */
export interface LiveSlotsOptions {
  readonly enableDisavow: boolean;
  readonly relaxDurabilityRules: boolean;
}

/** A vat's output other than its results. Never part of consensus. */
export interface WorkerOutput {
  /** `source`: `vat`, `ls` (liveslots) or `xsnap`. `level`: a method of Console. */
  console(source: string, level: string, args: readonly unknown[]): void;
  /** The arguments of `vatPowers.testLog`, each as text. */
  testLog(args: readonly string[]): void;
}

/** A running worker: a vat's code at some point of its transcript. */
export interface Worker {
  /** Runs a delivery. Calls `handleSyscall` synchronously during it. */
  deliver(delivery: VatDelivery, handleSyscall: VatSyscallHandler): Promise<VatDeliveryResult>;
  /** Streams the present heap. Absent if the worker type has no snapshots. */
  readonly makeSnapshotStream?: () => AsyncIterable<Uint8Array>;
  shutdown(): Promise<void>;
}

/**
 * Keeps the workers of all vats. It brings vats online when needed (snapshot, then replay), evicts
 * the least recently used, records transcripts and takes snapshots.
 *
 * The transcript depends on the deliveries alone, never on which workers are online (design.md 8).
 */
export interface VatWarehouse {
  /**
   * Starts the first worker of an incarnation whose transcript is empty, from the platform image or
   * from bundles, and writes the `initialize-worker` entry.
   */
  startIncarnation(vatID: VatID): Promise<void>;

  /**
   * Brings the vat online if needed, delivers, and appends delivery, syscalls and result to the
   * transcript (unless the vat has `useTranscript: false`).
   *
   * @returns `['error', …]` for a fault of the vat: metering, stack, heap, a limit, or a delivery
   *   that liveslots refused. The worker is then dropped.
   * @throws WorkerDiedError if the worker process ended through no fault of the vat.
   * @throws AnachrophobiaError if the replay that brings the vat online differs from the record.
   */
  deliver(
    vatID: VatID,
    delivery: VatDelivery,
    handleSyscall: VatSyscallHandler,
  ): Promise<VatDeliveryResult>;

  /**
   * Ends the incarnation: writes the `shutdown-worker` entry, begins the next incarnation in the
   * transcript store, retires the last snapshot and stops the worker. Returns the new number.
   */
  endIncarnation(vatID: VatID): Promise<number>;

  /** The vat's incarnation number, from the transcript store. */
  getIncarnation(vatID: VatID): number;

  /** Whether the current span is long enough for a snapshot under the schedule. */
  isSnapshotDue(vatID: VatID): boolean;

  /**
   * Saves a snapshot (`save-snapshot` entry), starts the next span (`load-snapshot` entry), and
   * restarts the worker from the snapshot, as a replay would. Returns false if the worker type has
   * no snapshots.
   *
   * @throws HeapNotWrittenError if no attempt to write the heap succeeded. Nothing is written then,
   *   and the vat comes online again from where it was.
   */
  saveSnapshot(vatID: VatID): Promise<boolean>;

  /** Bytes of the vat's last snapshot, uncompressed. Undefined if it has none. */
  heapSize(vatID: VatID): number | undefined;

  /**
   * Ends the vat's worker, if it has one. After a rollback it is ahead of the store, and the next use
   * starts another one; a terminated vat needs none any more.
   */
  stopWorker(vatID: VatID): Promise<void>;

  /**
   * Brings these vats online in order, as far as there is room beside those already online. The
   * policy says whether that happens before the promise settles, afterwards, or not at all.
   *
   * @throws the error of the first vat that can't be brought online, if the policy is `foreground`
   */
  preload(vatIDs: readonly VatID[]): Promise<void>;

  /**
   * Returns the imageID of the current platform's image, for `workerOptions.imageID` of new
   * incarnations. Makes the image (half a second) if the store has none.
   *
   * @throws XsnapNotBuiltError
   */
  ensurePlatformImage(): Promise<string>;

  /** Starts workers ahead of their vats' turns. Has no influence on what is recorded. */
  readonly ahead: AheadWorkers;

  isOnline(vatID: VatID): boolean;
  onlineCount(): number;
  setSnapshotSchedule(schedule: SnapshotSchedule): void;
  shutdown(): Promise<void>;
}

/**
 * Workers that run ahead of their vats' turns. What they do is recorded. When the warehouse needs a
 * worker for the same incarnation, it takes the one that ran ahead.
 */
export interface AheadWorkers {
  /** Starts a worker for an incarnation with that number, which will begin with this record. */
  startFresh(record: VatRecord, incarnation: number): Promise<Worker>;
  /**
   * Runs a vat ahead with such workers. The warehouse waits for it before it takes the vat's worker.
   * If `task` fails, its worker ends, and the vat runs in its turn.
   */
  run(vatID: VatID, task: () => Promise<void>): Promise<void>;
  /** Ends the vat's workers that the warehouse did not take. */
  withdraw(vatID: VatID): Promise<void>;
  /** Ends all workers that the warehouse did not take. */
  withdrawAll(): Promise<void>;
  /** Ends all workers that the warehouse did not take. No more can be started. */
  shutdown(): Promise<void>;
}

/** Counted in transcript entries of the current span. */
export interface SnapshotSchedule {
  readonly snapshotInitial: number;
  /** `never`: no snapshots, not even the initial one. */
  readonly snapshotInterval: number | 'never';
}

/**
 * When the first vats come online.
 * - `foreground`: before the kernel starts, which fails if one of them can't.
 * - `background`: while the kernel runs. One that can't come online fails at its next delivery.
 * - `none`: each vat at its first delivery.
 */
export const PRELOAD_MODES = ['foreground', 'background', 'none'] as const;
export type PreloadMode = (typeof PRELOAD_MODES)[number];

/** Settings of this machine. They must not influence kernel state. */
export interface WarehousePolicy {
  /** Maximum number of workers online (default 50). */
  readonly maxVatsOnline?: number;
  /** Processes kept ready with the platform image loaded (default 0). */
  readonly spareWorkers?: number;
  /** Default: `foreground`. */
  readonly preload?: PreloadMode;
  /** Vats that `preload` brings online in parallel (default 1). */
  readonly preloadConcurrency?: number;
}
