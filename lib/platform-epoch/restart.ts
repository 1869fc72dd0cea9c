/**
 * Carries out the restart of all vats for a new platform epoch (design.md 4).
 *
 * Boundary: runs before any worker is preloaded and before any queued work. Each vat is a crank of
 * its own, in vatID order; the ledger is written in cranks as well, so that it is hashed like all
 * kernel state.
 *
 * Invariants
 * 1. A vat stands in the done list when the crank that restarted it ends: a boot after a crash
 *    resumes with the others.
 * 2. A failing vat stops neither the rest nor the kernel, unless the policy or its being critical
 *    says so, and then only after every vat was tried.
 */
import { BadOptionError } from '../errors.js';
import type { PlatformRestartPort, VatRestartOutcome } from '../kernel/types.js';
import type { PlatformEpochTable } from '../state/platform-epochs.js';
import type { VatID } from '../types/ids.js';
import { kindOf } from './decide.js';
import { CriticalRestartError, RestartFailedError } from './errors.js';
import type {
  PlatformEpochDecision,
  PlatformRestartOptions,
  PlatformRestartReport,
  VatRestartResult,
} from './types.js';

type ActiveDecision = Extract<PlatformEpochDecision, { kind: 'advance' | 'resume' }>;

const insistExempt = (port: PlatformRestartPort, exempt: readonly string[]): ReadonlySet<VatID> => {
  const vats = port.liveVats();
  const vatIDs = exempt.map(nameOrID => {
    const vat = vats.find(({ vatID, name }) => vatID === nameOrID || name === nameOrID);
    if (!vat) {
      throw new BadOptionError(
        'platformRestart.exempt',
        nameOrID,
        'the name or vatID of a live vat',
      );
    }
    if (!port.isLoadable(vat.vatID)) {
      throw new BadOptionError(
        'platformRestart.exempt',
        nameOrID,
        'a vat whose platform can still be loaded',
      );
    }
    return vat.vatID;
  });
  return new Set(vatIDs);
};

const begin = (
  port: PlatformRestartPort,
  decision: ActiveDecision,
  mode: PlatformRestartReport['mode'],
): Promise<void> =>
  port.writeLedger('platform-epoch-start', epochs => {
    epochs.clearDone();
    epochs.append({
      epoch: decision.epoch,
      kind: kindOf(decision.epoch),
      startedAtCrank: port.crankNumber,
      status: 'in-progress',
      fingerprint: port.platform.fingerprint,
      mode,
      restarted: 0,
      suspended: 0,
      failed: 0,
    });
  });

/** Failures so far are counted in the ledger as they happen, so that a resumed restart has them all. */
const countResult = (epochs: PlatformEpochTable, result: VatRestartOutcome) => {
  const last = epochs.ledger().at(-1);
  if (!last) return {};
  switch (result.result) {
    case 'restarted':
      return { restarted: last.restarted + 1 };
    case 'suspended':
      return result.error === undefined
        ? { suspended: last.suspended + 1 }
        : { suspended: last.suspended + 1, failed: last.failed + 1 };
    case 'terminated':
      return { failed: last.failed + 1 };
    case 'exempt':
      return {};
    default:
      return result.result satisfies never;
  }
};

const exemptResult = (
  port: PlatformRestartPort,
  vatID: VatID,
  name: string | undefined,
): VatRestartResult => ({
  vatID,
  name,
  result: 'exempt',
  error: undefined,
  ms: 0,
  computrons: undefined,
  incarnation: port.incarnationOf(vatID),
  promisesRejected: 0,
  objectsAbandoned: 0,
  importsReclaimed: 0,
  rowsReclaimed: 0,
});

/**
 * @throws BadOptionError before any write; CriticalRestartError and RestartFailedError after every
 *   vat was tried, in which case nothing may be committed
 */
export const restartAllVats = async (
  port: PlatformRestartPort,
  decision: ActiveDecision,
  options: PlatformRestartOptions,
): Promise<PlatformRestartReport> => {
  const { mode = 'eager', onVatFailure = 'suspend', checkpoint, onRestartProgress } = options;
  const exempt = insistExempt(port, options.exempt ?? []);
  const from = decision.kind === 'advance' ? decision.from : port.epochs.ledger().at(-2)?.epoch;
  if (decision.kind === 'advance') await begin(port, decision, mode);
  const done = new Set(port.epochs.done());
  const vats = port.liveVats().filter(({ vatID }) => !done.has(vatID));
  const total = vats.length;
  port.slog({ type: 'epoch-restart-start', epoch: decision.epoch, from, mode, vats: total });
  onRestartProgress?.({ phase: 'start', index: 0, total });

  const results: VatRestartResult[] = [];
  for (const [index, { vatID, name }] of vats.entries()) {
    await port.faultPoint(`platform-restart:before:${vatID}`);
    const result = exempt.has(vatID)
      ? exemptResult(port, vatID, name)
      : await port.restartVat({
          vatID,
          upgradeMessage: `platform epoch ${decision.epoch}`,
          lastRites: mode === 'eager' && port.isLoadable(vatID),
          vatParameters: options.vatParameters?.[vatID],
          onVatFailure: onVatFailure === 'terminate' ? 'terminate' : 'suspend',
          startLater: mode === 'lazy',
          note: (epochs, outcome) => epochs.updateLast(countResult(epochs, outcome)),
        });
    results.push(result);
    port.slog({ type: 'epoch-restart-vat', epoch: decision.epoch, ...result });
    onRestartProgress?.({
      phase: 'vat',
      index: index + 1,
      total,
      vatID,
      ...(name !== undefined && { name }),
      result: result.result,
      ms: result.ms,
    });
    await port.faultPoint(`platform-restart:after:${vatID}`);
    if (checkpoint && index + 1 < total) await checkpoint();
  }
  await port.writeLedger('platform-epoch-finish', epochs => {
    // Thrown in the midst of a crank, so that the store refuses to commit what was done so far.
    insistAcceptable(port, results, onVatFailure);
    epochs.updateLast({ status: 'complete' });
    epochs.clearDone();
  });
  port.slog({ type: 'epoch-restart-finish', epoch: decision.epoch, vats: results.length });
  onRestartProgress?.({ phase: 'finish', index: total, total });
  return { from, to: decision.epoch, decision: decision.kind, mode, vats: results };
};

const insistAcceptable = (
  port: PlatformRestartPort,
  results: readonly VatRestartResult[],
  onVatFailure: PlatformRestartOptions['onVatFailure'],
): void => {
  const failures = results.flatMap(({ vatID, error }) =>
    error === undefined ? [] : [{ vatID, error }],
  );
  const critical = failures.filter(({ vatID }) => port.wasCritical(vatID));
  if (critical.length > 0) throw new CriticalRestartError(critical);
  const [first] = failures;
  if (first && onVatFailure === 'panic') throw new RestartFailedError(first.vatID, first.error);
};
