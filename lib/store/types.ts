/**
 * The two facets of a swingstore and their sub-stores. Method names are those of
 * `@agoric/swing-store`.
 *
 * Boundary: the kernel holds `KernelStorage`, which has no commit. The host holds `HostStorage` and
 * alone decides when to commit. Source: swing-store docs `swingstore.md`.
 */
import type { ProcessRecords } from './process-records.js';

/** String keys and values, ordered by UTF-8 bytes. The kernel can't use keys under `host.`. */
export interface KVStore {
  has(key: string): boolean;
  get(key: string): string | undefined;
  /** The first key after `previousKey`, or undefined. */
  getNextKey(previousKey: string): string | undefined;
  /** Up to `most` keys after `previousKey`, in order. */
  getNextKeys(previousKey: string, most: number): readonly string[];
  set(key: string, value: string, bypassHash?: boolean): void;
  delete(key: string): void;
}

export interface SpanBounds {
  readonly startPos: number;
  readonly endPos: number;
  readonly hash: string;
  readonly incarnation: number;
}

export interface CleanupResult {
  readonly done: boolean;
  readonly cleanups: number;
}

export interface TranscriptStore {
  initTranscript(vatID: string): void;
  addItem(vatID: string, item: string): void;
  /** Ends the current span and starts the next one. Returns the incarnation number. */
  rolloverSpan(vatID: string): number;
  /** Ends the current span and incarnation, starts the next; returns the new incarnation number. */
  rolloverIncarnation(vatID: string): number;
  getCurrentSpanBounds(vatID: string): SpanBounds;
  /** Items of the span that starts at `startPos` (default: the current span), to its end. */
  readSpan(vatID: string, startPos?: number): IterableIterator<string>;
  stopUsingTranscript(vatID: string): void;
  deleteVatTranscripts(vatID: string, budget?: number): CleanupResult;
}

export interface SnapshotInfo {
  readonly snapPos: number;
  readonly hash: string;
  readonly uncompressedSize: number;
  /** Null until the commit, for one that `stageSnapshot` saved. */
  readonly compressedSize: number | null;
}

export interface SnapshotResult {
  /** SHA-256 of the uncompressed bytes, hex. */
  readonly hash: string;
  readonly uncompressedSize: number;
  readonly compressedSize: number;
  /** Durations in seconds, for reports only. */
  readonly dbSaveSeconds: number;
  readonly compressSeconds: number;
  readonly archiveWriteSeconds?: number;
}

/** A snapshot that is in use, and whose bytes the next commit writes. */
export interface StagedResult extends Omit<SnapshotResult, 'compressedSize' | 'compressSeconds'> {
  /** Null as long as the bytes are not compressed. */
  readonly compressedSize: number | null;
  readonly compressSeconds: number | null;
  /**
   * Settles when the bytes are compressed, or when nobody needs them any more. For reports: the
   * commit waits by itself.
   */
  readonly packed: Promise<Pick<SnapshotResult, 'compressedSize' | 'compressSeconds'> | undefined>;
}

export interface SnapStore {
  loadSnapshot(vatID: string): AsyncIterableIterator<Uint8Array>;
  saveSnapshot(
    vatID: string,
    snapPos: number,
    snapshotStream: AsyncIterable<Uint8Array>,
  ): Promise<SnapshotResult>;
  /**
   * Like `saveSnapshot`, but compresses while the caller goes on. The next commit waits for it.
   * Resolves when the bytes are hashed. They must not change.
   */
  stageSnapshot(
    vatID: string,
    snapPos: number,
    chunks: readonly Uint8Array[],
  ): Promise<StagedResult>;
  getSnapshotInfo(vatID: string): SnapshotInfo | undefined;
  hasHash(vatID: string, hash: string): boolean;
  deleteAllUnusedSnapshots(): void;
  deleteVatSnapshots(vatID: string, budget?: number): CleanupResult;
  deleteSnapshotByHash(vatID: string, hash: string): void;
  stopUsingLastSnapshot(vatID: string): void;
}

/** A source bundle: `moduleFormat` plus the fields of that format. */
export interface Bundle {
  readonly moduleFormat: string;
  readonly [field: string]: unknown;
}

export interface BundleStore {
  /** @throws when the bundle's contents do not match the hash in `bundleID`. */
  addBundle(bundleID: string, bundle: Bundle): void;
  hasBundle(bundleID: string): boolean;
  getBundle(bundleID: string): Bundle;
  deleteBundle(bundleID: string): void;
  getBundleIDs(): IterableIterator<string>;
}

/** Platform images by hash: a local cache that can be rebuilt from the platform's bundles. */
export interface ImageStore {
  has(imageID: string): boolean;
  /** @throws when the stored bytes do not hash to `imageID`. */
  load(imageID: string): Uint8Array;
  /** Stores an image. Returns its imageID: the SHA-256 of the bytes, in hex. */
  save(bytes: Uint8Array): string;
}

export interface CrankHashes {
  readonly crankhash: string;
  readonly activityhash: string;
}

export interface KernelStorage {
  readonly kvStore: KVStore;
  readonly transcriptStore: TranscriptStore;
  readonly snapStore: SnapStore;
  readonly bundleStore: BundleStore;
  readonly imageStore: ImageStore;
  /** Records of worker processes. The next writer ends those that a `kill -9` of this one left. */
  readonly processes: ProcessRecords;
  startCrank(): void;
  establishCrankSavepoint(savepoint: string): void;
  rollbackCrank(savepoint: string): void;
  /**
   * Rolls back to the crank's first savepoint and forgets the changes for the crankhash as well,
   * which `rollbackCrank` does not. A crank that is repeated because of a local failure (a killed
   * worker) must end with the same hash as on every other replica.
   */
  restartCrank(): void;
  emitCrankHashes(): CrankHashes;
  endCrank(): void;
  getActivityhash(): string;
  /**
   * Holds back changes from the host's `exportCallback`. They accumulate, through commits and
   * restarts of the process, until `resumeExports`.
   */
  deferExports(): void;
  /** Ends `deferExports`. The next end of a crank, or commit, announces everything held back. */
  resumeExports(): void;
}

export interface HostStorage {
  /** Writes are limited to keys under `host.`. */
  readonly kvStore: KVStore;
  /** Makes all changes durable: one SQLite COMMIT with an fsync. */
  commit(): Promise<void>;
  /**
   * Passes all pending changes to `exportCallback` now, unless the kernel has deferred them. Then a
   * host can hash the export data before it commits. swing-store has no such call.
   * @throws StoreUsageError in a crank, which may still be rolled back
   */
  announceExports(): void;
  /** Closes the file. Uncommitted changes are lost. */
  close(): Promise<void>;
  /** With `durability: 'group'`: makes the commits so far survive a power loss. */
  sync(): Promise<void>;
  /**
   * Adds the records of old spans and snapshots that the exporter has and this store lacks, for
   * stores that were imported by old software. Records that both have must be equal.
   */
  repairMetadata(exporter: {
    getExportData(): AsyncIterable<readonly [string, string | null | undefined]>;
  }): Promise<void>;
  /** Size of the main file in bytes. */
  diskUsage(): number;
}
