/**
 * A worker that ran ahead of its turn: when the turn comes, what it did is played to the kernel.
 *
 * Invariant: the kernel can't tell it from a worker that does these things now. Where it would give
 * another delivery, or another answer to a syscall, than it did ahead, the delivery fails with
 * `RanAheadError` and nothing that was recorded counts.
 */
import { SwingsetError } from '../errors.js';
import type { VatID } from '../types/ids.js';
import type { VatDelivery, VatDeliveryResult, VatSyscallHandler } from '../types/messages.js';
import type { SyscallRecord } from './transcript.js';
import type { Worker } from './types.js';

/** A delivery that was made ahead, and what came of it. */
export interface RecordedDelivery {
  readonly delivery: VatDelivery;
  readonly syscalls: readonly SyscallRecord[];
  readonly result: VatDeliveryResult;
}

/** Things have changed since the worker ran ahead. Undo the crank, and run the vat in its turn. */
export class RanAheadError extends SwingsetError {
  readonly code = 'RAN_AHEAD';
  constructor(readonly vatID: VatID) {
    super(`what ${vatID} did ahead of its turn is not what it would do now`);
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Plays the recorded deliveries and then goes on as `worker`, which is where they have left it.
 *
 * @param worker - undefined where nothing comes after the last recorded delivery
 */
export const makePlayedWorker = (
  vatID: VatID,
  recorded: readonly RecordedDelivery[],
  worker: Worker | undefined,
): Worker => {
  const left = [...recorded];

  const play = (
    { delivery, syscalls, result }: RecordedDelivery,
    given: VatDelivery,
    handleSyscall: VatSyscallHandler,
  ): VatDeliveryResult => {
    if (!same(given, delivery)) throw new RanAheadError(vatID);
    for (const { s, r } of syscalls) {
      if (!same(handleSyscall(s), r)) throw new RanAheadError(vatID);
    }
    return result;
  };

  return {
    deliver: async (delivery, handleSyscall) => {
      const next = left.shift();
      if (next) return play(next, delivery, handleSyscall);
      if (!worker) throw new RanAheadError(vatID);
      return worker.deliver(delivery, handleSyscall);
    },
    ...(worker?.makeSnapshotStream && { makeSnapshotStream: worker.makeSnapshotStream }),
    shutdown: async () => {
      await worker?.shutdown();
    },
  };
};
