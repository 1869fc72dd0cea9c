/** Restarts of realistic vats: a job for each swingset and each way to restart it. */
import type { SlogEntry } from '../../lib/types/slog.js';
import { costOf, startStopwatch, type Cost } from '../harness/stopwatch.js';
import type { Context, Job, Sample } from '../harness/types.js';
import type { Swingset } from '../swingset.js';
import { phasesOf } from './phases.js';
import type { Subject } from './subject.js';
import { figureKey } from './figures.js';

export interface Way {
  readonly name: string;
  readonly title: string;
  readonly options: { readonly mode: 'eager' | 'lazy'; readonly concurrency?: number };
}

export const WAYS: readonly Way[] = [
  { name: 'eager', title: 'eager, one by one', options: { mode: 'eager' } },
  { name: 'concurrent', title: 'eager, two at once', options: { mode: 'eager', concurrency: 2 } },
  { name: 'lazy', title: 'lazy', options: { mode: 'lazy' } },
];

interface Restarted {
  readonly swingset: Swingset;
  readonly restart: Cost;
  readonly slog: readonly SlogEntry[];
}

const restart = async (subject: Subject, way: Way, context: Context): Promise<Restarted> => {
  const slog: SlogEntry[] = [];
  let read = (): Cost => ({ ms: 0, cpuMs: 0 });
  let cost = read();
  const swingset = await subject.boot(context, {
    platformEpoch: 2,
    platformRestart: {
      ...way.options,
      onRestartProgress: ({ phase }: { readonly phase: string }) => {
        if (phase === 'start') read = startStopwatch();
        else if (phase === 'finish') cost = read();
      },
    },
    // Without a listener the kernel makes no entries. Those of syscalls are too many to keep.
    ...(way.name === 'eager' && {
      slogSender: (entry: SlogEntry) => {
        if (!entry.type.startsWith('syscall')) slog.push(entry);
      },
    }),
  });
  return { swingset, restart: cost, slog };
};

const measure = async (subject: Subject, way: Way, context: Context): Promise<Sample> => {
  const { swingset, restart: cost, slog } = await restart(subject, way, context);
  const commit = await costOf(swingset.commit);
  const firstCall = await costOf(() => subject.firstCall(swingset));
  await swingset.close();
  const byVat = phasesOf(slog).flatMap(({ name, phases }) =>
    Object.entries(phases).map(([phase, ms]) => [figureKey(name, phase), ms] as const),
  );
  return {
    ...{ restart: cost.ms, cpu: cost.cpuMs, commit: commit.ms, firstCall: firstCall.ms },
    ...Object.fromEntries(byVat),
  };
};

const measureLimit = async (subject: Subject, way: Way, context: Context): Promise<Sample> => {
  const { swingset } = await restart(subject, way, context);
  const { measureBarePhases } = await import('./bare-phases.js');
  return measureBarePhases(swingset);
};

/** The job of a subject and a way. The limit of all ways is that of the eager one. */
export const restartJob = (subject: Subject, way: Way): Job => ({
  name: `${subject.name}-${way.name}`,
  fixture: subject.fixture,
  measure: context => measure(subject, way, context),
  ...(way.name === 'eager' && {
    limit: {
      title: 'bare worker',
      measure: (context: Context) => measureLimit(subject, way, context),
    },
  }),
});
