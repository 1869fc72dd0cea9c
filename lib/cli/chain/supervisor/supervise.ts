/**
 * Runs an application and its engine as one node: two processes that start and end together.
 *
 * Invariants
 * 1. The engine starts when the application listens, and ends before it.
 * 2. When either ends by itself, with whatever exit code, the other is stopped, and both start
 *    again. An engine whose application died exits with code 0.
 * 3. What another start can't mend ends the supervision: an upgrade that needs other software, a
 *    refusal of the application, and a node that ends at once again and again.
 * 4. No child outlives the supervision. One that ignores SIGTERM is killed.
 */
import { makeBackoff } from './backoff.js';
import type { BackoffPolicy } from './backoff.js';
import { describeExit, stopChild } from './child.js';
import type { Child, Exit } from './child.js';
import type { HealthWatch } from './health.js';
import { isAppMessage } from './messages.js';
import type { AppMessage } from './messages.js';

export type Outcome =
  | { readonly kind: 'stopped' }
  /** The next block needs other software. The message says which. */
  | { readonly kind: 'upgrade-needed'; readonly message: string }
  /** The application refused to run. */
  | { readonly kind: 'refused'; readonly message: string }
  /** The node ended again and again. */
  | { readonly kind: 'gave-up'; readonly message: string };

export interface SuperviseOptions {
  readonly startApp: (onMessage: (message: unknown) => void) => Child;
  readonly startEngine: () => Child;
  /** Ends the supervision. */
  readonly stop: AbortSignal;
  readonly watch: HealthWatch;
  /** One line for the operator. */
  readonly log: (line: string) => void;
  readonly now: () => number;
  /** How long a process may take to end. */
  readonly graceMs: number;
  readonly backoff?: BackoffPolicy;
}

interface Ended {
  /** Who ended first, and how. Undefined if the supervision was stopped. */
  readonly first?: { readonly part: 'application' | 'engine'; readonly exit: Exit };
  readonly last: AppMessage | undefined;
  readonly committed: boolean;
}

/** Resolves when `signal` is aborted. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Resolves after `ms`, or when `signal` is aborted. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });

const runOnce = async (options: SuperviseOptions, stopped: Promise<void>): Promise<Ended> => {
  const { startApp, startEngine, watch, log, graceMs } = options;
  let last: AppMessage | undefined;
  let committed = false;
  let isListening: () => void = () => undefined;
  const listening = new Promise<void>(resolve => {
    isListening = resolve;
  });
  const onMessage = (message: unknown): void => {
    if (!isAppMessage(message)) return;
    if (message.type === 'listening') isListening();
    else if (message.type === 'committed') {
      committed = true;
      watch.committed(message.height);
    } else last = message;
  };

  const app = startApp(onMessage);
  const parts: (readonly ['application' | 'engine', Child])[] = [['application', app]];
  const endOf = ([part, { exited }]: (typeof parts)[number]) =>
    exited.then(exit => ({ part, exit }));
  let first = await Promise.race([
    listening.then(() => 'listening' as const),
    stopped,
    ...parts.map(endOf),
  ]);
  if (first === 'listening') {
    parts.push(['engine', startEngine()]);
    watch.setPhase('running');
    first = await Promise.race([stopped, ...parts.map(endOf)]);
  }
  // The engine before the application, so that it does not see its connections close.
  for (const [part, child] of parts.toReversed()) {
    if (await stopChild(child, graceMs)) log(`the ${part} ignored SIGTERM, and was killed`);
  }
  return { ...(first && { first }), last, committed };
};

const reasonOf = ({ first, last }: Ended): string => {
  const own = last?.type === 'failed' ? `: ${last.message}` : '';
  return first ? `the ${first.part} ${describeExit(first.exit)}${own}` : 'stopped';
};

/** Resolves when the node has ended for good. */
export const supervise = async (options: SuperviseOptions): Promise<Outcome> => {
  const { stop, watch, log, now } = options;
  const decide = makeBackoff(options.backoff);
  const stopped = aborted(stop);
  for (;;) {
    const startedAt = now();
    watch.setPhase('starting');
    const ended = await runOnce(options, stopped);
    if (ended.last?.type === 'upgrade-needed') {
      return { kind: 'upgrade-needed', message: ended.last.message };
    }
    if (stop.aborted) return { kind: 'stopped' };
    if (ended.last?.type === 'failed' && ended.last.permanent) {
      return { kind: 'refused', message: ended.last.message };
    }
    const reason = reasonOf(ended);
    const decision = decide({ ms: now() - startedAt, committed: ended.committed });
    if (decision.kind === 'give-up') return { kind: 'gave-up', message: reason };
    log(`${reason}; both start again in ${decision.delayMs / 1000} s`);
    watch.setPhase(`restarting: ${reason}`);
    await pause(decision.delayMs, stop);
    if (stop.aborted) return { kind: 'stopped' };
  }
};
