/**
 * Counts how often the present crank tried to start a suspended vat, so that the last try is known
 * as such: a vat that the host can do without for now is not to end like any other whose worker
 * dies again and again.
 */
import { isWorkerDeath, MAX_TRIES } from './crank.js';

export class StartTries {
  #crankNumber: number | undefined;

  #count = 0;

  /** A try begins, in the crank of this number; cranks that are tried again keep theirs. */
  begin(crankNumber: number): void {
    if (crankNumber !== this.#crankNumber) this.#count = 0;
    this.#crankNumber = crankNumber;
    this.#count += 1;
  }

  /** Did a worker die, and will the crank not be tried again? */
  isLast(error: unknown): boolean {
    return isWorkerDeath(error) && this.#count >= MAX_TRIES;
  }
}
