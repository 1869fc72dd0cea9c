/**
 * Ending and starting an incarnation: what upgrade, restart and termination have in common.
 * Source: SwingSet docs `vat-upgrade.md`; design.md 4, «Restart of one vat».
 *
 * Boundary: effects on tables and on the one worker only; which of them are kept is the crank's
 * business.
 */
import type { Platform } from '../../platform/types.js';
import type { KernelState } from '../../state/kernel-state.js';
import {
  parseObjectKRef,
  parseVRef,
  ROOT_OBJECT_VREF,
  type KRef,
  type ObjectKRef,
  type PromiseKRef,
  type VatID,
} from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import type {
  DirtThreshold,
  ManagerType,
  VatOptions,
  RecordedLimits,
  WorkerOptions,
} from '../../types/vat-options.js';
import { CURRENT_LIMITS, METERED_COMPUTRONS } from '../../types/vat-limits.js';
import type { DynamicVatOptions } from '../../state/events.js';
import type { VatWarehouse } from '../../workers/types.js';
import { deliverToVat, type DeliverOptions, type DeliverPorts } from '../delivery/deliver.js';
import { sizeOfData } from '../delivery/capdata-limits.js';
import { kser } from '../delivery/kmarshal.js';
import { failure, type DeliveryResult } from '../delivery/outcome.js';
import { orLost, WORKER_LOST } from '../delivery/worker-loss.js';
import {
  reclaimPromisesOf,
  reclaimVat,
  subscribeToWatched,
  type Reclaimed,
} from '../gc/reclaim.js';
import { isUnborn, type UnbornPorts } from './unborn.js';

/** What of the warehouse begins and ends incarnations. */
export type IncarnationWarehouse = Pick<
  VatWarehouse,
  'deliver' | 'getIncarnation' | 'startIncarnation' | 'endIncarnation'
>;

export interface IncarnationPorts extends DeliverPorts {
  readonly warehouse: IncarnationWarehouse;
  readonly platform: Platform;
  /** Platform image that new xsnap incarnations start from; none: they start from bundles. */
  readonly imageID: string | undefined;
}

/** What the end of an incarnation did to those who knew the vat. */
export interface IncarnationEnd {
  readonly incarnation: number;
  readonly promisesRejected: number;
  readonly abandoned: readonly ObjectKRef[];
}

/** The kref of a vat's root. It is there from the start; in stores of SwingSet see `provideRootObject`. */
export const exportRootObject = (state: KernelState, vatID: VatID): ObjectKRef => {
  const clist = state.clist(vatID);
  const known = clist.getKRef(ROOT_OBJECT_VREF);
  if (known) return parseObjectKRef(known);
  const kref = state.objects.create(vatID);
  clist.add(kref, ROOT_OBJECT_VREF);
  return kref;
};

/**
 * The kref of the root of a vat whose c-list may lack it. Under SwingSet a root that nobody holds is
 * retired, and the heap of such an incarnation does not have it any more: messages to it are
 * rejected until the vat's next incarnation, which has a root again.
 */
export const provideRootObject = (ports: UnbornPorts, vatID: VatID): ObjectKRef => {
  const clist = ports.state.clist(vatID);
  const isMissing = !clist.getKRef(ROOT_OBJECT_VREF);
  const kref = exportRootObject(ports.state, vatID);
  if (isMissing && !isUnborn(ports, vatID)) clist.clearReachable(kref);
  return kref;
};

/** The vat's next incarnation has a root, also where SwingSet had taken it from an earlier one. */
const restoreRootObject = (state: KernelState, vatID: VatID): void => {
  state.clist(vatID).reexport(exportRootObject(state, vatID));
};

/**
 * Rejects every promise that the vat decides; returns how many there were. `tellVat`: its next
 * incarnation hears of those that it watches itself. `mayPanic`: promises with policy `panic` stop
 * the kernel.
 */
export const rejectDecidedPromises = (
  ports: DeliverPorts,
  vatID: VatID,
  reason: CapData<KRef>,
  { tellVat = false, mayPanic = true } = {},
): number => {
  const { state, queue } = ports;
  const decided = [...state.clist(vatID).entriesByVRef('p')]
    .map(([, kref]) => kref as PromiseKRef)
    .filter(kpid => {
      const promise = state.promises.get(kpid);
      return promise.state === 'unresolved' && promise.decider === vatID;
    });
  queue.resolve(
    vatID,
    decided.map(kpid => [kpid, true, reason]),
    { tellDecider: tellVat, mayPanic },
  );
  return decided.length;
};

/** Orphans the exports that die with the incarnation: all but the root and the durable ones. */
const abandonEphemeralExports = (state: KernelState, vatID: VatID): ObjectKRef[] => {
  const clist = state.clist(vatID);
  const ephemeral = [...clist.entriesByVRef('o+')]
    .filter(([vref]) => vref !== ROOT_OBJECT_VREF && !parseVRef(vref).durable)
    .map(([, kref]) => parseObjectKRef(kref));
  for (const object of ephemeral) {
    clist.delete(object);
    state.objects.orphan(object, vatID);
    state.refs.addMaybeFree(object);
  }
  return ephemeral;
};

/**
 * What holders of promises of the ended incarnation `incarnationNumber` are told (SwingSet
 * `upgrade-api`; the answer to an upgrade has the number of the new one instead).
 */
const makeDisconnection = (upgradeMessage: string, incarnationNumber: number) =>
  kser({ name: 'vatUpgraded', upgradeMessage, incarnationNumber });

/**
 * A vat without a transcript keeps everything in its vatstore and gets a fresh worker at any time:
 * no promise and no export of it dies with a worker.
 */
export const outlivesWorkers = (state: KernelState, vatID: VatID): boolean =>
  !state.vats.getOptions(vatID).useTranscript;

/**
 * Ends the present incarnation: promises, exports, transcript, snapshot, worker. `mayPanic`: see
 * `rejectDecidedPromises`.
 */
export const endIncarnation = async (
  ports: IncarnationPorts,
  vatID: VatID,
  upgradeMessage: string,
  { mayPanic = true } = {},
): Promise<IncarnationEnd> => {
  const reason = makeDisconnection(upgradeMessage, ports.warehouse.getIncarnation(vatID));
  const survives = outlivesWorkers(ports.state, vatID);
  if (!survives) subscribeToWatched(ports.state, vatID);
  const promisesRejected = survives
    ? 0
    : rejectDecidedPromises(ports, vatID, reason, { tellVat: true, mayPanic });
  const abandoned = survives ? [] : abandonEphemeralExports(ports.state, vatID);
  if (!survives) reclaimPromisesOf(ports.state, vatID);
  // What is sent from now on waits for the next incarnation, however late that starts.
  restoreRootObject(ports.state, vatID);
  // What is owed to the dead worker's heap is owed no more; durable exports are looked at again.
  ports.state.gc.unscheduleReap(vatID);
  ports.state.vats.setReapDirt(vatID, {});
  const incarnation = await ports.warehouse.endIncarnation(vatID);
  return { incarnation, promisesRejected, abandoned };
};

/** Puts the vat on the platform that runs now, and under the limits that apply now. */
export const adoptCurrentPlatform = (ports: IncarnationPorts, vatID: VatID): void => {
  const options = ports.state.vats.getOptions(vatID);
  const { type } = options.workerOptions;
  ports.state.vats.setOptions(vatID, {
    ...options,
    workerOptions: makeWorkerOptions(ports, type),
    limits: makeRecordedLimits(ports.state, type, options.meterID !== undefined),
  });
};

/** What an incarnation that starts now is held to for its whole life. */
const makeRecordedLimits = (
  { settings: { computronLimit } }: Pick<KernelState, 'settings'>,
  type: ManagerType,
  hasMeter: boolean,
): RecordedLimits => {
  const most = computronLimit === 'never' ? Infinity : computronLimit;
  const computrons = hasMeter ? Math.min(METERED_COMPUTRONS, most) : most;
  // Nothing counts the computrons of a local worker.
  const isLimited = type === 'xsnap' && Number.isFinite(computrons);
  return { table: CURRENT_LIMITS, ...(isLimited && { computrons }) };
};

/** What the start of an incarnation came to, and what its predecessors had left behind. */
export type StartResult = DeliveryResult & { readonly reclaimed?: Reclaimed };

/**
 * Starts the incarnation whose transcript is still empty: worker, then `startVat` with the
 * retained parameters, after what earlier incarnations left behind is reclaimed.
 */
export const startIncarnation = async (
  ports: IncarnationPorts,
  vatID: VatID,
  options: DeliverOptions = {},
): Promise<StartResult> => {
  const { state, warehouse } = ports;
  // It was started once and for all; its next worker comes with its next delivery.
  if (outlivesWorkers(state, vatID) && warehouse.getIncarnation(vatID) > 0) {
    return { kind: 'completed', computrons: undefined };
  }
  const parameters = state.vats.getParameters(vatID);
  if (!parameters) {
    return failure(
      vatID,
      `${vatID} is too old to have retained its vatParameters: give them in platformRestart.vatParameters.${vatID}`,
    );
  }
  const { delivery: most } = state.vats.limitsOf(vatID);
  const size = sizeOfData(parameters);
  if (size > most) {
    return failure(vatID, `vatParameters of ${size} characters are too long; at most ${most}`);
  }
  const reclaimed = warehouse.getIncarnation(vatID) > 0 ? reclaimVat(ports, vatID) : undefined;
  const worker = await orLost(ports, () => warehouse.startIncarnation(vatID));
  if (worker === 'lost') return failure(vatID, WORKER_LOST);
  const result = await deliverToVat(ports, vatID, ['startVat', parameters], options);
  if (result.kind !== 'failed') restoreRootObject(state, vatID);
  return reclaimed ? { ...result, reclaimed } : result;
};

const makeWorkerOptions = (
  { platform, imageID }: Pick<IncarnationPorts, 'platform' | 'imageID'>,
  type: ManagerType,
): WorkerOptions =>
  type === 'local'
    ? { type }
    : {
        type,
        bundleIDs: platform.bundleIDs,
        ...(imageID !== undefined && { imageID }),
        engine: platform.fingerprint.engine,
      };

const makeDirtThreshold = (options: DynamicVatOptions): DirtThreshold => {
  if (options.neverReap) return { never: true };
  return {
    ...(options.reapInterval !== undefined && { deliveries: options.reapInterval }),
    ...(options.reapGCKrefs !== undefined && { gcKrefs: options.reapGCKrefs }),
  };
};

/** Only local workers let a vat take deliveries itself. */
const chooseManagerType = (state: KernelState, options: DynamicVatOptions): ManagerType =>
  options.enableSetup
    ? 'local'
    : ((options.managerType as ManagerType | undefined) ?? state.settings.defaultManagerType);

/** The record of options as it is stored, from those a vat is created with. */
export const makeVatOptions = (
  ports: Pick<IncarnationPorts, 'platform' | 'imageID' | 'state'>,
  options: DynamicVatOptions,
): VatOptions => ({
  workerOptions: makeWorkerOptions(ports, chooseManagerType(ports.state, options)),
  ...(options.name !== undefined && { name: options.name }),
  enableSetup: options.enableSetup ?? false,
  enablePipelining: options.enablePipelining ?? false,
  enableDisavow: options.enableDisavow ?? false,
  useTranscript: options.useTranscript ?? true,
  reapDirtThreshold: makeDirtThreshold(options),
  critical: options.critical ?? false,
  ...(options.meterID !== undefined && { meterID: options.meterID as VatOptions['meterID'] }),
  limits: makeRecordedLimits(
    ports.state,
    chooseManagerType(ports.state, options),
    options.meterID !== undefined,
  ),
});
