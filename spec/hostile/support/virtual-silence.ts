/**
 * A clock for the silence of workers: their timers wait for `pass`, while all other timers are real.
 */

/** What the kernel waits for by default, in milliseconds. No other timer is as long. */
export const SILENCE = 900_000;

class SilenceTimer {
  #left: number;

  constructor(
    readonly milliseconds: number,
    readonly ring: () => void,
  ) {
    this.#left = milliseconds;
  }

  refresh(): this {
    this.#left = this.milliseconds;
    return this;
  }

  unref(): this {
    return this;
  }

  pass(milliseconds: number): void {
    if (this.#left <= 0) return;
    this.#left -= milliseconds;
    if (this.#left <= 0) this.ring();
  }

  stop(): void {
    this.#left = 0;
  }
}

export interface VirtualSilence {
  /** Lets time pass for all workers. */
  readonly pass: (milliseconds: number) => void;
}

/** For one `describe`. */
export const useVirtualSilence = (): VirtualSilence => {
  const { setTimeout: realSet, clearTimeout: realClear } = globalThis;
  const timers = new Set<SilenceTimer>();
  before('replace the clock', () => {
    globalThis.setTimeout = ((ring: () => void, milliseconds: number, ...rest: []) => {
      if (milliseconds !== SILENCE) return realSet(ring, milliseconds, ...rest);
      const timer = new SilenceTimer(milliseconds, ring);
      timers.add(timer);
      return timer;
    }) as typeof globalThis.setTimeout;
    globalThis.clearTimeout = timer => {
      if (timer instanceof SilenceTimer) {
        timer.stop();
        timers.delete(timer);
      } else {
        realClear(timer);
      }
    };
  });
  after('restore the clock', () => {
    Object.assign(globalThis, { setTimeout: realSet, clearTimeout: realClear });
  });
  return {
    pass: milliseconds => {
      for (const timer of [...timers]) timer.pass(milliseconds);
    },
  };
};
