/**
 * The ports between the kernel and the workers.
 *
 * Boundary: the kernel sees `VatWarehouse` only; the warehouse sees `Worker`s, the transcript and
 * snapshot stores, and `VatRecords`, and never the kernel's tables. Nothing here translates
 * references: all of it speaks vrefs.
 */
import type { VatID } from '../types/ids.js';
import type { VatDelivery, VatDeliveryResult, VatSyscallHandler } from '../types/messages.js';
import type { VatLimits } from '../types/vat-limits.js';
import type { VatOptions, VatSource } from '../types/vat-options.js';

/** What the warehouse needs to know of a vat, read afresh each time a worker is started. */
export interface VatRecord {
  readonly vatID: VatID;
  readonly name: string | undefined;
  readonly options: VatOptions;
  readonly source: VatSource;
  /** What the present incarnation is held to. */
  readonly limits: VatLimits;
  /** Position in the transcript at which a snapshot was due last that could not be written. */
  readonly snapshotFailedAt?: number | undefined;
}

export interface VatRecords {
  /** @throws KernelStateError for a vat that does not exist. */
  getVatRecord(vatID: VatID): VatRecord;
}

/** Options that liveslots takes for one vat. */
export interface LiveSlotsOptions {
  readonly enableDisavow: boolean;
  readonly relaxDurabilityRules: boolean;
}

/** What a vat says outside of its deliveries' results. Never part of consensus. */
export interface WorkerOutput {
  /** `source` is `vat`, `ls` (liveslots) or `xsnap`; `level` a method of Console. */
  console(source: string, level: string, args: readonly unknown[]): void;
  /** Arguments of `vatPowers.testLog`, each as text. */
  testLog(args: readonly string[]): void;
}

/** One running worker: the code of a vat at some point of its transcript. */
export interface Worker {
  /** Gives a delivery; `handleSyscall` is called synchronously in the midst of it. */
  deliver(delivery: VatDelivery, handleSyscall: VatSyscallHandler): Promise<VatDeliveryResult>;
  /** The heap as it is now; absent where the worker type has no snapshots. */
  readonly makeSnapshotStream?: () => AsyncIterable<Uint8Array>;
  shutdown(): Promise<void>;
}

/**
 * Keeps the workers of all vats: brings them online when needed (snapshot, then replay), sets
 * aside the least recently used, records transcripts, takes snapshots.
 *
 * What is written to the transcript depends on the deliveries alone, never on which workers
 * happen to be online (design.md 8).
 */
export interface VatWarehouse {
  /**
   * First worker of an incarnation whose transcript is still empty: writes the
   * `initialize-worker` entry and starts the worker from the platform image (or from bundles).
   */
  startIncarnation(vatID: VatID): Promise<void>;

  /**
   * Brings the vat online if it isn't, delivers, and appends delivery, syscalls and result to the
   * transcript (unless the vat has `useTranscript: false`).
   *
   * @returns `['error', …]` for a fault of the vat: metering, stack, heap, a limit, or a delivery
   *   that liveslots refused. The worker is then of no more use.
   * @throws WorkerDiedError when the worker process went away for no fault of the vat's own.
   * @throws AnachrophobiaError when bringing the vat online replayed differently from the record.
   */
  deliver(
    vatID: VatID,
    delivery: VatDelivery,
    handleSyscall: VatSyscallHandler,
  ): Promise<VatDeliveryResult>;

  /**
   * Ends the incarnation: `shutdown-worker` entry, new incarnation in the transcript store, last
   * snapshot out of use, worker stopped. Returns the new incarnation's number.
   */
  endIncarnation(vatID: VatID): Promise<number>;

  /** Incarnation number of the vat as the transcript store has it. */
  getIncarnation(vatID: VatID): number;

  /** Has the current span grown enough that the schedule asks for a snapshot? */
  isSnapshotDue(vatID: VatID): boolean;

  /**
   * Saves a snapshot (`save-snapshot` entry), starts the next span (`load-snapshot` entry), and
   * puts the worker where a replay from the snapshot would be. False if the worker type can't.
   *
   * @throws HeapNotWrittenError when the engine could not write the heap, however often. Nothing is
   *   written then, and the vat comes online from where it was.
   */
  saveSnapshot(vatID: VatID): Promise<boolean>;

  /** The crank was undone: the worker is ahead of the store and must be made anew when next used. */
  resetWorker(vatID: VatID): Promise<void>;

  /** The vat is gone for good. Its transcript and snapshots are the kernel's to delete. */
  stopWorker(vatID: VatID): Promise<void>;

  /** Brings these online now, in the given order, as far as they fit beside those that are. */
  preload(vatIDs: readonly VatID[]): Promise<void>;

  /**
   * The imageID of the current platform's image, made now if the store has none (half a second).
   * For `workerOptions.imageID` of new incarnations.
   *
   * @throws XsnapNotBuiltError
   */
  ensurePlatformImage(): Promise<string>;

  /** For starts that are made ahead of their turn; without influence on what is recorded. */
  readonly ahead: AheadWorkers;

  isOnline(vatID: VatID): boolean;
  onlineCount(): number;
  setSnapshotSchedule(schedule: SnapshotSchedule): void;
  shutdown(): Promise<void>;
}

/**
 * Workers that run ahead of their vat's turn. What they do is noted, and known to their user only,
 * until the warehouse needs a worker for the same incarnation: then it takes the one that ran ahead.
 */
export interface AheadWorkers {
  /** A worker where the transcript of the vat's present incarnation ends. */
  bringOnline(vatID: VatID): Promise<Worker>;
  /** A worker for an incarnation of that number, which is to begin with this record. */
  startFresh(record: VatRecord, incarnation: number): Promise<Worker>;
  /** Ends and forgets those of the vat that were not taken. */
  withdraw(vatID: VatID): Promise<void>;
  /** Ends and forgets all; none can be started any more. */
  shutdown(): Promise<void>;
}

/** Counted in transcript entries of the current span. */
export interface SnapshotSchedule {
  readonly snapshotInitial: number;
  /** `never`: no snapshots at all, not even the initial one. */
  readonly snapshotInterval: number | 'never';
}

/** Local to this machine: nothing of it may influence kernel state. */
export interface WarehousePolicy {
  /** At most this many workers online at once (default 50). */
  readonly maxVatsOnline?: number;
  /** So many processes are kept ready, loaded with the platform image (default 0). */
  readonly spareWorkers?: number;
  /** So many vats are brought online at the same time by `preload` (default 1: one by one). */
  readonly preloadConcurrency?: number;
}
