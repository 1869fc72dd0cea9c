/** Errors of `lib/workers`. */
import { quoteValue, SwingsetError } from '../errors.js';
import type { VatID } from '../types/ids.js';

/** A worker process went away, or broke the protocol, for no fault of its vat's. */
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
        'the vat can be brought online again from its snapshot and transcript',
      options,
    );
    this.vatID = vatID;
    this.signal = how.signal;
    this.exitCode = how.exitCode;
  }
}

/** The engine could not write the vat's heap down, however often; the process is gone. */
export class HeapNotWrittenError extends SwingsetError {
  readonly code = 'HEAP_NOT_WRITTEN';
  readonly vatID: VatID;
  /** Where in the transcript the snapshot would have been. */
  readonly snapPos: number;

  constructor(vatID: VatID, snapPos: number, options: ErrorOptions) {
    super(
      `the heap of ${vatID} can't be written as a snapshot; ` +
        "with the option onWorkerDeath: 'terminate' the vat goes on without it",
      options,
    );
    this.vatID = vatID;
    this.snapPos = snapPos;
  }
}

/** A replay differed from the record: other code, other engine, or a vat that isn't deterministic. */
export class AnachrophobiaError extends SwingsetError {
  readonly code = 'ANACHROPHOBIA';
  readonly vatID: VatID;
  /** Position in the transcript. */
  readonly position: number;
  readonly delivery: unknown;
  /** The recorded syscall or result; undefined if the replay made one more syscall. */
  readonly expected: unknown;
  /** What the replay did; undefined if the replay made one syscall less. */
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
        'The vat runs on other code or another engine than it was recorded on',
      options,
    );
    this.vatID = vatID;
    this.position = found.position;
    this.delivery = found.delivery;
    this.expected = found.expected;
    this.actual = found.actual;
  }
}

/** A transcript that no worker can be brought online from. */
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

/** A vat was asked for after the warehouse was shut down. */
export class WarehouseClosedError extends SwingsetError {
  readonly code = 'WAREHOUSE_CLOSED';
  constructor() {
    super('the warehouse is shut down: no vat comes online any more');
  }
}
