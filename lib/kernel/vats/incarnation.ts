/**
 * The lives of a vat: ends one incarnation and starts the next. Upgrade, restart, late start and
 * resume all replace an incarnation here.
 * Source: SwingSet docs `vat-upgrade.md`; design.md 4, "Restarting one vat".
 *
 * Boundary: changes the vat's tables and its worker. Whether the changes are kept is for the outcome
 * of the crank to say.
 */
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
import { saveDueSnapshot } from './due-snapshot.js';
import { restoreRootObject } from './root-object.js';
import { forgetFirstStart } from './unborn.js';
import { adoptCurrentPlatform, type PlatformPorts } from './vat-options.js';

/** The part of the warehouse that ends and starts incarnations. */
export type IncarnationWarehouse = Pick<
  VatWarehouse,
  | 'deliver'
  | 'getIncarnation'
  | 'startIncarnation'
  | 'endIncarnation'
  | 'heapSize'
  | 'isSnapshotDue'
  | 'saveSnapshot'
>;

export interface IncarnationPorts extends DeliverPorts, PlatformPorts {
  readonly warehouse: IncarnationWarehouse;
}

/** What the end of an incarnation did to those who knew the vat. */
export interface IncarnationEnd {
  /** The number of the next incarnation. */
  readonly incarnation: number;
  readonly promisesRejected: number;
  readonly abandoned: readonly ObjectKRef[];
}

/**
 * Rejects every promise that the vat decides. With `tellVat`, its next incarnation hears of those to
 * which it has subscribed, and forgets the others. With `mayPanic`, promises with policy `panic` stop
 * the kernel.
 *
 * @returns how many promises there were
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
  const hearsOf = (kpid: PromiseKRef) =>
    state.promises.getUnresolved(kpid).subscribers.includes(vatID);
  // No notification would delete their c-list entries (Agoric/agoric-sdk `processUpgradeVat`).
  const forgotten = tellVat ? decided.filter(kpid => !hearsOf(kpid)) : [];
  queue.resolve(
    vatID,
    decided.map(kpid => [kpid, true, reason]),
    { tellDecider: tellVat, mayPanic },
  );
  for (const kpid of forgotten) state.clist(vatID).delete(kpid);
  return decided.length;
};

/** Orphans every export but the root and the durable ones. */
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
 * The rejection of the promises of an ended incarnation, with that incarnation's number (SwingSet's
 * `upgrade-api`). The answer to an upgrade has the number of the new one instead.
 */
const makeDisconnection = (upgradeMessage: string, incarnationNumber: number) =>
  kser({ name: 'vatUpgraded', upgradeMessage, incarnationNumber });

/**
 * A vat without a transcript keeps everything in its vatstore and gets a fresh worker at any time.
 * None of its promises and exports dies with a worker.
 */
export const outlivesWorkers = (state: KernelState, vatID: VatID): boolean =>
  !state.vats.getOptions(vatID).useTranscript;

export interface EndOptions {
  /** What holders of the vat's promises are told. */
  readonly upgradeMessage: string;
  /** False: a rejected promise with policy `panic` doesn't stop the kernel. */
  readonly mayPanic?: boolean;
}

/**
 * Ends the present incarnation (promises, exports, transcript, snapshot, worker) and records the
 * running platform for the next one. A suspended vat has no incarnation to end.
 */
export const endIncarnation = async (
  ports: IncarnationPorts,
  vatID: VatID,
  { upgradeMessage, mayPanic = true }: EndOptions,
): Promise<IncarnationEnd> => {
  const { state, warehouse } = ports;
  const present = warehouse.getIncarnation(vatID);
  if (state.services.isSuspended(vatID)) {
    // New parameters may no longer mention a promise that the retained ones did.
    reclaimPromisesOf(state, vatID);
    adoptCurrentPlatform(ports, vatID);
    return { incarnation: present, promisesRejected: 0, abandoned: [] };
  }
  let promisesRejected = 0;
  let abandoned: readonly ObjectKRef[] = [];
  if (!outlivesWorkers(state, vatID)) {
    subscribeToWatched(state, vatID);
    const reason = makeDisconnection(upgradeMessage, present);
    promisesRejected = rejectDecidedPromises(ports, vatID, reason, { tellVat: true, mayPanic });
    abandoned = abandonEphemeralExports(state, vatID);
    reclaimPromisesOf(state, vatID);
  }
  // From now on, messages to the root wait for the next incarnation, however late it starts.
  restoreRootObject(state, vatID);
  // The dead worker's heap needs no BOYD any more; durable exports are looked at again.
  state.gc.unscheduleReap(vatID);
  state.vats.setReapDirt(vatID, {});
  state.vats.setHeapSizes(vatID, undefined);
  const incarnation = await warehouse.endIncarnation(vatID);
  adoptCurrentPlatform(ports, vatID);
  return { incarnation, promisesRejected, abandoned };
};

/** What the vat did at its start, and how much its earlier incarnations had left behind. */
export type StartResult = DeliveryResult & { readonly reclaimed?: Reclaimed };

/**
 * Starts the incarnation whose transcript is still empty. Reclaims what earlier incarnations left
 * behind, starts a worker and delivers `startVat` with the retained parameters.
 */
export const startIncarnation = async (
  ports: IncarnationPorts,
  vatID: VatID,
  options: DeliverOptions = {},
): Promise<StartResult> => {
  const { state, warehouse } = ports;
  if (warehouse.getIncarnation(vatID) === 0) forgetFirstStart(state, vatID);
  // Such a vat starts once. Its next worker comes with its next delivery.
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

export interface ReplaceOptions extends EndOptions {
  /** Changes what the next incarnation starts with. */
  readonly between?: () => void | Promise<void>;
  /** Called after the start, before a snapshot that is due. */
  readonly started?: () => void | Promise<void>;
  readonly delivery?: DeliverOptions;
}

export interface Replacement {
  readonly end: IncarnationEnd;
  readonly start: StartResult;
}

/**
 * Replaces the vat's incarnation: ends the present one, adopts the running platform, reclaims, and
 * starts the next one. A snapshot that is due at once belongs to the start: a vat that fails at it
 * can't come online again, so it has failed to start. A critical vat that exits at its start has
 * failed.
 */
export const replaceIncarnation = async (
  ports: IncarnationPorts,
  vatID: VatID,
  { between, started, delivery, ...ending }: ReplaceOptions,
): Promise<Replacement> => {
  const end = await endIncarnation(ports, vatID, ending);
  await between?.();
  const delivered = await startIncarnation(ports, vatID, delivery);
  await started?.();
  const start = await withFirstSnapshot(ports, vatID, delivered);
  const { critical } = ports.state.vats.getOptions(vatID);
  return { end, start: critical ? exitIsFailure(start) : start };
};

/** The start, or what the vat did instead at the snapshot after it. */
const withFirstSnapshot = async (
  ports: IncarnationPorts,
  vatID: VatID,
  start: StartResult,
): Promise<StartResult> => {
  if (start.kind !== 'completed') return start;
  const lost = await saveDueSnapshot(ports, vatID);
  return lost ? { ...start, ...lost, computrons: start.computrons } : start;
};

const exitIsFailure = (start: StartResult): StartResult =>
  start.kind === 'exited' ? { ...start, kind: 'failed', cause: 'exit', bill: undefined } : start;
