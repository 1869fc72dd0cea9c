/**
 * The post between players: each letter arrives once and in order, and its sender hears once what
 * became of it, whatever happens to both vats meanwhile. Unlike the rest of the model it allows for
 * any interleaving, so letters are under way while vats are upgraded, suspended and terminated.
 */
import type { Model, VatModel } from './model.js';
import { expectEqual, SoakFailure } from './operation.js';

type Counts = readonly (readonly [name: string, count: number])[];

/** What a player says of its letters, by correspondent. */
export interface LetterReport {
  readonly posted: Counts;
  readonly answered: Counts;
  readonly mail: Counts;
  readonly troubles: readonly unknown[];
}

const sumOf = (counts: Counts): number => counts.reduce((sum, [, count]) => sum + count, 0);

const within = (what: string, actual: number, least: number, most: number): void => {
  if (actual >= least && actual <= most) return;
  throw new SoakFailure(`${what}: ${actual}, which is not from ${least} to ${most}`);
};

export class Letters {
  /** By sender and receiver: how many letters senders were told to post. */
  readonly #told = new Map<string, Map<string, number>>();

  /** How many there were in all. */
  total = 0;

  tell(from: string, to: string, letters: number): void {
    const told = this.#told.get(from) ?? new Map<string, number>();
    told.set(to, (told.get(to) ?? 0) + letters);
    this.#told.set(from, told);
    this.total += letters;
  }

  /** A message that waits for a vat that is down may mention the root. */
  mayMention(model: Model, label: string): boolean {
    if (!label.startsWith('root:')) return false;
    const to = label.slice('root:'.length);
    return [...this.#told].some(
      ([from, told]) => told.has(to) && (model.vats.get(from)?.isDown ?? false),
    );
  }

  /** Compares the report of a vat that has worked everything off. */
  check(model: Model, vat: VatModel, report: LetterReport): void {
    expectEqual(`troubles of ${vat.name}`, report.troubles, []);
    const told = [...(this.#told.get(vat.name) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    expectEqual(`letters that ${vat.name} posted`, report.posted, told);
    const answered = new Map(report.answered);
    for (const [to, posted] of report.posted) {
      // Only what a vat that is down has yet to read may be unanswered.
      const least = model.vats.get(to)?.isDown ? 0 : posted;
      within(`answers of ${to} to ${vat.name}`, answered.get(to) ?? 0, least, posted);
    }
    const mail = new Map(report.mail);
    for (const [from, toldTo] of this.#told) {
      const most = toldTo.get(vat.name) ?? 0;
      const sender = model.vats.get(from);
      // One that is gone, or down, may not have posted all.
      const least = sender && !sender.isDown ? most : 0;
      within(`letters of ${from} to ${vat.name}`, mail.get(from) ?? 0, least, most);
    }
    vat.unanswered = sumOf(report.posted) - sumOf(report.answered);
    vat.correspondents = report.posted.length + report.answered.length + report.mail.length;
  }

  /** All players are gone, and nobody mentions them any more. */
  forgetAll(): void {
    this.#told.clear();
  }
}
