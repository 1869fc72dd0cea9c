/**
 * The facets of a swingstore, with the method names of `@agoric/swing-store`.
 *
 * Boundary: the kernel gets `KernelStorage` and can't commit; the host gets `HostStorage` and is
 * the only one who can. Source: swing-store docs `swingstore.md`.
 */
import type { ProcessRecords } from './process-records.js';

/** String keys and values, ordered by UTF-8 bytes. Keys under `host.` are out of the kernel's reach. */
export interface KVStore {
  has(key: string): boolean;
  get(key: string): string | undefined;
  /** The first key after `previousKey`, or undefined. */
  getNextKey(previousKey: string): string | undefined;
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
  /** Ends the current span, starts the next one; returns the incarnation number. */
  rolloverSpan(vatID: string): number;
  /** Ends the current span and incarnation, starts the next; returns the new incarnation number. */
  rolloverIncarnation(vatID: string): number;
  getCurrentSpanBounds(vatID: string): SpanBounds;
  /** Items from `startPos` (default: the current span's start) to the end of that span. */
  readSpan(vatID: string, startPos?: number): IterableIterator<string>;
  stopUsingTranscript(vatID: string): void;
  deleteVatTranscripts(vatID: string, budget?: number): CleanupResult;
}

export interface SnapshotInfo {
  readonly snapPos: number;
  readonly hash: string;
  readonly uncompressedSize: number;
  readonly compressedSize: number;
}

export interface SnapshotResult {
  /** SHA-256 of the uncompressed bytes, hex. */
  readonly hash: string;
  readonly uncompressedSize: number;
  readonly compressedSize: number;
  /** Seconds, for reports only. */
  readonly dbSaveSeconds: number;
  readonly compressSeconds: number;
  readonly archiveWriteSeconds?: number;
}

export interface SnapStore {
  loadSnapshot(vatID: string): AsyncIterableIterator<Uint8Array>;
  saveSnapshot(
    vatID: string,
    snapPos: number,
    snapshotStream: AsyncIterable<Uint8Array>,
  ): Promise<SnapshotResult>;
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
  /** @throws when the bundle's contents do not have the hash that `bundleID` says. */
  addBundle(bundleID: string, bundle: Bundle): void;
  hasBundle(bundleID: string): boolean;
  getBundle(bundleID: string): Bundle;
  deleteBundle(bundleID: string): void;
  getBundleIDs(): IterableIterator<string>;
}

/** Platform images by hash: a local cache that can be made again from the platform's bundles. */
export interface ImageStore {
  has(imageID: string): boolean;
  /** @throws when the stored bytes do not have the hash that `imageID` is. */
  load(imageID: string): Uint8Array;
  /** Returns the SHA-256 of the bytes, which is the imageID. */
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
  /** Of worker processes: the next writer ends those that a kill -9 of this one leaves. */
  readonly processes: ProcessRecords;
  startCrank(): void;
  establishCrankSavepoint(savepoint: string): void;
  rollbackCrank(savepoint: string): void;
  /**
   * Undoes everything back to the first savepoint and forgets it for the crankhash as well, which
   * `rollbackCrank` does not: a crank that is tried again because of this machine (a worker that
   * was killed) has to end with the hash that it has on all others.
   */
  restartCrank(): void;
  emitCrankHashes(): CrankHashes;
  endCrank(): void;
  getActivityhash(): string;
  /**
   * From now on nothing goes to the host's `exportCallback`; changes are kept, through commits and
   * restarts of the process, until `resumeExports`.
   */
  deferExports(): void;
  /** Ends `deferExports`: the next end of a crank or commit announces everything kept. */
  resumeExports(): void;
}

export interface HostStorage {
  /** Host keys only: they start with `host.`. */
  readonly kvStore: KVStore;
  /** Durable when it returns: one SQLite COMMIT, with fsync. */
  commit(): Promise<void>;
  /** Closes the file; what was not committed is gone. */
  close(): Promise<void>;
  /** With `durability: 'group'`: makes the commits so far survive a loss of power. */
  sync(): Promise<void>;
  /**
   * Adds records of old spans and snapshots that this store lacks and the exporter's store has;
   * what both have must be equal. For stores imported by very old versions.
   */
  repairMetadata(exporter: {
    getExportData(): AsyncIterable<readonly [string, string | null | undefined]>;
  }): Promise<void>;
  /** Bytes of the main file. */
  diskUsage(): number;
}
