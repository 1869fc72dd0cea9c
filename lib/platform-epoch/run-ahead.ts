/**
 * Runs a vat's restart ahead of its turn, in parallel with others. The vat's worker takes most of
 * the time, and its syscalls follow from the vat's own rows alone (design.md 4, "Modes",
 * `concurrency`).
 *
 * Boundary: works on a fork of the tables, which is thrown away. It leaves a worker that the
 * warehouse holds ready. In the vat's turn, its crank runs as usual and takes that worker.
 *
 * Invariants
 * 1. The kernel's state does not depend on whether or when a vat ran ahead. If the vat would behave
 *    differently in its turn, the worker gives up, and the vat runs alone.
 * 2. A vat leaves nothing if its start fails on this machine, or if it calls a device for anything
 *    but immutable data (bundles).
 */
import { KernelState } from '../state/kernel-state.js';
import type { VatID } from '../types/ids.js';
import { recordSyscalls } from '../workers/syscall-recorder.js';
import type { VatWarehouse, Worker } from '../workers/types.js';
import { CrankTries } from '../kernel/delivery/worker-loss.js';
import { forkStorage } from './forked-storage.js';
import { Messenger } from '../kernel/delivery/messenger.js';
import { attemptRestart, type AttemptPorts, type AttemptRequest } from './attempt-restart.js';
import { KernelSlog } from '../kernel/delivery/slog.js';
import type { StartAhead } from '../kernel/cranks/sleepers.js';
import type { LifecyclePorts } from '../kernel/vats/vat-lifecycle.js';

/** Not a fault: the vat needs more than its own rows. */
class NeedsItsTurn extends Error {}

const needsItsTurn = (): never => {
  throw new NeedsItsTurn();
};

const quiet = () => undefined;
const silence = { log: quiet, warn: quiet, error: quiet };

/** A warehouse for one vat. It writes no transcript. */
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
        // The vat fails in its turn. What it says after the fault needn't be recorded.
        return recorder.fault === undefined ? result : needsItsTurn();
      });
    },
    // Snapshots go to the store, so they wait for the vat's turn.
    isSnapshotDue: () => false,
    saveSnapshot: async () => false,
    heapSize: () => undefined,
  };
};

/** Settles when the vat has run ahead, or could not. Never rejects for a fault of the vat. */
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
  // Local workers share one thread, so they gain nothing.
  if (workerOptions.type !== 'xsnap' || !useTranscript) return;
  await warehouse.ahead.run(vatID, async () => {
    const storage = forkStorage(kernelStorage);
    const state = new KernelState(storage, stateOptions);
    state.beginCrank();
    await attemptRestart(
      {
        state,
        queue: new Messenger({ state, console: silence, panic: needsItsTurn }),
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
        // A death here doesn't count: the vat starts again in its turn.
        onWorkerDeath: 'panic',
        tries: new CrankTries(),
        insistRunning: quiet,
      },
      request,
    );
  });
};

/**
 * For a rolling restart: lets up to `concurrency` sleeping vats start ahead, beside the work of a run
 * and between runs. Undefined if none may.
 */
export const makeStartAhead = (
  lifecycle: LifecyclePorts,
  concurrency: number,
): StartAhead | undefined => {
  if (concurrency === 1) return undefined;
  const begun = new Set<VatID>();
  return sleeping => {
    for (const vatID of begun) {
      // It was started, upgraded, held or ended instead.
      if (!sleeping.includes(vatID)) {
        begun.delete(vatID);
        void lifecycle.warehouse.ahead.withdraw(vatID);
      }
    }
    for (const vatID of sleeping.slice(0, concurrency)) {
      if (begun.has(vatID)) continue;
      begun.add(vatID);
      // Its failure here decides nothing, so the host's wish for it doesn't matter.
      void runAhead(lifecycle, {
        vatID,
        onVatFailure: 'suspend',
        upgradeMessage: '',
        startLater: false,
      });
    }
  };
};
