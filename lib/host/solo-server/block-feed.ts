/** Tells listeners of each block, after its commit. */
import type { SoloBlock } from './options.js';

export type BlockListener = (block: SoloBlock) => void;

export class BlockFeed {
  readonly #listeners = new Set<BlockListener>();

  /** Returns a function that ends the subscription. */
  subscribe(listener: BlockListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  announce(block: SoloBlock): void {
    for (const listener of [...this.#listeners]) listener(block);
  }

  /** Resolves to true with the first block that `isAwaited`; to false when `signal` aborts. */
  waitFor(isAwaited: (block: SoloBlock) => boolean, signal: AbortSignal): Promise<boolean> {
    return new Promise(resolve => {
      const end = (found: boolean): void => {
        forget();
        signal.removeEventListener('abort', giveUp);
        resolve(found);
      };
      const giveUp = (): void => end(false);
      const forget = this.subscribe(block => {
        if (isAwaited(block)) end(true);
      });
      signal.addEventListener('abort', giveUp);
      if (signal.aborted) giveUp();
    });
  }
}
