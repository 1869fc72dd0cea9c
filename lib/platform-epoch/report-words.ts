/** Wording that the reports share, on a page and in a terminal. */
import type { QueuedEvents } from './queued-events.js';
import type { VatID } from '../types/ids.js';
import type { AbandonedObject } from './types.js';
import {
  isFailure,
  type CanaryReport,
  type LateFailure,
  type RehearsalReport,
  type VatPlatform,
} from './rehearsal-types.js';

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

/** Includes the causes, because a panic's own message says little. */
export const describeWithCauses = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause, message } = error;
  const knowsMore = cause instanceof Error && !message.includes(cause.message);
  return knowsMore ? `${message} (${describeWithCauses(cause)})` : message;
};

const vatsOf = (count: number): string => `${count} ${count === 1 ? 'vat' : 'vats'}`;

/** `v7 seven`. */
const labelOf = ({
  vatID,
  name,
}: {
  readonly vatID: VatID;
  readonly name?: string | undefined;
}): string => (name === undefined ? vatID : `${vatID} ${name}`);

/** `v7 seven: terminated in block 3: why`, one for each vat that failed after the restart. */
export const describeLateFailure = ({ block, result, error, ...vat }: LateFailure): string => {
  const when =
    block === undefined ? 'when it was started after the last block' : `in block ${block}`;
  return `${labelOf(vat)}${vat.critical ? ' (critical)' : ''}: ${result} ${when}: ${error}`;
};

/** One sentence about what followed the restart. */
export const describeCanary = (canary: CanaryReport): string => {
  const { blocks, blocksRun, cranks, queuedAfter, lateStarts } = canary;
  const ran =
    blocks === 0
      ? []
      : [`${blocksRun} of ${blocks} blocks ran ${cranks} cranks, ${queuedAfter} events are left`];
  const inBlocks = lateStarts.filter(({ block }) => block !== undefined).length;
  const after = lateStarts.length - inBlocks;
  const started = [
    ...(inBlocks > 0 ? [`${inBlocks} in the blocks`] : []),
    ...(after > 0 ? [`${after} after them`] : []),
  ];
  const starts = started.length > 0 ? [`sleeping vats were started: ${started.join(', ')}`] : [];
  return [...ran, ...starts].join('; ');
};

/** One sentence: will the restart go well? */
export const describeVerdict = (report: RehearsalReport): string => {
  const { ok, vats, problem, left, to, decision, canary } = report;
  if (decision === 'current') return `The store is at platform epoch ${to}: nothing restarts`;
  if (decision === 'baseline') return `No vat has run yet: platform epoch ${to} restarts nothing`;
  const failures = vats.filter(isFailure);
  if (ok) {
    const restarted = vats.filter(({ result }) => result === 'restarted').length;
    const slept = vats.filter(({ sleeps }) => sleeps).length;
    const later = slept > 0 ? `, ${slept} start later` : '';
    const blocks = canary && canary.blocks > 0 ? ` in ${canary.blocksRun} blocks` : '';
    return `${restarted} of ${vats.length} vats restart${later}, none fails${blocks}`;
  }
  if (left > 0) {
    const done = `${vats.length} of ${vats.length + left} vats`;
    return `The restart broke off after ${done}, ${failures.length} of which can't start`;
  }
  const late = canary?.lateFailures.length ?? 0;
  const failed = [
    ...(failures.length > 0 ? [`${failures.length} of ${vats.length} vats can't start`] : []),
    ...(late > 0 ? [`${vatsOf(late)} would fail after the restart`] : []),
  ];
  const stops = canary?.problem === undefined ? [] : ['the kernel would stop'];
  const refuses = problem === undefined ? stops : ['the kernel would refuse to go on'];
  if (failed.length === 0) return `All vats restart, but ${[...refuses, ...stops][0]}`;
  return [failed.join(', '), ...refuses].join(': ');
};
