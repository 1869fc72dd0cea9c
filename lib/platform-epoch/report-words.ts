/** Wording that the reports share, on a page and in a terminal. */
import type { QueuedEvents } from './queued-events.js';
import type { AbandonedObject } from './types.js';
import { isFailure, type RehearsalReport, type VatPlatform } from './rehearsal-types.js';

export const describePlatform = ({ worker, engine, supervisor }: VatPlatform): string => {
  if (worker === 'local') return 'local';
  const parts = [engine ?? `${worker}, engine not recorded`];
  if (supervisor !== undefined) parts.push(`supervisor ${supervisor.slice(0, 11)}`);
  return parts.join(', ');
};

const VATS_NAMED = 5;

/** `3 queued events (v5: 2, v7: 1)`, naming the vats with the most. */
export const describeQueued = ({ queuedEvents, queuedByVat }: QueuedEvents): string => {
  const events = queuedEvents === 1 ? '1 queued event' : `${queuedEvents} queued events`;
  const byCount = Object.entries(queuedByVat).sort(([, a], [, b]) => b - a);
  const named = byCount.slice(0, VATS_NAMED).map(([vatID, count]) => `${vatID}: ${count}`);
  const others = byCount.length - named.length;
  if (others > 0) named.push(`${others} more ${others === 1 ? 'vat' : 'vats'}`);
  return named.length > 0 ? `${events} (${named.join(', ')})` : events;
};

const describeHolders = ({ holders, asleep, queued, parametersOf }: AbandonedObject): string =>
  [
    ...holders.map(holder =>
      (asleep as readonly string[]).includes(holder) ? `${holder} (asleep)` : holder,
    ),
    ...(queued > 0 ? [`${queued} queued ${queued === 1 ? 'message' : 'messages'}`] : []),
    ...parametersOf.map(vatID => `the parameters of ${vatID}`),
  ].join(', ');

/** `ko40 "drill": v2, d7`: an abandoned object, and who holds it. */
export const describeAbandoned = (object: AbandonedObject): string => {
  const name = object.interface === undefined ? '' : ` ${JSON.stringify(object.interface)}`;
  return `${object.kref}${name}: ${describeHolders(object)}`;
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
