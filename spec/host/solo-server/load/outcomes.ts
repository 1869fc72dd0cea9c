/** Counts how requests end, and how long those of the work take. */
import type { Delay, LoadReport } from './orders.js';

const delayOf = (sorted: readonly number[]): Delay => {
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { median: at(0.5), p99: at(0.99), most: at(1) };
};

export class Outcomes {
  readonly #counts = new Map<string, Map<string, number>>();

  readonly #delays = new Map<string, number[]>();

  note(kind: string, outcome: string, milliseconds: number): void {
    const counts = this.#counts.get(kind) ?? new Map<string, number>();
    this.#counts.set(kind, counts.set(outcome, (counts.get(outcome) ?? 0) + 1));
    const delays = this.#delays.get(kind) ?? [];
    delays.push(milliseconds);
    this.#delays.set(kind, delays);
  }

  report(timed: readonly string[]): Pick<LoadReport, 'outcomes' | 'delays'> {
    const outcomes = [...this.#counts].map(([kind, counts]) => [kind, Object.fromEntries(counts)]);
    const delays = timed.map(kind => [
      kind,
      delayOf((this.#delays.get(kind) ?? []).sort((a, b) => a - b)),
    ]);
    return {
      outcomes: Object.fromEntries(outcomes) as LoadReport['outcomes'],
      delays: Object.fromEntries(delays) as LoadReport['delays'],
    };
  }
}
