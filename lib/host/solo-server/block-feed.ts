/** Tells listeners of each block, after its commit. */
import type { SoloBlock } from './options.js';

export type BlockListener = (block: SoloBlock) => void;

export class BlockFeed {
  readonly #listeners = new Set<BlockListener>();

  /** By the promise that they wait for, so that a block looks at none of the others. */
  readonly #waits = new Map<string, Set<() => void>>();

  #waiting = 0;

  /** Those who wait for a result. */
  get waiting(): number {
    return this.#waiting;
  }

  /** It hears of all blocks that are to come. */
  subscribe(listener: BlockListener): void {
    this.#listeners.add(listener);
  }

  announce(block: SoloBlock): void {
    for (const listener of this.#listeners) listener(block);
    for (const { kpid } of block.resolved) {
      for (const end of [...(this.#waits.get(kpid) ?? [])]) end();
    }
  }

  /** Resolves with the block that brings the result of a message, or when `signal` aborts. */
  waitForResult(kpid: string, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        this.#forget(kpid, end);
        resolve();
      };
      this.#note(kpid, end);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }

  #note(kpid: string, end: () => void): void {
    const waits = this.#waits.get(kpid) ?? new Set();
    this.#waits.set(kpid, waits.add(end));
    this.#waiting += 1;
  }

  #forget(kpid: string, end: () => void): void {
    const waits = this.#waits.get(kpid);
    if (!waits?.delete(end)) return;
    this.#waiting -= 1;
    if (waits.size === 0) this.#waits.delete(kpid);
  }
}
