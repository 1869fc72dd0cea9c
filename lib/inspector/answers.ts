/**
 * What the inspector's server answers, as JSON. The page has these types too, so this file names
 * nothing that only Node.js knows. Times are milliseconds since 1970.
 */
import type { PlatformEpoch, PlatformEpochRecord } from '../types/platform-epoch.js';
import type { StoredService } from '../types/vat-service.js';
import type { HeapSizes, ReapDirt, VatOptions, VatSource } from '../types/vat-options.js';

export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}

/** A text of a vat. Long ones are cut. */
export interface Text {
  readonly text: string;
  /** Characters of the whole. More than `text` has if it was cut. */
  readonly length: number;
}

/** The state of the page's clock: something has changed if `version` has. */
export interface PulseAnswer {
  readonly version: number;
  readonly crankNumber: number;
  /** Why the store can't be read at present; null while it can. */
  readonly storeProblem: string | null;
  /** Where the solo server of the home listens; null while none runs. */
  readonly server: string | null;
  /** Whether the page may ask that server to change vats. */
  readonly mayAct: boolean;
}

/** What became of an action. */
export interface ActionAnswer {
  /** `unresolved`: vat-admin has not answered yet, or the vat that got a message. */
  readonly status: 'done' | 'rejected' | 'unresolved';
  /** The promise for the answer of vat-admin, or for the result of a message. */
  readonly kpid: string | null;
  /** The result of a message, as JSON. Long ones are cut. */
  readonly value: string | null;
  /** Why it was rejected. */
  readonly problem: string | null;
}

export interface RehearsedVat {
  readonly vatID: string;
  readonly name: string | null;
  readonly result: string;
  readonly critical: boolean;
  readonly error: string | null;
  readonly ms: number;
  /** Events that are queued for it, or wait for it. */
  readonly waiting: number;
}

/** The rehearsal that runs, or the last one since the inspector started. */
export type RehearsalAnswer =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly epoch: string }
  | { readonly state: 'failed'; readonly epoch: string; readonly problem: string }
  | {
      readonly state: 'done';
      readonly epoch: string;
      /** Every vat would restart, and none would fail. */
      readonly ok: boolean;
      /** One sentence. */
      readonly verdict: string;
      /** Why a boot would fail. */
      readonly problem: string | null;
      readonly notes: readonly string[];
      /** How many vats it restarted. `vats` has the worst of many. */
      readonly of: number;
      readonly vats: readonly RehearsedVat[];
    };

export interface BundleAnswer {
  readonly bundleID: string;
}

/** As `lib/host/block-host/queries/vats.ts` answers, without the kernel's own types. */
export interface LiveVat {
  readonly vatID: string;
  readonly name: string | null;
  readonly dynamic: boolean;
  readonly worker: 'xsnap' | 'local';
  readonly state: 'running' | 'paused' | 'sleeping' | 'suspended';
  readonly incarnation: number;
  /** The next position in the transcript, which spans all incarnations. */
  readonly position: number;
  readonly hasSnapshot: boolean;
  /** Why it is out of service; null while it is in service. */
  readonly service: StoredService | null;
  /** Of the platform that the incarnation runs on; null without an incarnation. */
  readonly platformEpoch: PlatformEpoch | null;
  /** Events that wait for the vat to come back. */
  readonly waiting: number;
}

export interface TerminatedVat {
  readonly vatID: string;
  readonly state: 'terminated';
}

export type VatAnswer = LiveVat | TerminatedVat;

export interface OverviewAnswer {
  readonly home: string;
  readonly crankNumber: number;
  readonly activityhash: string;
  /** Of the last block, where a solo host or a chain makes blocks. */
  readonly height: number | null;
  readonly runQueue: number;
  readonly acceptanceQueue: number;
  /** Events that wait for vats out of service. */
  readonly waiting: number;
  /** Events that waited for vats that are back, and stand apart from the run-queue until a run. */
  readonly dueAgain: number;
  /** How many vats are in each state. */
  readonly vats: Readonly<Record<VatAnswer['state'], number>>;
  readonly epoch: { readonly epoch: PlatformEpoch; readonly status: string } | null;
  /** Counters and gauges of the kernel, by name. */
  readonly stats: Readonly<Record<string, number>>;
  /** The slog that the page's plots are made from, if there is one. */
  readonly slog: string | null;
}

export interface VatsAnswer {
  readonly vats: readonly VatAnswer[];
  readonly more: boolean;
}

export interface SnapshotAnswer {
  readonly snapPos: number;
  readonly hash: string;
  readonly inUse: boolean;
  readonly uncompressedSize: number | null;
  readonly compressedSize: number | null;
}

export interface SpanAnswer {
  readonly startPos: number;
  readonly endPos: number;
  readonly incarnation: number;
  readonly isCurrent: boolean;
}

/** Marshalled data, to read. */
export interface DataAnswer {
  readonly body: Text;
  readonly slots: readonly string[];
}

export interface VatAnswerInFull {
  readonly vat: VatAnswer;
  /** The rest is null for a terminated vat. */
  readonly options: VatOptions | null;
  readonly source: VatSource | null;
  readonly parameters: DataAnswer | null;
  readonly reapDirt: ReapDirt | null;
  readonly heapSizes: HeapSizes | null;
  readonly meter: { readonly remaining: string; readonly threshold: string } | null;
  /** Of its root object, if the vat's c-list has it. */
  readonly root: string | null;
  readonly spans: readonly SpanAnswer[];
  readonly snapshots: readonly SnapshotAnswer[];
}

export interface TranscriptItem {
  readonly position: number;
  readonly incarnation: number;
  /** `message`, `notify`, `startVat`, `load-snapshot`, …; null if the item is too long, or damaged. */
  readonly kind: string | null;
  /** Of a message. */
  readonly method: string | null;
  readonly syscalls: number | null;
  readonly computrons: number | null;
  readonly failed: boolean;
  /** Characters of the stored item. */
  readonly length: number;
}

export interface TranscriptAnswer {
  readonly items: readonly TranscriptItem[];
  /** Where older items go on. Null at the end. */
  readonly next: number | null;
}

export interface TranscriptItemAnswer {
  readonly position: number;
  readonly incarnation: number;
  readonly item: Text;
}

export interface ClistEntryAnswer {
  readonly kref: string;
  readonly vref: string;
  readonly reachable: boolean;
  readonly isExport: boolean;
}

export interface ClistAnswer {
  readonly owner: string;
  readonly name: string | null;
  readonly entries: readonly ClistEntryAnswer[];
  readonly next: number | null;
}

/** An event of a queue, or a message that was sent to a promise. */
export interface EventAnswer {
  readonly type: string;
  /** Where it goes: a kref or a vatID. */
  readonly target: string | null;
  readonly method: string | null;
  readonly result: string | null;
  /** Its marshalled arguments or parameters. */
  readonly data: DataAnswer | null;
  /** Every reference that it holds, once. */
  readonly refs: readonly string[];
}

export interface QueueAnswer {
  readonly length: number;
  readonly from: number;
  readonly events: readonly EventAnswer[];
}

export interface ObjectAnswer {
  readonly kref: string;
  /** Null for an orphan. */
  readonly owner: string | null;
  readonly ownerName: string | null;
  readonly reachable: number;
  readonly recognizable: number;
}

export interface ObjectsAnswer {
  readonly objects: readonly ObjectAnswer[];
  readonly next: number | null;
}

export type PromiseState = 'unresolved' | 'fulfilled' | 'rejected';

export interface PromiseAnswer {
  readonly kref: string;
  readonly state: PromiseState;
  readonly refCount: number;
  readonly decider: string | null;
  readonly subscribers: readonly string[];
  /** Messages in its queue. */
  readonly queued: number;
}

export interface PromisesAnswer {
  readonly promises: readonly PromiseAnswer[];
  readonly next: number | null;
}

export interface HolderAnswer {
  readonly owner: string;
  readonly name: string | null;
  readonly vref: string;
  readonly reachable: boolean;
  readonly isExport: boolean;
}

/** What became of a message that the solo server took. */
export interface MessageResult {
  readonly status: PromiseState;
  /** Of the block that took the message. */
  readonly height: number;
  /** Of the block that resolved its promise. */
  readonly resolvedAt: number | null;
  /** The value as JSON, or the reason. Null while it is unresolved, or if it is too long to be kept. */
  readonly value: Text | null;
}

export interface KRefAnswer {
  readonly kref: string;
  readonly kind: 'object' | 'promise' | 'device node';
  /** False: it never was, or it is gone. The rest is empty then. */
  readonly exists: boolean;
  readonly object: ObjectAnswer | null;
  readonly promise: PromiseAnswer | null;
  /** The resolution of a promise. */
  readonly data: DataAnswer | null;
  /** Where the promise is the result of a message to the solo server. It is kept for a while. */
  readonly result: MessageResult | null;
  /** The first messages in the queue of a promise. */
  readonly queue: readonly EventAnswer[];
  /** The vats and devices whose c-lists have it. */
  readonly holders: readonly HolderAnswer[];
  /** Whether the host pinned it. */
  readonly pinned: boolean;
}

export interface DeviceAnswer {
  readonly deviceID: string;
  readonly name: string;
}

export interface DevicesAnswer {
  readonly devices: readonly DeviceAnswer[];
  readonly nodes: readonly { readonly kref: string; readonly owner: string }[];
  readonly next: number | null;
}

/** A vat that is out of service because it could not start. */
export interface FailureAnswer {
  readonly vatID: string;
  readonly name: string | null;
  readonly sinceCrank: number;
  readonly error: string;
  readonly service: StoredService['type'];
}

export interface EpochAnswer extends PlatformEpochRecord {
  /** Of those suspended: vats that sleep, or stay suspended on request. The others failed. */
  readonly unstarted: number;
  /** Vats whose turn has yet to come, while the restart of the last epoch is in progress. */
  readonly left: number;
  /** Vats that failed in this epoch and are still out of service. */
  readonly failures: readonly FailureAnswer[];
  /** What the slog says of each vat's turn. Empty without a slog. */
  readonly turns: readonly TurnAnswer[];
}

export interface TurnAnswer {
  readonly vatID: string;
  readonly name: string | null;
  readonly result: string;
  /** Its next delivery starts it. */
  readonly sleeps: boolean;
  readonly error: string | null;
  readonly ms: number;
  /** When its turn ended. */
  readonly time: number;
}

export interface EpochsAnswer {
  readonly crankNumber: number;
  readonly epochs: readonly EpochAnswer[];
  readonly rolling: { readonly total: number; readonly sleeping: number } | null;
  readonly fromSlog: boolean;
  /** Bytes of the slog that have yet to be read. */
  readonly slogLeft: number;
}

/** Cranks of one block, or of the commits that came between two looks at the store. */
export interface BlockSample {
  readonly time: number;
  readonly height: number | null;
  readonly crankNumber: number;
  readonly cranks: number;
}

export interface VatActivity {
  readonly vatID: string;
  readonly name: string | null;
  readonly deliveries: number;
  /** Null where nothing measures it. */
  readonly seconds: number | null;
  readonly computrons: number | null;
}

/** One stretch of time of the slog: cranks, and seconds of the busiest vats in the same order. */
export interface TimeBucket {
  readonly time: number;
  readonly cranks: number;
  readonly seconds: readonly number[];
}

export interface SlogActivity {
  readonly path: string;
  /** Bytes that were read, and lines among them that are no entries. */
  readonly bytes: number;
  /** Bytes that have yet to be read. */
  readonly left: number;
  readonly badLines: number;
  /** Milliseconds of each bucket. */
  readonly bucketMs: number;
  /** The vats whose time the buckets tell. */
  readonly busiest: readonly string[];
  readonly buckets: readonly TimeBucket[];
  /** Why the file can't be read. */
  readonly problem: string | null;
}

export interface ActivityAnswer {
  /** Since when the inspector watches. */
  readonly since: number;
  readonly blocks: readonly BlockSample[];
  /** From the slog if there is one, else from the transcripts' positions. */
  readonly vats: readonly VatActivity[];
  readonly slog: SlogActivity | null;
}
