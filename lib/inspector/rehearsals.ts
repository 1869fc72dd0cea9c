/**
 * Rehearses an epoch for the page, one at a time.
 *
 * Boundary: runs `swingset-kernel rehearse`, which only reads the store, in a process of its own. So a
 * vat that loops there doesn't stop the page. A process that loops hears no signal but the last one,
 * so its copy of the store is in a directory that is deleted here.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Time to clean up, before it is killed. */
const STOP_MS = 10_000;

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

  #isClosed = false;

  readonly #stopMs: number;

  /** @param changed - called when there is another answer */
  constructor(home: string, changed: () => void, stopMs = STOP_MS) {
    this.#home = home;
    this.#changed = changed;
    this.#stopMs = stopMs;
  }

  get answer(): RehearsalAnswer {
    return this.#answer;
  }

  /**
   * @returns false while another runs: each copies the store and starts every vat
   * @throws system errors if there is no place for the copy
   */
  start(epoch: string): boolean {
    if (this.#running || this.#isClosed) return false;
    const directory = mkdtempSync(join(tmpdir(), 'swingset-inspect-'));
    const args = ['rehearse', '--json', `--home=${this.#home}`, `--epoch=${epoch}`];
    const child = spawn(process.execPath, [commandPath, ...args, `--temp-dir=${directory}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running = { child, ended: this.#follow(epoch, child, directory) };
    this.#tell({ state: 'running', epoch });
    return true;
  }

  /** Resolves when none runs any more. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    const { child, ended } = this.#running;
    this.#isStopping = true;
    // The first signal makes it clean up.
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), this.#stopMs);
    await ended;
    clearTimeout(late);
  }

  /** Stops, and starts none any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.stop();
  }

  async #follow(epoch: string, child: ChildProcess, directory: string): Promise<void> {
    let answer: RehearsalAnswer;
    try {
      answer = readOutcome(epoch, await run(child));
    } catch (error) {
      answer = { state: 'failed', epoch, problem: errorText(error) };
    }
    rmSync(directory, { recursive: true, force: true });
    this.#running = undefined;
    this.#tell(this.#isStopping ? { state: 'none' } : answer);
    this.#isStopping = false;
  }

  #tell(answer: RehearsalAnswer): void {
    this.#answer = answer;
    this.#changed();
  }
}
