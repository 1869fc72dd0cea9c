/** What a run must show. */
import { kinds } from './kinds/all.js';
import type { Kind } from './kinds/kind.js';
import type { LoadReport } from './orders.js';
import type { RunReport } from './run-load.js';

/** Answers that any request may get: there are bounds on rates. */
const ALWAYS = ['429'];

/** The first part of the samples, in which heaps and caches grow to their size. */
const WARM_UP = 1 / 6;

/** How much higher the last third's median may be. */
const GROWTH = { share: 0.1, bytes: 20_000_000 };

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Medians of the resident set after the warm-up. */
export const thirdsOf = (memory: readonly number[]): readonly [first: number, last: number] => {
  const warm = memory.slice(Math.floor(memory.length * WARM_UP));
  const third = Math.floor(warm.length / 3);
  return [medianOf(warm.slice(0, third)), medianOf(warm.slice(-third))];
};

/** Of one kind: each answer is one that the server promises, and one at least has come. */
const faultsOfKind = (
  { name, promised, allowed = [] }: Kind,
  outcomes: LoadReport['outcomes'],
): string[] => {
  const counts = outcomes[name] ?? {};
  const known = [...promised, ...allowed, ...ALWAYS];
  const faults = Object.entries(counts)
    .filter(([outcome]) => !known.includes(outcome))
    .map(([outcome, count]) => `${name}: ${count} times ${outcome}`);
  const isShown = promised.some(outcome => (counts[outcome] ?? 0) > 0);
  return isShown ? faults : [...faults, `${name}: never ${promised.join(' or ')}`];
};

const faultsOfSends = ({ sends, total }: LoadReport): string[] => {
  const { accepted, uncertain, read, different, highest } = sends;
  const faults: string[] = [];
  if (accepted === 0) faults.push('no message was taken');
  if (read !== accepted) faults.push(`${accepted} messages were taken, and ${read} results read`);
  if (different !== read) faults.push(`of ${read} results, only ${different} differ`);
  if (highest > total) faults.push(`a result of ${highest}, but a total of ${total}`);
  if (total < accepted || total > accepted + uncertain) {
    faults.push(`${accepted} messages taken and ${uncertain} perhaps, but a total of ${total}`);
  }
  return faults;
};

const faultsOfHost = ({ files, end, verified, blocks }: RunReport): string[] => {
  const faults: string[] = [];
  if (files.after > files.before) {
    faults.push(`${files.before} open files before, ${files.after} after`);
  }
  if (end.how[0] !== 0) faults.push(`the host ended with ${end.how.join(' ')}`);
  if (end.stderr !== '') faults.push(`the host printed ${end.stderr}`);
  if (verified.code !== 0) faults.push(`store verify: ${verified.text}`);
  if (blocks.gaps > 0) faults.push(`subscribers missed ${blocks.gaps} blocks`);
  if (blocks.heard === 0) faults.push('no block was made');
  return faults;
};

/** What is wrong, in words; nothing for a run as it must be. */
export const faultsOf = (report: RunReport): readonly string[] => [
  ...kinds.flatMap(kind => faultsOfKind(kind, report.outcomes)),
  ...faultsOfSends(report),
  ...faultsOfHost(report),
];

/** What else a run of a minute must show: memory stays flat, and blocks come all the time. */
export const faultsInTheLong = ({ memory, blocks }: RunReport): readonly string[] => {
  const [first, last] = thirdsOf(memory);
  const faults: string[] = [];
  if (last > first * (1 + GROWTH.share) + GROWTH.bytes) {
    faults.push(`memory rose from ${first} to ${last} bytes`);
  }
  blocks.tenths.forEach((count, index) => {
    if (count === 0) faults.push(`no block in tenth ${index + 1} of the load`);
  });
  return faults;
};
