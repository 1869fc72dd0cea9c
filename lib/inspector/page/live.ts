/**
 * The clock of the page. While the page is seen, one request waits for the next commit; each view
 * then asks again for what it shows, and keeps the old answer until the new one is there.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
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

/** Asking again can't help: it is the question that is refused. */
const FINAL: readonly string[] = ['BAD_REQUEST', 'NOT_FOUND', 'NO_ROUTE', 'UNAUTHORIZED'];

/** The old answer stays meanwhile, with what a person has typed into it. */
const PASSING: readonly string[] = ['NO_SERVER', 'TOO_MANY_REQUESTS'];

interface Loader {
  /** Asks, or asks once more when the answer under way is there. */
  readonly load: () => void;
  readonly end: () => void;
}

/**
 * Asks for a path, one request at a time: an answer that takes longer than the store takes for a
 * commit is still shown. After a failure it asks again by itself, because there may be no commit.
 */
const makeLoader = <T>(path: string, keep: (change: (old: Kept<T>) => Kept<T>) => void): Loader => {
  const gone = new AbortController();
  let isAsking = false;
  let isStale = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const askOnce = async (): Promise<void> => {
    try {
      const data = await ask<T>(path, gone.signal);
      keep(() => ({ path, data, problem: undefined }));
    } catch (error) {
      if (gone.signal.aborted) return;
      const problem = error as AnswerError;
      keep(old =>
        old.path === path && PASSING.includes(problem.code)
          ? { ...old, problem }
          : { path, data: undefined, problem },
      );
      if (!FINAL.includes(problem.code)) retry = setTimeout(load, RETRY_MS);
    }
  };
  const keepUp = async (): Promise<void> => {
    isAsking = true;
    do {
      isStale = false;
      clearTimeout(retry);
      await askOnce();
    } while (isStale && !gone.signal.aborted);
    isAsking = false;
  };
  const load = (): void => {
    isStale = true;
    if (!isAsking) void keepUp();
  };
  const end = (): void => {
    clearTimeout(retry);
    gone.abort();
  };
  return { load, end };
};

/** The answer to a path, asked for again after each commit. */
export const useAnswer = <T>(path: string): Answer<T> => {
  const { version } = usePulse();
  const [kept, setKept] = useState<Kept<T>>({ path, data: undefined, problem: undefined });
  const loader = useRef<Loader>(undefined);
  useEffect(() => {
    const made = makeLoader<T>(path, setKept);
    loader.current = made;
    return made.end;
  }, [path]);
  useEffect(() => loader.current?.load(), [path, version]);
  return kept.path === path ? kept : { data: undefined, problem: undefined };
};
