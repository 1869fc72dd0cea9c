import type { HttpClient } from './http-client.js';

/**
 * Keeps the messages that the server took, until their results are read.
 *
 * Each adds 1 to the same total and answers with the new total. So the messages were delivered once
 * each exactly if no two results are equal and the last total is their number.
 */
export class Sends {
  readonly #unread: string[] = [];

  readonly #totals: number[] = [];

  #accepted = 0;

  #uncertain = 0;

  /** The server answered with the promise for the result. */
  accept(answer: string): void {
    const { kpid } = JSON.parse(answer) as { readonly kpid: string };
    this.#accepted += 1;
    this.#unread.push(kpid);
  }

  /** Nobody waited for the answer, or none came: the message may have been taken or not. */
  leave(count = 1): void {
    this.#uncertain += count;
  }

  /** One whose result was not read yet. */
  take(): string | undefined {
    return this.#unread.shift();
  }

  /** An answer about the result of a message that was taken. It may still be to come. */
  read(kpid: string, answer: string): void {
    const { status, value } = JSON.parse(answer) as { status: string; value: unknown };
    if (status === 'unresolved') this.#unread.push(kpid);
    else if (status === 'fulfilled' && typeof value === 'number') this.#totals.push(value);
    else throw Error(`${kpid}: ${answer}`);
  }

  /** Reads all results that were not read yet. @throws when the server does not know one */
  async readRest(client: HttpClient): Promise<void> {
    for (let kpid = this.take(); kpid !== undefined; kpid = this.take()) {
      const { outcome, text } = await client.ask(`/v1/results/${kpid}?wait=60`);
      if (outcome !== '200') throw Error(`${kpid}: ${outcome} ${text}`);
      this.read(kpid, text);
    }
  }

  report() {
    return {
      accepted: this.#accepted,
      uncertain: this.#uncertain,
      read: this.#totals.length,
      different: new Set(this.#totals).size,
      highest: this.#totals.reduce((a, b) => Math.max(a, b), 0),
    };
  }
}

export type SendsReport = ReturnType<Sends['report']>;
