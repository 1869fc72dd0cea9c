/** Errors of `lib/workers`. */
import { quoteValue, SwingsetError } from '../errors.js';
import type { VatID } from '../types/ids.js';

/** A worker process ended, or broke the protocol, through no fault of its vat. */
export class WorkerDiedError extends SwingsetError {
  readonly code = 'WORKER_DIED';
  readonly vatID: VatID;
  /** The signal that ended the process, if one did. */
  readonly signal: string | undefined;
  /** The exit code, if the process ended by itself. */
  readonly exitCode: number | undefined;

  constructor(
    vatID: VatID,
    how: { reason: string; signal?: string | undefined; exitCode?: number | undefined },
    options?: ErrorOptions,
  ) {
    super(
      `the worker of ${vatID} died: ${how.reason}. Nothing of the delivery was recorded; ` +
        'the vat comes online again from its snapshot and transcript when it is next used',
      options,
    );
    this.vatID = vatID;
    this.signal = how.signal;
    this.exitCode = how.exitCode;
  }
}

/** The engine could not write the vat's heap in any attempt. The process is gone. */
export class HeapNotWrittenError extends SwingsetError {
  readonly code = 'HEAP_NOT_WRITTEN';
  readonly vatID: VatID;
  /** The snapshot's position in the transcript. */
  readonly snapPos: number;

  constructor(vatID: VatID, snapPos: number, options: ErrorOptions) {
    super(
      `the heap of ${vatID} can't be written as a snapshot; ` +
        "with the option onWorkerDeath: 'terminate' the vat continues without one",
      options,
    );
    this.vatID = vatID;
    this.snapPos = snapPos;
  }
}

/** A replay differs from the transcript: other code, another engine, or a nondeterministic vat. */
export class AnachrophobiaError extends SwingsetError {
  readonly code = 'ANACHROPHOBIA';
  readonly vatID: VatID;
  /** Position in the transcript. */
  readonly position: number;
  readonly delivery: unknown;
  /** What differs, for example `syscall 3`. */
  readonly what: string;
  /** The recorded syscall or result; undefined if the replay made an extra syscall. */
  readonly expected: unknown;
  /** What the replay did; undefined if the replay lacks a recorded syscall. */
  readonly actual: unknown;

  constructor(
    vatID: VatID,
    found: {
      position: number;
      delivery: unknown;
      what: string;
      expected: unknown;
      actual: unknown;
    },
    options?: ErrorOptions,
  ) {
    super(
      `replay of ${vatID} differs from its transcript at position ${found.position}, ` +
        `delivery ${quoteValue(found.delivery)}: ${found.what}; ` +
        `recorded ${quoteValue(found.expected)}, replayed ${quoteValue(found.actual)}. ` +
        'Run the vat on the code and engine that recorded it, or restart it at a new platform epoch',
      options,
    );
    this.vatID = vatID;
    this.position = found.position;
    this.delivery = found.delivery;
    this.what = found.what;
    this.expected = found.expected;
    this.actual = found.actual;
  }
}

/** No worker can be brought online from this transcript. */
export class TranscriptDamagedError extends SwingsetError {
  readonly code = 'TRANSCRIPT_DAMAGED';
  constructor(
    readonly vatID: VatID,
    readonly position: number,
    problem: string,
  ) {
    super(`transcript of ${vatID}, position ${position}: ${problem}; the store is damaged`);
  }
}

/** The warehouse was shut down before this call. */
export class WarehouseClosedError extends SwingsetError {
  readonly code = 'WAREHOUSE_CLOSED';
  constructor() {
    super('the warehouse is shut down; no vat can come online');
  }
}
