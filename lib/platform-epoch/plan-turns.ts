/**
 * What a planned restart will do with each vat, as far as nothing needs to run for it. Whether a vat
 * starts shows only when it is tried: `rehearse.ts` does that on a copy.
 *
 * Boundary: reads tables and writes nothing. The choices are those that the restart itself makes.
 */
import { fateOf, type Fate } from '../kernel/vats/fate.js';
import type { VatID } from '../types/ids.js';
import { turnKindOf, type TurnKind } from './attempt-restart.js';
import type { LiveVat, PlanParts } from './live-vats.js';
import { startsLater, type RestartPlan } from './plan-restart.js';

export interface PlannedVat extends LiveVat {
  /**
   * `exempt`: it keeps its incarnation. `unstarted`: its first start is still queued. `restarts`: it
   * starts afresh at once. `sleeps`: it starts afresh with its next delivery. `held`: it stays
   * suspended, because somebody asked for that. `fails`: it has no parameters to start with.
   */
  readonly action: 'exempt' | 'unstarted' | 'restarts' | 'sleeps' | 'held' | 'fails';
  /** `none`: it never retained any, and none are given. */
  readonly parameters: 'given' | 'retained' | 'none';
  /** What becomes of it if it can't start. `panic`: the boot fails, and commits nothing. */
  readonly fate: Fate;
  /** Events in the queues that would go to it now. */
  readonly queued: number;
  /** Events that wait until it is back in service. */
  readonly waiting: number;
}

const actionOf = (
  kind: TurnKind,
  isSuspended: boolean,
  parameters: PlannedVat['parameters'],
): PlannedVat['action'] => {
  switch (kind) {
    case 'outlives-workers':
      return isSuspended ? 'held' : 'restarts';
    case 'replaced':
      return parameters === 'none' ? 'fails' : 'restarts';
    case 'unstarted':
    case 'held':
    case 'sleeps':
      return kind;
    default:
      return kind satisfies never;
  }
};

/** Vats that an earlier boot gave new parameters, in a restart that this one resumes. */
const givenBefore = ({ lifecycle: { state } }: PlanParts, { decision }: RestartPlan): Set<VatID> =>
  new Set(decision.kind === 'resume' ? state.platformEpochs.given() : []);

/** In the order of the vats' turns. */
export const planTurns = (parts: PlanParts, plan: RestartPlan): readonly PlannedVat[] => {
  const { lifecycle } = parts;
  const { state } = lifecycle;
  const before = givenBefore(parts, plan);
  return plan.vats.map(vat => {
    const { vatID } = vat;
    const isGiven = plan.parameters.given.has(vatID) || before.has(vatID);
    const hasRetained = state.vats.getParameters(vatID) !== undefined;
    const parameters = isGiven ? 'given' : hasRetained ? 'retained' : 'none';
    const request = { vatID, startLater: startsLater(plan, vat) };
    const kind = turnKindOf(lifecycle, request, parameters !== 'none');
    return {
      ...vat,
      action: plan.exempt.has(vatID)
        ? 'exempt'
        : actionOf(kind, state.services.isSuspended(vatID), parameters),
      parameters,
      fate: fateOf(vat, plan.deciding.onVatFailure),
      queued: plan.queued.queuedByVat[vatID] ?? 0,
      waiting: state.services.isPaused(vatID) ? state.waiting.count(vatID) : 0,
    };
  });
};
