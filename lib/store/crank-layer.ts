/** In-memory state that follows the savepoints. */
export interface CrankLayer {
  /** Starts a layer that `rollback` can throw away. */
  mark(): void;
  /** Throws away all layers after the first `depth + 1`. */
  rollback(depth: number): void;
  /** Merges all layers into one. */
  merge(): void;
}
