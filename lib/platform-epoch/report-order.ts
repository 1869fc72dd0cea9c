/** The order in which reports show vats: worst first, then by vatID. */
import { isFailure, type RehearsalReport, type VatRehearsal } from './rehearsal-types.js';

type Ranked = Pick<
  VatRehearsal,
  'vatID' | 'result' | 'error' | 'critical' | 'objectsHeld' | 'waiting'
>;

/** 0 is worst. */
const rankOf = (vat: Ranked, failsLater: boolean): number => {
  if (isFailure(vat)) return vat.critical ? 0 : 1;
  if (failsLater) return 2;
  if (vat.objectsHeld > 0) return 3;
  return vat.result === 'restarted' || vat.result === 'unstarted' ? 5 : 4;
};

/**
 * Critical failures, other failures, vats that fail later, vats that lost objects that others hold,
 * vats that don't run, and the rest. Of equals, those that more events wait for come first.
 */
export const worstFirst = <Vat extends Ranked>({
  vats,
  canary,
}: Pick<RehearsalReport, 'canary'> & { readonly vats: readonly Vat[] }): readonly Vat[] => {
  const late = new Set(canary?.lateFailures.map(({ vatID }) => vatID));
  const ranks = new Map(vats.map(vat => [vat, rankOf(vat, late.has(vat.vatID))]));
  const rank = (vat: Vat): number => ranks.get(vat) ?? 0;
  return [...vats].sort(
    (a, b) => rank(a) - rank(b) || (isFailure(a) && isFailure(b) ? b.waiting - a.waiting : 0),
  );
};
