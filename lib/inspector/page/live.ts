/**
 * The clock of the page. While the page is seen, one request waits for the next commit; each view
 * then asks again for what it shows, and keeps the old answer until the new one is there.
 */
import { useEffect, useState } from 'preact/hooks';
import type { PulseAnswer } from '../answers.js';
import { ask, type AnswerError } from './api.js';

export interface Pulse extends Omit<PulseAnswer, 'crankNumber'> {
  readonly crankNumber: number | undefined;
  /** Why the page does not follow the store at present. */
  readonly problem: AnswerError | undefined;
}

const WAIT_SECONDS = 20;
const RETRY_MS = 2_000;

let pulse: Pulse = {
  version: 0,
  crankNumber: undefined,
  storeProblem: null,
  server: null,
  mayAct: false,
  problem: undefined,
};
const listeners = new Set<(pulse: Pulse) => void>();

const tell = (next: Pulse): void => {
  pulse = next;
  for (const listener of listeners) listener(pulse);
};

const isSeen = (): boolean => document.visibilityState === 'visible';

const untilSeen = (): Promise<void> =>
  new Promise(resolve => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true });
  });

const follow = async (): Promise<never> => {
  let unseen = new AbortController();
  document.addEventListener('visibilitychange', () => {
    // A browser opens few connections to one server, so a tab in the background keeps none.
    if (!isSeen()) unseen.abort();
    else unseen = new AbortController();
  });
  for (;;) {
    if (!isSeen()) {
      await untilSeen();
      continue;
    }
    const { signal } = unseen;
    try {
      const wait = pulse.problem ? 0 : WAIT_SECONDS;
      const path = `/api/pulse?after=${pulse.version}&wait=${wait}`;
      tell({ ...(await ask<PulseAnswer>(path, signal)), problem: undefined });
    } catch (error) {
      if (signal.aborted) continue;
      tell({ ...pulse, problem: error as AnswerError });
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
  }
};

export const startPulse = (): void => void follow();

export const usePulse = (): Pulse => {
  const [current, setCurrent] = useState(pulse);
  useEffect(() => {
    setCurrent(pulse);
    listeners.add(setCurrent);
    return () => void listeners.delete(setCurrent);
  }, []);
  return current;
};

export interface Answer<T> {
  readonly data: T | undefined;
  readonly problem: AnswerError | undefined;
}

interface Kept<T> extends Answer<T> {
  readonly path: string;
}

/** The answer to a path, asked for again after each commit. */
export const useAnswer = <T>(path: string): Answer<T> => {
  const { version } = usePulse();
  const [kept, setKept] = useState<Kept<T>>({ path, data: undefined, problem: undefined });
  useEffect(() => {
    const gone = new AbortController();
    const load = async (): Promise<void> => {
      try {
        setKept({ path, data: await ask<T>(path, gone.signal), problem: undefined });
      } catch (error) {
        if (gone.signal.aborted) return;
        const problem = error as AnswerError;
        // The old answer stays while the server is away.
        setKept(old =>
          old.path === path && problem.code === 'NO_SERVER'
            ? { ...old, problem }
            : { path, data: undefined, problem },
        );
      }
    };
    void load();
    return () => gone.abort();
  }, [path, version]);
  return kept.path === path ? kept : { data: undefined, problem: undefined };
};
