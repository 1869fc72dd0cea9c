/**
 * Rehearses an epoch for the page, one at a time.
 *
 * Boundary: runs `swingset-kernel rehearse`, which only reads the store, in a process of its own. So a
 * vat that loops there doesn't stop the page, and its end cleans up.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { errorText } from '../errors.js';
import { commandPath } from '../package-paths.js';
import type { RehearsalReport } from '../platform-epoch/rehearsal-types.js';
import { worstFirst } from '../platform-epoch/report-order.js';
import { describeLateFailure, describeVerdict } from '../platform-epoch/report-words.js';
import type { RehearsalAnswer } from './answers.js';

/** Vats that the page gets, worst first. */
const MOST_VATS = 500;

/** Characters of what a failed command wrote. */
const MOST_WORDS = 4_000;

const describeReport = (report: RehearsalReport): RehearsalAnswer => ({
  state: 'done',
  epoch: String(report.to),
  ok: report.ok,
  verdict: describeVerdict(report),
  problem: report.problem ?? null,
  notes: [...report.warnings, ...(report.canary?.lateFailures ?? []).map(describeLateFailure)],
  of: report.vats.length,
  vats: worstFirst(report)
    .slice(0, MOST_VATS)
    .map(({ vatID, name, result, critical, error, ms, waiting }) => ({
      ...{ vatID, result, critical, ms, waiting },
      name: name ?? null,
      error: error ?? null,
    })),
});

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
}

/** What became of the command. One that fails says so on stderr, without a report. */
const readOutcome = (epoch: string, { stdout, stderr }: Ended): RehearsalAnswer => {
  try {
    return describeReport(JSON.parse(stdout) as RehearsalReport);
  } catch (error) {
    const words = stderr.trim().replace(/^swingset-kernel: /, '');
    return { state: 'failed', epoch, problem: words || errorText(error) };
  }
};

const run = async (child: ChildProcess): Promise<Ended> => {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MOST_WORDS);
  });
  await once(child, 'close');
  return { stdout, stderr };
};

export class Rehearsals {
  readonly #home: string;

  readonly #changed: () => void;

  #answer: RehearsalAnswer = { state: 'none' };

  #running: { readonly child: ChildProcess; readonly ended: Promise<void> } | undefined;

  #isStopping = false;

  /** @param changed - called when there is another answer */
  constructor(home: string, changed: () => void) {
    this.#home = home;
    this.#changed = changed;
  }

  get answer(): RehearsalAnswer {
    return this.#answer;
  }

  /** @returns false while another runs: each copies the store and starts every vat */
  start(epoch: string): boolean {
    if (this.#running) return false;
    const args = ['rehearse', '--json', `--home=${this.#home}`, `--epoch=${epoch}`];
    const child = spawn(process.execPath, [commandPath, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running = { child, ended: this.#follow(epoch, child) };
    this.#tell({ state: 'running', epoch });
    return true;
  }

  /** Resolves when none runs any more. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#isStopping = true;
    // The first signal makes it clean up.
    this.#running.child.kill('SIGTERM');
    await this.#running.ended;
  }

  async #follow(epoch: string, child: ChildProcess): Promise<void> {
    let answer: RehearsalAnswer;
    try {
      answer = readOutcome(epoch, await run(child));
    } catch (error) {
      answer = { state: 'failed', epoch, problem: errorText(error) };
    }
    this.#running = undefined;
    this.#tell(this.#isStopping ? { state: 'none' } : answer);
    this.#isStopping = false;
  }

  #tell(answer: RehearsalAnswer): void {
    this.#answer = answer;
    this.#changed();
  }
}
