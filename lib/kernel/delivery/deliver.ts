/**
 * Makes one delivery to one vat: translates it, hands it to the worker, judges the result.
 *
 * Boundary: says what the vat did, and not what becomes of the crank.
 */
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import type { KernelDelivery, VatDeliveryResult } from '../../types/messages.js';
import type { VatWarehouse } from '../../workers/types.js';
import { failure, type DeliveryResult, type Failed, type Termination } from './outcome.js';
import { makeErrorData, shortenProblem } from './kmarshal.js';
import { makeBill, payBill } from './metering.js';
import { DeliverySyscalls, type SyscallPorts } from './syscalls.js';
import { VatTranslator } from './vat-translator.js';
import { orLost, WORKER_LOST, type WorkerLossPorts } from './worker-loss.js';

export interface DeliverPorts extends SyscallPorts, WorkerLossPorts {
  readonly warehouse: Pick<VatWarehouse, 'deliver'>;
}

export interface DeliverOptions {
  /**
   * Charges the vat's meter; restarts don't (design.md 4). Default: as in SwingSet, true for all
   * but housekeeping.
   */
  readonly chargeMeter?: boolean;
  /** Counts towards the vat's next BOYD. Default: true. */
  readonly makesDirt?: boolean;
}

/** Deliveries that the kernel makes in its own interest. */
const HOUSEKEEPING: ReadonlySet<KernelDelivery[0]> = new Set([
  'bringOutYourDead',
  'dropExports',
  'retireExports',
  'retireImports',
] as const);

const computronsOf = (result: VatDeliveryResult): bigint | undefined =>
  result[2] === null ? undefined : BigInt(result[2].compute);

const noteDirt = (
  state: KernelState,
  vatID: VatID,
  kd: KernelDelivery,
  computrons: bigint | undefined,
): void => {
  if (kd[0] === 'bringOutYourDead') {
    state.vats.setReapDirt(vatID, {});
    state.gc.unscheduleReap(vatID);
    return;
  }
  const threshold = {
    ...state.settings.defaultReapDirtThreshold,
    ...state.vats.getOptions(vatID).reapDirtThreshold,
  } as {
    readonly never?: true;
    readonly deliveries?: number | 'never';
    readonly gcKrefs?: number | 'never';
    readonly computrons?: number | 'never';
  };
  if (threshold.never) return;
  const isGC = kd[0] === 'dropExports' || kd[0] === 'retireExports' || kd[0] === 'retireImports';
  const added = {
    deliveries: 1,
    gcKrefs: isGC ? kd[1].length : 0,
    computrons: Number(computrons ?? 0n),
  };
  const before = state.vats.getReapDirt(vatID);
  const dirt: { deliveries?: number; gcKrefs?: number; computrons?: number } = {};
  let due = false;
  for (const kind of ['deliveries', 'gcKrefs', 'computrons'] as const) {
    const limit = threshold[kind];
    // A kind without a threshold isn't worth a row that changes with each delivery. As in SwingSet,
    // 0 means never.
    if (limit === undefined || limit === 'never' || limit === 0) continue;
    const total = (before[kind] ?? 0) + added[kind];
    if (total > 0) dirt[kind] = total;
    if (total >= limit) due = true;
  }
  state.vats.setReapDirt(vatID, dirt);
  if (due) state.gc.scheduleReap(vatID);
};

/** Makes a delivery to a live vat that isn't suspended. */
export const deliverToVat = async (
  ports: DeliverPorts,
  vatID: VatID,
  kd: KernelDelivery,
  options: DeliverOptions = {},
): Promise<DeliveryResult> => {
  const { state, warehouse, slog } = ports;
  // As in SwingSet, other deliveries are not counted.
  if (kd[0] === 'message') state.stats.count('dispatchDeliver');
  if (kd[0] === 'notify') state.stats.count('dispatchNotify');
  if (kd[0] === 'message' || kd[0] === 'notify') state.stats.count('dispatches');

  const translator = new VatTranslator(vatID, state);
  const vd = translator.deliveryToVat(kd);
  slog.deliver(vatID, kd, vd);
  const syscalls = new DeliverySyscalls(vatID, ports, translator);
  const result = await orLost(ports, () => warehouse.deliver(vatID, vd, syscalls.handle));
  if (result === 'lost') return failure(vatID, WORKER_LOST);
  slog.deliverResult(vatID, kd[0], result);

  const computrons = computronsOf(result);
  const { chargeMeter = !HOUSEKEEPING.has(kd[0]), makesDirt = true } = options;
  const bill = chargeMeter ? makeBill(ports, vatID, computrons) : undefined;
  const failed = (cause: Failed['cause'], end: Termination): Failed => ({
    kind: 'failed',
    cause,
    computrons,
    end,
    bill,
  });

  const fault = syscalls.illegal ?? faultOf(vatID, result);
  if (fault) return failed('fault', fault);
  if (bill && payBill(ports, bill)) {
    const info = makeErrorData('meter underflow, vat terminated');
    return failed('meter', { vatID, reject: true, info });
  }
  const { exit } = syscalls;
  // An exit with failure undoes the crank.
  if (exit?.reject) return failed('exit', exit);
  if (makesDirt) noteDirt(state, vatID, kd, computrons);
  return exit ? { kind: 'exited', computrons, end: exit } : { kind: 'completed', computrons };
};

const faultOf = (vatID: VatID, result: VatDeliveryResult): Termination | undefined =>
  result[0] === 'error'
    ? { vatID, reject: true, info: makeErrorData(shortenProblem(result[1])) }
    : undefined;
