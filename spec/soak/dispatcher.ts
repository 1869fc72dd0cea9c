/** Sends operations, reads their results, and lets each update the model in turn. */
import { checkFlags } from './checks.js';
import type { Fleet } from './fleet.js';
import type { Model, VatModel } from './model.js';
import {
  areCompatible,
  expectEqual,
  SoakFailure,
  type Answer,
  type Operation,
} from './operation.js';
import type { Random } from '../support/random.js';

/** An operation in flight. */
export interface Sent {
  readonly operation: Operation;
  readonly kpid: string | undefined;
}

export interface Answered {
  readonly sent: Sent;
  readonly answer: Answer | undefined;
}

export class Dispatcher {
  readonly #fleet: Fleet;
  readonly #model: Model;
  readonly #waiting = new Set<Sent>();
  /** Operations whose answers were lost with an incarnation of the driver. */
  readonly #lost = new WeakSet<Sent>();
  /** How often each kind was done. */
  readonly counts = new Map<string, number>();
  /** Each operation in order, to explain a failure. */
  readonly recent: string[] = [];

  constructor(fleet: Fleet, model: Model) {
    this.#fleet = fleet;
    this.#model = model;
  }

  note(what: string): void {
    this.recent.push(what);
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Up to `most` operations that don't conflict. */
  gather(random: Random, most: number, propose: () => Operation | undefined): Operation[] {
    const operations: Operation[] = [];
    const locks: string[] = [];
    const wanted = 1 + random.below(most);
    for (let tries = 0; tries < 3 * wanted && operations.length < wanted; tries += 1) {
      const operation = propose();
      if (!operation || !areCompatible(locks, operation.locks)) continue;
      locks.push(...operation.locks);
      operations.push(operation);
    }
    return operations;
  }

  async send(operations: readonly Operation[]): Promise<Sent[]> {
    const sent: Sent[] = [];
    for (const operation of operations) {
      this.recent.push(`${operation.kind} ${operation.locks.join(' ')}`);
      const { lead, followers } = this.#fleet;
      sent.push({ operation, kpid: await operation.send(lead.controller) });
      for (const host of followers) host.ignore(await operation.send(host.controller));
    }
    return sent;
  }

  readAnswers(sent: readonly Sent[]): Answered[] {
    return sent.map(each => ({ sent: each, answer: this.#answerOf(each) }));
  }

  /** `unheard`: a restart of the driver may have lost answers. */
  apply(answers: readonly Answered[], { unheard = false } = {}): void {
    for (const { sent, answer } of answers) {
      const { kind, at } = sent.operation;
      this.note(kind);
      if (at?.isDown && !(unheard && answer)) {
        if (answer) throw new SoakFailure(`${kind}: an answer of a vat that is down`);
        this.#wait(at, sent);
        continue;
      }
      // It may have been there before the vat went out of service.
      if (at && !unheard) this.#model.reach(at);
      if (sent.kpid !== undefined && !answer && !unheard)
        throw new SoakFailure(`${kind}: no answer`);
      this.#applyOne(sent, answer);
    }
    checkFlags(this.#fleet.lead, this.#model);
  }

  /** Things mentioned by messages that wait for a vat. */
  labelsThatWait(): ReadonlySet<string> {
    const locks = [...this.#waiting].flatMap(({ operation }) => operation.locks);
    return new Set(locks.filter(lock => lock.startsWith('~thing:')).map(lock => lock.slice(7)));
  }

  #answerOf(sent: Sent): Answer | undefined {
    const { operation, kpid } = sent;
    if (kpid === undefined || this.#lost.has(sent)) return undefined;
    const answer = this.#fleet.lead.answerOf(kpid);
    if (answer?.status !== 'rejected') return answer;
    const { name } = answer.value as { name?: string };
    if (name !== 'vatUpgraded') {
      throw new SoakFailure(`${operation.kind}: the driver failed: ${String(answer.value)}`);
    }
    this.#lost.add(sent);
    this.note('(answer lost with the driver)');
    return undefined;
  }

  #wait(at: VatModel, sent: Sent): void {
    this.note('(waited for a vat)');
    this.#waiting.add(sent);
    for (const lock of sent.operation.locks) at.reserved.add(lock);
    at.waiting.push(() => {
      this.#waiting.delete(sent);
      for (const lock of sent.operation.locks) at.reserved.delete(lock);
      const answer = this.#answerOf(sent);
      if (this.#model.vats.get(at.name) === at) {
        this.#model.reach(at);
        this.#applyOne(sent, answer);
      } else if (answer) {
        expectEqual(sent.operation.kind, answer.value, ['rejected', 'vat terminated']);
      }
    });
  }

  #applyOne({ operation }: Sent, answer: Answer | undefined): void {
    try {
      operation.apply(answer);
    } catch (error) {
      throw new SoakFailure(`${operation.kind}: ${(error as Error).message}`, { cause: error });
    }
  }
}
