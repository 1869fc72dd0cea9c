/**
 * Replays a span: gives the recorded deliveries to a worker and compares its syscalls with the
 * record. Syscalls get the recorded results; the kernel is not involved.
 */
import { isDeepStrictEqual } from 'node:util';
import type { VatID } from '../types/ids.js';
import type { VatSyscall, VatSyscallResult } from '../types/messages.js';
import { AnachrophobiaError } from './errors.js';
import type { DeliveryEntry } from './transcript.js';
import type { Worker } from './types.js';

export interface PositionedDelivery {
  readonly position: number;
  readonly entry: DeliveryEntry;
}

/** A delivery that took other computrons than recorded. Reported, never refused. */
export interface MeteringDifference {
  readonly position: number;
  readonly recorded: number;
  readonly replayed: number;
}

export interface ReplayReport {
  readonly deliveries: number;
  readonly meteringDifferences: readonly MeteringDifference[];
}

/** Compares as JSON: a local worker's `result: undefined` equals a missing field. */
const sameSyscall = (recorded: VatSyscall, actual: VatSyscall): boolean => {
  const text = JSON.stringify(actual);
  return JSON.stringify(recorded) === text || isDeepStrictEqual(recorded, JSON.parse(text));
};

/** Answers the syscalls of one delivery from its record. */
const makeRecordedAnswers = (vatID: VatID, { position, entry }: PositionedDelivery) => {
  let next = 0;
  const differs = (what: string, expected: unknown, actual: unknown): AnachrophobiaError =>
    new AnachrophobiaError(vatID, { position, delivery: entry.d, what, expected, actual });
  return {
    differs,
    answer: (actual: VatSyscall): VatSyscallResult => {
      const record = entry.sc[next];
      if (!record) throw differs(`syscall ${next} was not recorded`, undefined, actual);
      if (!sameSyscall(record.s, actual)) throw differs(`syscall ${next}`, record.s, actual);
      next += 1;
      return record.r;
    },
    assertComplete: (): void => {
      const missing = entry.sc[next];
      if (missing) throw differs(`syscall ${next} is missing`, missing.s, undefined);
    },
  };
};

/**
 * @throws AnachrophobiaError at the first syscall or status that differs from the record
 * @throws WorkerDiedError
 */
export const replayDeliveries = async (
  vatID: VatID,
  worker: Worker,
  deliveries: Iterable<PositionedDelivery>,
): Promise<ReplayReport> => {
  const meteringDifferences: MeteringDifference[] = [];
  let count = 0;
  for (const item of deliveries) {
    const { position, entry } = item;
    const { answer, assertComplete, differs } = makeRecordedAnswers(vatID, item);
    const [status, problem, usage] = await worker.deliver(entry.d, answer);
    if (status !== entry.r.status) {
      throw differs(problem === null ? 'status' : `status (${problem})`, entry.r.status, status);
    }
    assertComplete();
    const recorded = entry.r.metering?.computrons;
    if (recorded !== undefined && usage && usage.compute !== recorded) {
      meteringDifferences.push({ position, recorded, replayed: usage.compute });
    }
    count += 1;
  }
  return { deliveries: count, meteringDifferences };
};
