/**
 * Watches the height of a chain. A node whose processes live may still make no blocks: an engine
 * whose application hangs, or whose hash has diverged, keeps answering its RPC (cometbft.md).
 */

export interface Health {
  readonly healthy: boolean;
  /** The last committed height that the application told. Undefined before the first. */
  readonly height: number | undefined;
  /** How long the height has been the same. */
  readonly secondsSinceBlock: number;
  /** Why it is not healthy, or what it waits for. */
  readonly reason?: string;
}

export interface HealthWatch {
  /** The application committed a block. */
  readonly committed: (height: number) => void;
  /** What the supervisor does with the processes: `running`, `restarting`. */
  readonly setPhase: (phase: string) => void;
  readonly read: () => Health;
  /** Call it now and then. Returns a line to show when the height begins to stand still, or moves. */
  readonly tick: () => string | undefined;
}

/** How many seconds a height may stand still, unless the node's settings say otherwise. */
export const DEFAULT_STALL_SECONDS = 60;

export const makeHealthWatch = (now: () => number, stallSeconds: number): HealthWatch => {
  let height: number | undefined;
  let since = now();
  let phase = 'starting';
  let warned = false;

  const read = (): Health => {
    const secondsSinceBlock = Math.floor((now() - since) / 1000);
    const stalled = secondsSinceBlock >= stallSeconds;
    const what = height === undefined ? 'no block yet' : `the height stands still at ${height}`;
    const reasons = [
      ...(phase === 'running' ? [] : [phase]),
      ...(stalled ? [`${what}, for ${secondsSinceBlock} s`] : []),
    ];
    return {
      healthy: !stalled && phase === 'running',
      height,
      secondsSinceBlock,
      ...(reasons.length > 0 && { reason: reasons.join('; ') }),
    };
  };

  return {
    committed: next => {
      height = next;
      since = now();
    },
    setPhase: next => {
      phase = next;
    },
    read,
    tick: () => {
      const { secondsSinceBlock, reason, height: at } = read();
      const stalled = secondsSinceBlock >= stallSeconds;
      if (stalled === warned) return undefined;
      warned = stalled;
      return stalled ? `warning: ${reason}` : `the height moves again, ${at}`;
    },
  };
};
