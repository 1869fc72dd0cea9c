/**
 * Entries of a vat's transcript, in the JSON of SwingSet's transcriptStore:
 * `{"d":delivery,"sc":[{"s":syscall,"r":result}],"r":{"status":"ok","metering":{"computrons":1}}}`.
 *
 * A span begins with `initialize-worker` or `load-snapshot`. A closed span ends with
 * `save-snapshot` or `shutdown-worker`. Source: SwingSet docs `transcript.md`.
 */
import type { BundleID, VatID } from '../types/ids.js';
import type {
  VatDelivery,
  VatDeliveryResult,
  VatSyscall,
  VatSyscallResult,
} from '../types/messages.js';
import type { VatSource, WorkerOptions } from '../types/vat-options.js';
import { TranscriptDamagedError } from './errors.js';

export interface SyscallRecord {
  readonly s: VatSyscall;
  readonly r: VatSyscallResult;
}

export interface WorkerStart {
  readonly source: VatSource;
  readonly workerOptions: WorkerOptions;
}

export interface SnapshotReference {
  readonly snapshotID: string;
}

interface DeliveryOutcome {
  readonly status: 'ok' | 'error';
  readonly metering?: { readonly computrons: number };
}

export interface DeliveryEntry {
  readonly d: VatDelivery;
  readonly sc: readonly SyscallRecord[];
  readonly r: DeliveryOutcome;
}

interface Special<D, R = { readonly status: 'ok' }> {
  readonly d: D;
  readonly sc: readonly [];
  readonly r: R;
}

export type InitializeWorkerEntry = Special<readonly ['initialize-worker', WorkerStart]>;
export type LoadSnapshotEntry = Special<readonly ['load-snapshot', SnapshotReference]>;
export type SaveSnapshotEntry = Special<
  readonly ['save-snapshot'],
  SnapshotReference & { readonly status: 'ok' }
>;
export type ShutdownWorkerEntry = Special<readonly ['shutdown-worker']>;

export type TranscriptEntry =
  | DeliveryEntry
  | InitializeWorkerEntry
  | LoadSnapshotEntry
  | SaveSnapshotEntry
  | ShutdownWorkerEntry;

/**
 * Encodes a delivery with the JSON of each of its syscalls. As in SwingSet, a failed delivery
 * records neither its problem nor its computrons.
 */
export const encodeDelivery = (
  d: VatDelivery,
  syscalls: readonly string[],
  [status, , usage]: VatDeliveryResult,
): string => {
  const r =
    status === 'ok' && usage ? { status, metering: { computrons: usage.compute } } : { status };
  return `{"d":${JSON.stringify(d)},"sc":[${syscalls.join(',')}],"r":${JSON.stringify(r)}}`;
};

const ok = { status: 'ok' } as const;

/** The kernel's own fields follow SwingSet's, and only if they are set. */
const orderWorkerOptions = (options: WorkerOptions): WorkerOptions => {
  if (options.type === 'local') return { type: 'local' };
  const { type, bundleIDs, imageID, engine, heapRule, imageBundles, serveImportBundle } = options;
  return {
    type,
    bundleIDs,
    ...(imageID && { imageID }),
    ...(engine && { engine }),
    ...(heapRule && { heapRule }),
    ...(imageBundles && { imageBundles }),
    ...(serveImportBundle && { serveImportBundle }),
  };
};

export const initializeWorkerEntry = (
  bundleID: BundleID,
  workerOptions: WorkerOptions,
): InitializeWorkerEntry => ({
  d: [
    'initialize-worker',
    { source: { bundleID }, workerOptions: orderWorkerOptions(workerOptions) },
  ],
  sc: [],
  r: ok,
});

export const loadSnapshotEntry = (snapshotID: string): LoadSnapshotEntry => ({
  d: ['load-snapshot', { snapshotID }],
  sc: [],
  r: ok,
});

export const saveSnapshotEntry = (snapshotID: string): SaveSnapshotEntry => ({
  d: ['save-snapshot'],
  sc: [],
  r: { ...ok, snapshotID },
});

export const shutdownWorkerEntry: ShutdownWorkerEntry = {
  d: ['shutdown-worker'],
  sc: [],
  r: ok,
};

export const encodeEntry = (entry: TranscriptEntry): string => JSON.stringify(entry);

const isEntry = (value: unknown): value is TranscriptEntry => {
  if (typeof value !== 'object' || value === null) return false;
  const { d, sc, r } = value as Partial<Record<'d' | 'sc' | 'r', unknown>>;
  return (
    Array.isArray(d) &&
    typeof d[0] === 'string' &&
    Array.isArray(sc) &&
    typeof r === 'object' &&
    r !== null
  );
};

/** @throws TranscriptDamagedError if the text is not a transcript entry. */
export const decodeEntry = (text: string, vatID: VatID, position: number): TranscriptEntry => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isEntry(value)) throw new TranscriptDamagedError(vatID, position, 'not a transcript entry');
  return value;
};

const specials = new Set([
  'initialize-worker',
  'load-snapshot',
  'save-snapshot',
  'shutdown-worker',
]);

export const isDeliveryEntry = (entry: TranscriptEntry): entry is DeliveryEntry =>
  !specials.has(entry.d[0]);
export const isInitializeWorker = (entry: TranscriptEntry): entry is InitializeWorkerEntry =>
  entry.d[0] === 'initialize-worker';
export const isLoadSnapshot = (entry: TranscriptEntry): entry is LoadSnapshotEntry =>
  entry.d[0] === 'load-snapshot';
