/**
 * Creates, upgrades and terminates vats, and changes their options.
 * Source: SwingSet docs `dynamic-vats.md`, `vat-upgrade.md`.
 *
 * Boundary: `createVat`, `upgradeVat` and `changeVatOptions` compute outcomes of events.
 * `terminateVat` runs only while the crank runner applies an outcome.
 */
import type { KernelSettingsOverride } from '../../state/kernel-settings.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { DynamicVatOptions, RunQueueEvent } from '../../state/events.js';
import type { VatID } from '../../types/ids.js';
import type { KernelStorage } from '../../store/types.js';
import { deliverToVat } from '../delivery/deliver.js';
import { CriticalVatError } from '../delivery/errors.js';
import { forgetGCActions } from '../gc/gc.js';
import {
  rejectDecidedPromises,
  replaceIncarnation,
  startIncarnation,
  type IncarnationPorts,
} from './incarnation.js';
import { exportRootObject } from './root-object.js';
import { isUnborn } from './unborn.js';
import { makeVatOptions } from './vat-options.js';
import { describeError, kslot, kunser, makeErrorData, toldReason } from '../delivery/kmarshal.js';
import { makeBill, payBill } from '../delivery/metering.js';
import {
  crankComplete,
  emptyCrank,
  outcomeOf,
  type CrankOutcome,
  type DeliveryResult,
  type Termination,
} from '../delivery/outcome.js';
import type { DeviceManager } from '../delivery/device-manager.js';
import { changeService, forgetService } from './service.js';
import type { VatWarehouse } from '../../workers/types.js';

export interface LifecyclePorts extends IncarnationPorts {
  readonly warehouse: VatWarehouse;
  readonly devices: DeviceManager;
  readonly kernelStorage: KernelStorage;
  /** Options of the tables over `kernelStorage`. */
  readonly stateOptions: KernelSettingsOverride;
  readonly panic: (problem: string, cause: Error) => void;
  /** @throws KernelPanicError when the kernel has panicked. */
  readonly insistHealthy: () => void;
  readonly console: Pick<Console, 'log' | 'warn' | 'error'>;
}

type Event<Type extends RunQueueEvent['type']> = Extract<RunQueueEvent, { type: Type }>;

/** Tells vat-admin what became of a vat, if the kernel has a vat-admin. */
export const tellVatAdmin = (
  ports: Pick<LifecyclePorts, 'state' | 'queue'>,
  method: string,
  args: readonly unknown[],
): void => {
  const root = ports.state.getVatAdminRoot();
  if (root) ports.queue.callMethod(root, method, args);
};

/** Processes `create-vat`. A failure undoes everything; vat-admin reports it. */
export const createVat = async (
  ports: LifecyclePorts,
  event: Event<'create-vat'>,
): Promise<CrankOutcome> => {
  const { state, kernelStorage } = ports;
  const { vatID, source, vatParameters, dynamicOptions } = event;
  const options = makeVatOptions(ports, dynamicOptions);
  state.vats.addDynamic(vatID);
  state.vats.createRecord(vatID, source, options, vatParameters);
  kernelStorage.transcriptStore.initTranscript(vatID);
  noteCreation(ports, vatID, true);
  const result = await startIncarnation(ports, vatID);
  // If the vat exits at once, its creator must not get the root. vat-admin hears of the end.
  if (result.kind === 'completed') {
    const root = exportRootObject(state, vatID);
    tellVatAdmin(ports, 'newVatCallback', [vatID, { rootObject: kslot(root) }]);
  }
  const policy = { call: 'vatCreated', computrons: result.computrons } as const;
  return { ...outcomeOf(vatID, result), policy };
};

const describeVat = (name: string | undefined, bundleID: string): string =>
  `${name === undefined ? '' : `${name} `}(from bundleID: ${bundleID})`;

/** Writes a vat's creation to the slog. */
export const noteCreation = (
  { state, slog }: Pick<LifecyclePorts, 'state' | 'slog'>,
  vatID: VatID,
  dynamic: boolean,
): void => {
  const { name, workerOptions } = state.vats.getOptions(vatID);
  const description = describeVat(name, state.vats.getSource(vatID).bundleID);
  const managerType = workerOptions.type;
  slog.write({ type: 'create-vat', vatID, dynamic, description, name, managerType });
};

/**
 * Processes `upgrade-vat`. If the new code can't start, everything is undone: the old incarnation
 * goes on, and a suspended vat stays suspended.
 */
export const upgradeVat = async (
  ports: LifecyclePorts,
  event: Event<'upgrade-vat'>,
): Promise<CrankOutcome> => {
  const { state, console: log } = ports;
  const { vatID, upgradeID, bundleID, vatParameters, upgradeMessage, pausedTarget } = event;
  const report = (success: boolean, ...details: unknown[]) =>
    tellVatAdmin(ports, 'vatUpgradeCallback', [upgradeID, success, ...details]);
  if (!state.vats.isLive(vatID)) {
    report(false, Error(`vat-upgrade failure: vat ${vatID} was terminated`));
    return emptyCrank;
  }

  // Static vats have no adminNodes, so the host asked for their upgrade.
  const by = state.vats.dynamicIDs().includes(vatID) ? 'adminNode' : 'host';
  // Paused before its first start: like a suspended vat, it has no incarnation to end.
  if (!state.services.isSuspended(vatID) && isUnborn(ports, vatID)) {
    changeService(state, vatID, { type: 'suspend', by });
  }
  const suspended = state.services.isSuspended(vatID);
  // As in SwingSet, the vat's meter pays for the whole upgrade, also for one that fails.
  let computrons: bigint | undefined;
  const note = (result: DeliveryResult) => {
    if (result.computrons !== undefined) computrons = (computrons ?? 0n) + result.computrons;
  };
  const failed = ({ info }: Termination): CrankOutcome => {
    const problem = describeError(kunser(info));
    const left = suspended ? 'it stays suspended' : 'the old incarnation goes on';
    log.warn(`upgrade of vat ${vatID} failed, ${left}: ${problem}`);
    const instead = () => {
      const bill = makeBill(ports, vatID, computrons);
      if (bill) payBill(ports, bill);
      changeService(state, vatID, { type: 'upgrade-failed', error: problem });
      if (pausedTarget) ports.queue.castMethod(pausedTarget, 'resumeService', []);
      // The console has the new code's error. The vat that asked for the upgrade doesn't get it.
      report(false, Error('vat-upgrade failure'));
    };
    const policy = crankComplete(computrons);
    return { kind: 'undone', policy, event: 'dropped', vatID, instead };
  };

  if (!suspended) {
    const reaped = await deliverToVat(ports, vatID, ['bringOutYourDead'], { chargeMeter: true });
    note(reaped);
    if (reaped.kind !== 'completed') return failed(reaped.end);
  }
  const { end, start } = await replaceIncarnation(ports, vatID, {
    upgradeMessage,
    between: () => {
      state.vats.setSource(vatID, { bundleID });
      state.vats.setParameters(vatID, vatParameters);
    },
    delivery: { makesDirt: false },
  });
  const { incarnation } = end;
  note(start);
  // As in SwingSet, an exit is a failure too: an upgrade must not lose the vat.
  if (start.kind !== 'completed') return failed(start.end);
  changeService(state, vatID, { type: 'upgraded', by });
  ports.slog.write({ type: 'vat-upgrade-finish', vatID, upgradeID, incarnation });
  report(true, undefined, incarnation);
  return { kind: 'done', policy: crankComplete(computrons) };
};

/** Processes `changeVatOptions`. The options concern the kernel alone, so the vat isn't told. */
export const changeVatOptions = (
  { state }: Pick<LifecyclePorts, 'state'>,
  event: Event<'changeVatOptions'>,
): CrankOutcome => {
  const { vatID, options } = event;
  if (!state.vats.isLive(vatID)) return emptyCrank;
  const present = state.vats.getOptions(vatID);
  const { reapInterval, reapGCKrefs } = options as DynamicVatOptions;
  state.vats.setOptions(vatID, {
    ...present,
    reapDirtThreshold: {
      ...present.reapDirtThreshold,
      ...(reapInterval !== undefined && { deliveries: reapInterval }),
      ...(reapGCKrefs !== undefined && { gcKrefs: reapGCKrefs }),
    },
  });
  return emptyCrank;
};

/**
 * Ends a vat: its promises, its queues, its worker. Its rows are cleaned up later, within budgets.
 */
export const terminateVat = async (ports: LifecyclePorts, end: Termination): Promise<void> => {
  const { state, warehouse, kernelStorage } = ports;
  const { vatID, reject } = end;
  const info = toldReason(end.info);
  if (state.vats.isTerminated(vatID)) return;
  ports.console.log(`terminating vat ${vatID} (failure=${reject})`);
  ports.slog.write({ type: 'terminate', vatID, shouldReject: reject, info });
  let critical = false;
  if (state.vats.exists(vatID)) {
    ({ critical } = state.vats.getOptions(vatID));
    rejectDecidedPromises(ports, vatID, makeErrorData('vat terminated'));
    releaseWaiting(state, vatID);
    forgetService(state, vatID);
    state.vats.markTerminated(vatID);
    state.gc.unscheduleReap(vatID);
    forgetGCActions(state, vatID);
    kernelStorage.snapStore.stopUsingLastSnapshot(vatID);
    kernelStorage.transcriptStore.stopUsingTranscript(vatID);
    await warehouse.stopWorker(vatID);
  }
  if (critical) {
    const cause = new CriticalVatError(vatID, describeError(kunser(info)));
    ports.panic(cause.message, cause);
  }
  tellVatAdmin(ports, 'vatTerminated', [vatID, reject, kunser(info)]);
};

/** Moves what waited for the vat to the run-queue, where the router rejects it. */
const releaseWaiting = (state: KernelState, vatID: VatID): void => {
  while (state.waiting.has(vatID)) {
    const event = state.waiting.shift(vatID);
    if (event) state.runQueue.append(event);
  }
};
