/**
 * Runs the restart of a vat ahead of its turn, beside others: what takes time in it is what its
 * workers do, and that follows from the vat's own rows alone (design.md 4, «concurrency»).
 *
 * Boundary: works on a fork of the tables, which is thrown away; what is left are workers that the
 * warehouse holds ready. When the vat's turn comes, its crank runs as ever, and takes them.
 *
 * Invariants
 * 1. Nothing of the kernel's state depends on whether, or when, a vat ran ahead: a worker whose vat
 *    would behave otherwise now gives up, and the vat runs alone in its turn.
 * 2. A vat that calls a device, but for what no call ever changes (what is in a bundle), or whose start fails for reasons of this machine, leaves nothing.
 */
import { KernelState } from '../state/kernel-state.js';
import type { VatID } from '../types/ids.js';
import { recordSyscalls } from '../workers/syscall-recorder.js';
import type { VatWarehouse, Worker } from '../workers/types.js';
import { CrankTries } from '../kernel/delivery/worker-loss.js';
import { forkStorage } from './forked-storage.js';
import { KernelQueue } from '../kernel/delivery/messenger.js';
import { attemptRestart, type AttemptPorts, type AttemptRequest } from './attempt-restart.js';
import { KernelSlog } from '../kernel/delivery/slog.js';
import type { LifecyclePorts } from '../kernel/vats/vat-lifecycle.js';

/** Not an error of anybody: the vat needs more than its own rows. */
class NeedsItsTurn extends Error {}

const needsItsTurn = (): never => {
  throw new NeedsItsTurn();
};

const quiet = () => undefined;
const silence = { log: quiet, warn: quiet, error: quiet };

/** A warehouse for one vat, which writes no transcript. */
const makeAheadWarehouse = (
  vatID: VatID,
  warehouse: VatWarehouse,
  state: KernelState,
): AttemptPorts['warehouse'] => {
  const { ahead } = warehouse;
  let incarnation = warehouse.getIncarnation(vatID);
  let worker: Worker | undefined;
  return {
    getIncarnation: () => incarnation,
    startIncarnation: async () => {
      const options = state.vats.getOptions(vatID);
      const source = state.vats.getSource(vatID);
      const limits = state.vats.limitsOf(vatID);
      const record = { vatID, name: options.name, options, source, limits };
      worker = await ahead.startFresh(record, incarnation);
    },
    endIncarnation: async () => {
      incarnation += 1;
      return incarnation;
    },
    deliver: async (_vatID, delivery, handleSyscall) => {
      // Nothing is delivered to the old incarnation.
      if (!worker) return needsItsTurn();
      const recorder = recordSyscalls(state.vats.limitsOf(vatID), handleSyscall);
      return worker.deliver(delivery, syscall => {
        const result = recorder.handle(syscall);
        // It fails in its turn, without notes of all that it went on to say.
        return recorder.fault === undefined ? result : needsItsTurn();
      });
    },
    // In its turn: what is saved goes to the store.
    isSnapshotDue: () => false,
    saveSnapshot: async () => false,
  };
};

/** Settles when the vat has run ahead, or could not. Never rejects. */
export const runAhead = async (
  {
    state: live,
    warehouse,
    kernelStorage,
    stateOptions,
    platform,
    imageID,
    devices,
  }: LifecyclePorts,
  request: AttemptRequest,
): Promise<void> => {
  const { vatID } = request;
  const { workerOptions, useTranscript } = live.vats.getOptions(vatID);
  // Local workers share one thread: none of them gains by it.
  if (workerOptions.type !== 'xsnap' || !useTranscript) return;
  try {
    const storage = forkStorage(kernelStorage);
    const state = new KernelState(storage, stateOptions);
    state.beginCrank();
    await attemptRestart(
      {
        state,
        queue: new KernelQueue({ state, console: silence, panic: needsItsTurn }),
        devices: {
          invoke: (target, method, args) =>
            devices.readImmutable(target, method, args) ?? needsItsTurn(),
        },
        slog: new KernelSlog(undefined),
        console: silence,
        warehouse: makeAheadWarehouse(vatID, warehouse, state),
        kernelStorage: storage,
        platform,
        imageID,
        // A death ahead of the turn is none: the vat starts again in its turn.
        onWorkerDeath: 'panic',
        tries: new CrankTries(),
        insistRunning: quiet,
      },
      request,
    );
  } catch {
    // Whatever it was: if it was not for running ahead, the vat's turn will meet it again.
    await warehouse.ahead.withdraw(vatID);
  }
};
