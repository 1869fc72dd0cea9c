/** Examines damaged stores in a process of its own, each within a time limit. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Examination, Job } from './examine.js';

type Message =
  { readonly ready: true } | { readonly examination: Examination } | { readonly broken: string };

/** Also for a busy machine: an examination takes less than a second, or it hangs. */
const LIMIT_MS = 120_000;

const script = fileURLToPath(new URL('child.ts', import.meta.url));

export class Examiner {
  #child: ChildProcess | undefined;

  /** Resolves to 'hung' for a case that takes longer than the limit, and 'died' if it ends the process. */
  async examine(job: Job): Promise<Examination | 'hung' | 'died'> {
    const child = this.#child ?? (await this.#start());
    const answer = this.#next(child, LIMIT_MS);
    child.send(job);
    const message = await answer;
    if (message === 'hung' || message === 'died') {
      this.stop();
      return message;
    }
    if ('examination' in message) return message.examination;
    throw Error(`the examination broke: ${JSON.stringify(message)}`);
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(script, [], {
      execArgv: ['--import', 'tsx/esm'],
      // Warnings of what the store looks like are no matter here.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const message = await this.#next(child, LIMIT_MS);
    if (typeof message === 'string') throw Error(`the examining process ${message}`);
    this.#child = child;
    return child;
  }

  #next(child: ChildProcess, limit: number): Promise<Message | 'hung' | 'died'> {
    return new Promise(resolve => {
      const end = (result: Message | 'hung' | 'died') => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(result);
      };
      const onMessage = (message: unknown) => end(message as Message);
      const onExit = () => end('died');
      const timer = setTimeout(() => end('hung'), limit);
      child.on('message', onMessage);
      child.on('exit', onExit);
    });
  }
}
