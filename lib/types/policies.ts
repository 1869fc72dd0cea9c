/** Choices of the host that state, kernel and controller share. */

export type ResolutionPolicy = 'ignore' | 'logAlways' | 'logFailure' | 'panic';

/**
 * What becomes of a crank whose worker dies three times of nothing that the vat did. A death is this
 * machine's affair: `panic` stops the kernel before anything of it becomes state, and the next boot
 * tries again. `terminate` ends the vat; on replicas, all of them must do so in the same crank. So it
 * is with a snapshot that the engine can't write, but that with `terminate` the vat goes on without.
 */
export type WorkerDeathPolicy = 'panic' | 'terminate';

/** Facts about one crank that a run policy decides by. */
export interface RunPolicy {
  /** Also of a vat that could not start. */
  vatCreated(details: { readonly computrons?: bigint }): boolean;
  crankComplete(details: { readonly computrons?: bigint }): boolean;
  /** A vat ended for a fault of its own: an error, an overdrawn meter, an illegal syscall. */
  crankFailed(details: object): boolean;
  emptyCrank(): boolean;
  /** By kind, and `total`; 0 for kinds of which nothing was deleted. */
  didCleanup?(details: { readonly cleanups: Readonly<Record<string, number>> }): boolean;
  /** `true`: as much as there is. */
  allowCleanup?(): boolean | CleanupBudget;
}

/** How much of a terminated vat may be deleted per crank; missing kinds take `default`. */
export interface CleanupBudget {
  readonly default?: number;
  readonly exports?: number;
  readonly imports?: number;
  readonly promises?: number;
  readonly kv?: number;
  readonly snapshots?: number;
  readonly transcripts?: number;
}
