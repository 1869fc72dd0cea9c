/**
 * Runs the restart of a vat ahead of its turn, beside others: what takes time in it is what its
 * workers do, and that follows from the vat's own rows alone (design.md 4, «concurrency»).
 *
 * Boundary: works on a fork of the tables, which is thrown away; what is left of it are deliveries
 * with their syscalls and a worker that has gone through them, which the warehouse is offered. When
 * the vat's turn comes, its crank runs as ever, and takes these instead of a worker of its own.
 *
 * Invariants
 * 1. Nothing of the kernel's state depends on whether, or when, a vat ran ahead: a played worker
 *    whose vat would behave otherwise now gives up, and the vat runs alone in its turn.
 * 2. A vat that calls a device, or whose start fails for reasons of this machine, is not offered.
 */
import { KernelState } from '../state/kernel-state.js';
import type { VatID } from '../types/ids.js';
import { makePlayedWorker, type RecordedDelivery } from '../workers/played-worker.js';
import type { SyscallRecord } from '../workers/transcript.js';
import type { VatWarehouse, Worker } from '../workers/types.js';
import { forkStorage } from './forked-storage.js';
import type { IncarnationWarehouse } from './incarnation.js';
import { KernelQueue } from './kernel-queue.js';
import { tryRestart } from './restart-vat.js';
import { KernelSlog } from './slog.js';
import type { VatRestartRequest } from './types.js';
import type { LifecyclePorts } from './vat-lifecycle.js';

/** Not an error of anybody: the vat needs more than its own rows. */
class NeedsItsTurn extends Error {}

const needsItsTurn = (): never => {
  throw new NeedsItsTurn();
};

/** One incarnation as it ran ahead. */
interface Recording {
  readonly incarnation: number;
  readonly deliveries: RecordedDelivery[];
  worker: Worker | undefined;
}

/** A warehouse for one vat, which writes no transcript and remembers what the workers did. */
const makeRecorder = (vatID: VatID, { ahead, ...warehouse }: VatWarehouse, state: KernelState) => {
  const first = warehouse.getIncarnation(vatID);
  const recordings: Recording[] = [{ incarnation: first, deliveries: [], worker: undefined }];
  const present = (): Recording => recordings.at(-1) ?? needsItsTurn();
  const endWorker = async (): Promise<void> => {
    const recording = present();
    await recording.worker?.shutdown();
    recording.worker = undefined;
  };

  const recorder: IncarnationWarehouse = {
    getIncarnation: () => present().incarnation,
    startIncarnation: async () => {
      const options = state.vats.getOptions(vatID);
      const source = state.vats.getSource(vatID);
      present().worker = await ahead.startFresh({ vatID, name: options.name, options, source });
    },
    endIncarnation: async () => {
      await endWorker();
      const incarnation = present().incarnation + 1;
      recordings.push({ incarnation, deliveries: [], worker: undefined });
      return incarnation;
    },
    deliver: async (_vatID, delivery, handleSyscall) => {
      const recording = present();
      recording.worker ??= await ahead.bringOnline(vatID);
      const syscalls: SyscallRecord[] = [];
      const result = await recording.worker.deliver(delivery, s => {
        const r = handleSyscall(s);
        syscalls.push({ s, r });
        return r;
      });
      recording.deliveries.push({ delivery, syscalls, result });
      return result;
    },
  };
  return {
    recorder,
    offer: () => {
      for (const { incarnation, deliveries, worker } of recordings) {
        if (deliveries.length > 0) {
          ahead.offer(vatID, incarnation, makePlayedWorker(vatID, deliveries, worker));
        }
      }
    },
    discard: endWorker,
  };
};

/** Settles when the vat has run ahead, or could not. */
export const runAhead = async (
  { warehouse, kernelStorage, platform, imageID, console }: LifecyclePorts,
  request: VatRestartRequest,
): Promise<void> => {
  const { vatID } = request;
  const storage = forkStorage(kernelStorage);
  const state = new KernelState(storage);
  const { recorder, offer, discard } = makeRecorder(vatID, warehouse, state);
  try {
    state.beginCrank();
    const isSettled = await tryRestart(
      {
        state,
        queue: new KernelQueue({ state, console, panic: needsItsTurn }),
        devices: { invoke: needsItsTurn },
        slog: new KernelSlog(undefined),
        warehouse: recorder,
        kernelStorage: storage,
        platform,
        imageID,
      },
      request,
    );
    if (isSettled) offer();
    else await discard();
  } catch {
    // Whatever it was: if it was not for running ahead, the vat's turn will meet it again.
    await discard();
  }
};
