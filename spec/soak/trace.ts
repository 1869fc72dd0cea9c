/** What the kernel did, crank by crank, without anything that depends on the machine. */
import { createHash } from 'node:crypto';
import type { SlogEntry } from '../../lib/types/slog.js';

const WANTED = new Set(['deliver', 'syscall', 'crank-finish']);

export class Trace {
  #crank = createHash('sha256');

  /** For each crank: the activityhash after it, and a hash of its deliveries and syscalls. */
  readonly cranks: string[] = [];

  readonly note = (entry: SlogEntry): void => {
    if (!WANTED.has(entry.type) || entry['replay'] === true) return;
    const { crankNum, vatID, dispatch, kd, vd, ksc, vsc, activityhash } = entry;
    const what = [entry.type, crankNum, vatID, dispatch, kd, vd, ksc, vsc];
    this.#crank.update(`${JSON.stringify(what)}\n`);
    if (entry.type !== 'crank-finish') return;
    this.cranks.push(`${String(activityhash)} ${this.#crank.digest('hex')}`);
    this.#crank = createHash('sha256');
  };
}
