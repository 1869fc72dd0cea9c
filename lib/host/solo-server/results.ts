/**
 * What became of the messages that the server took, for clients to read.
 *
 * | row | contents |
 * | --- | --- |
 * | `host.solo.height` | height of the last block |
 * | `host.solo.sent.<number>` | the promise for a message's result, in the order of messages |
 * | `host.solo.result.<kpid>` | `StoredResult` |
 *
 * Invariants
 * 1. Rows change only in `beforeCommit`, so they are part of the block's commit.
 * 2. The newest `maxResults` results are kept. The kernel's promise is held for those of them that
 *    are unresolved, and for no others.
 */
import type { SwingsetController } from '../../controller/types.js';
import { describeError, kunser } from '../../kernel/delivery/kmarshal.js';
import { writeParameters } from '../../kernel/facets/parameter-notation.js';
import type { KRef } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import { keysWithPrefix, type RowReader, type Rows } from '../block-host/rows.js';
import { JsonRow, JsonTable } from '../block-host/tables/json-rows.js';
import { numberInKey, numberOfKey } from '../block-host/tables/schema.js';

export interface StoredResult {
  readonly status: 'unresolved' | 'fulfilled' | 'rejected';
  /** Of the block that took the message. */
  readonly height: number;
  /** Of the block that resolved the promise. */
  readonly resolvedAt?: number;
  /** The marshalled value or reason. */
  readonly data?: CapData<KRef>;
  /** The value, in the notation of vat parameters; the reason as text. */
  readonly value?: unknown;
  /** Characters of a result that is too long to be kept. */
  readonly tooLong?: number;
}

const SENT_PREFIX = 'host.solo.sent.';
const heightRow = new JsonRow<number>('host.solo.height');
const sent = new JsonTable<string>(SENT_PREFIX);
const results = new JsonTable<StoredResult>('host.solo.result.');

export const readHeight = (rows: RowReader): number => heightRow.read(rows) ?? 0;

export const readResult = (rows: RowReader, kpid: string): StoredResult | undefined =>
  results.read(rows, kpid);

export interface ResultLimits {
  readonly maxResults: number;
  readonly maxResultLength: number;
}

export interface ResolvedResult {
  readonly kpid: string;
  readonly status: 'fulfilled' | 'rejected';
}

type Calls = Pick<SwingsetController, 'kpStatus' | 'kpResolution' | 'kpForget'>;

const textOfReason = (data: CapData<KRef>): string => {
  try {
    return describeError(kunser(data));
  } catch {
    return 'a reason that can not be read';
  }
};

export class ResultTable {
  readonly #limits: ResultLimits;

  /** Unresolved, the oldest first. */
  readonly #pending: Set<string>;

  #first: number;

  #next: number;

  /** Results of the block that is made. */
  #fresh: string[] = [];

  constructor(rows: RowReader, limits: ResultLimits) {
    this.#limits = limits;
    const numbers = [...keysWithPrefix(rows, SENT_PREFIX)].map(key =>
      numberOfKey(key.slice(SENT_PREFIX.length)),
    );
    this.#first = numbers[0] ?? 1;
    this.#next = (numbers.at(-1) ?? 0) + 1;
    this.#pending = new Set(
      [...sent.entries(rows)]
        .map(([, kpid]) => kpid)
        .filter(kpid => readResult(rows, kpid)?.status === 'unresolved'),
    );
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Notes the promise for a message that the block under way has taken. */
  note(kpid: string): void {
    this.#fresh.push(kpid);
  }

  /** Writes the rows of a block. Returns the results that came in it. */
  write(rows: Rows, controller: Calls, height: number): readonly ResolvedResult[] {
    for (const kpid of this.#fresh) {
      sent.write(rows, numberInKey(this.#next), kpid);
      results.write(rows, kpid, { status: 'unresolved', height });
      this.#next += 1;
      this.#pending.add(kpid);
    }
    this.#fresh = [];
    const resolved = this.#collect(rows, controller, height);
    this.#dropOldest(rows, controller);
    heightRow.write(rows, height);
    return resolved;
  }

  #collect(rows: Rows, controller: Calls, resolvedAt: number): readonly ResolvedResult[] {
    const resolved: ResolvedResult[] = [];
    for (const kpid of this.#pending) {
      const status = controller.kpStatus(kpid);
      if (status !== 'fulfilled' && status !== 'rejected') continue;
      // Nobody can use the references, so the host holds none.
      const data = controller.kpResolution(kpid, { incref: false });
      const { height = resolvedAt } = readResult(rows, kpid) ?? {};
      results.write(rows, kpid, { status, height, resolvedAt, ...this.#bounded(status, data) });
      this.#pending.delete(kpid);
      resolved.push({ kpid, status });
    }
    return resolved;
  }

  #bounded(status: 'fulfilled' | 'rejected', data: CapData<KRef>): Partial<StoredResult> {
    const { length } = data.body;
    if (length > this.#limits.maxResultLength) return { tooLong: length };
    const value = status === 'rejected' ? textOfReason(data) : writeParameters(data);
    return { data, value };
  }

  #dropOldest(rows: Rows, controller: Calls): void {
    for (; this.#next - this.#first > this.#limits.maxResults; this.#first += 1) {
      const name = numberInKey(this.#first);
      const kpid = sent.read(rows, name);
      sent.delete(rows, name);
      if (kpid === undefined) continue;
      results.delete(rows, kpid);
      if (this.#pending.delete(kpid)) controller.kpForget(kpid);
    }
  }
}
