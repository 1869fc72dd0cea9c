/** State in memory that follows the savepoints of a crank. */
export interface CrankLayer {
  /** Starts a layer, which `rollback` can discard. */
  mark(): void;
  /** Discards every layer after the first `depth + 1`. */
  rollback(depth: number): void;
  /** Merges all layers into one. */
  merge(): void;
}
