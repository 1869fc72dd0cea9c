/** What the reports of a rehearsal say in the same words, on a page and in a terminal. */
import { isFailure, type RehearsalReport, type VatPlatform } from './rehearsal-types.js';

export const describePlatform = ({ worker, engine, supervisor }: VatPlatform): string => {
  if (worker === 'local') return 'local';
  const parts = [engine ?? `${worker}, engine not recorded`];
  if (supervisor !== undefined) parts.push(`supervisor ${supervisor.slice(0, 11)}`);
  return parts.join(', ');
};

/** One sentence: will the restart go well? */
export const describeVerdict = (report: RehearsalReport): string => {
  const { ok, vats, problem, left, to, decision } = report;
  if (decision === 'current') return `The store is at platform epoch ${to}: nothing restarts`;
  if (decision === 'baseline') return `No vat has run yet: platform epoch ${to} restarts nothing`;
  const failures = vats.filter(isFailure);
  if (ok) {
    const restarted = vats.filter(({ result }) => result === 'restarted').length;
    return `${restarted} of ${vats.length} vats restart, none fails`;
  }
  if (left > 0) {
    const done = `${vats.length} of ${vats.length + left} vats`;
    return `The restart broke off after ${done}, ${failures.length} of which can't start`;
  }
  if (failures.length === 0) return 'All vats restart, but the kernel would refuse to go on';
  const consequence = problem === undefined ? '' : ': the kernel would refuse to go on';
  return `${failures.length} of ${vats.length} vats can't start${consequence}`;
};
