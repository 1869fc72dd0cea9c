/**
 * Deletes what a terminated vat left behind, slowly, within a budget per crank.
 * Source: SwingSet docs `run-policy.md`, "Terminated-Vat Cleanup".
 */
import type { KernelState } from '../../state/kernel-state.js';
import { isObjectKRef, isPromiseKRef, type KRef, type VatID } from '../../types/ids.js';
import type { KernelStorage } from '../../store/types.js';
import type { CrankOutcome } from '../delivery/outcome.js';
import type { KernelSlog } from '../delivery/slog.js';
import type { CleanupBudget } from '../../types/policies.js';

export type CleanupKind = 'exports' | 'imports' | 'promises' | 'kv' | 'snapshots' | 'transcripts';

/** Without limits: the whole vat in one crank. */
export const UNLIMITED_BUDGET: CleanupBudget = { default: Infinity };

interface CleanupPorts {
  readonly slog: KernelSlog;
  readonly state: KernelState;
  readonly kernelStorage: KernelStorage;
}

const deleteEntries = (
  state: KernelState,
  vatID: VatID,
  prefixes: readonly string[],
  budget: number,
): number => {
  const clist = state.clist(vatID);
  let deleted = 0;
  for (const prefix of prefixes) {
    for (const [, kref] of clist.entriesByVRef(prefix)) {
      if (deleted >= budget) return deleted;
      deleteEntry(state, vatID, kref);
      deleted += 1;
    }
  }
  return deleted;
};

const deleteEntry = (state: KernelState, vatID: VatID, kref: KRef): void => {
  const clist = state.clist(vatID);
  const { isExport } = clist.getRequiredEntry(kref);
  // Others may hold the promise for long. It must not list a subscriber that is gone.
  if (isPromiseKRef(kref) && state.promises.getState(kref) === 'unresolved') {
    state.promises.removeSubscriber(kref, vatID);
  }
  clist.delete(kref);
  if (isExport && isObjectKRef(kref) && state.objects.getOwner(kref) === vatID) {
    state.objects.orphan(kref, vatID);
    state.refs.addMaybeFree(kref);
  }
};

/** Spends the budget on one vat, kind by kind, and forgets the vat when nothing is left of it. */
export const cleanupTerminatedVat = (
  { state, kernelStorage, slog }: CleanupPorts,
  vatID: VatID,
  budget: CleanupBudget,
): CrankOutcome => {
  const { snapStore, transcriptStore } = kernelStorage;
  const limitOf = (kind: CleanupKind): number => budget[kind] ?? budget.default ?? Infinity;
  const stores = (cleanup: typeof snapStore.deleteVatSnapshots) => (limit: number) =>
    cleanup(vatID, limit).cleanups;
  const phases: readonly (readonly [CleanupKind, (limit: number) => number])[] = [
    ['exports', limit => deleteEntries(state, vatID, ['o+'], limit)],
    ['imports', limit => deleteEntries(state, vatID, ['o-', 'd-'], limit)],
    ['promises', limit => deleteEntries(state, vatID, ['p+', 'p-'], limit)],
    ['kv', limit => state.deleteVatRows(vatID, limit)],
    ['snapshots', stores((id, limit) => snapStore.deleteVatSnapshots(id, limit))],
    ['transcripts', stores((id, limit) => transcriptStore.deleteVatTranscripts(id, limit))],
  ];
  // Hosts subtract each kind from their budget, so kinds without a turn are listed too.
  const cleanups: Record<string, number> = Object.fromEntries(phases.map(([kind]) => [kind, 0]));
  let total = 0;
  let done = true;
  for (const [kind, spend] of phases) {
    const limit = limitOf(kind);
    const spent = limit > 0 ? spend(limit) : 0;
    cleanups[kind] = spent;
    total += spent;
    // A phase that used up its share may have left something, so later ones wait their turn.
    if (spent >= limit) {
      done = false;
      break;
    }
  }
  const work = Object.fromEntries(Object.entries(cleanups).filter(([, count]) => count > 0));
  if (total > 0) slog.write({ type: 'vat-cleanup', vatID, work });
  if (done) {
    state.vats.forgetTerminated(vatID);
    slog.write({ type: 'vat-cleanup-complete', vatID });
  }
  return { kind: 'done', policy: { call: 'cleanup', cleanups: { total, ...cleanups } } };
};
