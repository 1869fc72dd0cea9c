/** The host's choices that state, kernel and controller share. */

export type ResolutionPolicy = 'ignore' | 'logAlways' | 'logFailure' | 'panic';

/**
 * What happens to a crank whose worker dies three times through no fault of the vat. A death is
 * local to this machine: `panic` stops the kernel before it can affect state, and the next boot
 * tries again. `terminate` terminates the vat; all replicas must then do so in the same crank. The
 * policy also applies to a snapshot that the engine can't write, but `terminate` then lets the vat
 * continue without it.
 */
export type WorkerDeathPolicy = 'panic' | 'terminate';

/** Told of each crank by the kernel; decides whether to continue. */
export interface RunPolicy {
  /** Also called for a vat that could not start. */
  vatCreated(details: { readonly computrons?: bigint }): boolean;
  crankComplete(details: { readonly computrons?: bigint }): boolean;
  /** The vat was terminated for its own fault: an error, an overdrawn meter, an illegal syscall. */
  crankFailed(details: object): boolean;
  emptyCrank(): boolean;
  /** Deletions by kind, and `total`. Kinds without deletions are 0. */
  didCleanup?(details: { readonly cleanups: Readonly<Record<string, number>> }): boolean;
  /** `true` allows any amount. */
  allowCleanup?(): boolean | CleanupBudget;
  /**
   * Asked at the end of a run, also of one that the policy ended, before a vat starts that a rolling
   * restart let sleep. Without it, one vat starts per run. All replicas must answer the same.
   */
  allowRestart?(): boolean;
  /** A vat was started, or failed to. Without `computrons` its use is unknown. */
  didRestart?(details: { readonly computrons?: bigint }): void;
}

/** When the kernel restarts a vat by itself, to shrink its heap. */
export interface HeapPolicy {
  /** Bytes of the vat's last snapshot, uncompressed. It must also have doubled in its incarnation. */
  readonly restartAbove: number;
}

/** Limits on what is deleted of a terminated vat per crank. Missing kinds use `default`. */
export interface CleanupBudget {
  readonly default?: number;
  readonly exports?: number;
  readonly imports?: number;
  readonly promises?: number;
  readonly kv?: number;
  readonly snapshots?: number;
  readonly transcripts?: number;
}
