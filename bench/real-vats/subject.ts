/** A swingset of realistic vats, as the jobs of `restart-jobs.ts` use it. */
import type { Context, Fixture } from '../harness/types.js';
import type { BootOptions, Swingset } from '../swingset.js';

export interface Subject {
  readonly name: string;
  readonly title: string;
  readonly fixture: Fixture;
  /** Boots with options that the swingset needs, among them parameters for a restart. */
  readonly boot: (context: Context, options: BootOptions) => Promise<Swingset>;
  /** A call to a vat that a lazy restart has left asleep. */
  readonly firstCall: (swingset: Swingset) => Promise<unknown>;
}
