/**
 * Fuzzes one target: tries its valid inputs and its regression cases, then mutants of them.
 *
 * The same seed tries the same inputs. When it is guided, inputs that reach code which no earlier
 * input reached are mutated further; which those are may differ a little between runs, because
 * coverage is taken for some inputs at once. An input that is printed repeats a finding either way.
 */
import { makeRandom } from '../support/random.js';
import type { Coverage } from './coverage.js';
import { mutate } from './mutate/input.js';
import { Finding, insist, inTime, namesInPrototypes } from './oracle.js';
import { shrink } from './shrink.js';
import { ACCEPTED, type Input, type Session, type Target } from './target.js';

/** Executions for which coverage is taken at once: taking it costs milliseconds. */
const GUIDE_EVERY = 16;
const MOST_KEPT = 2_000;
/** After so many different findings, a run ends. */
const MOST_FINDINGS = 20;

export interface Failure {
  readonly input: Input;
  /** The number of the execution. */
  readonly execution: number;
  readonly problem: string;
  readonly error: unknown;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Mutants. */
  readonly count: number;
  /** Default: no limit. */
  readonly seconds?: number;
  /** Regression cases: inputs with which something was wrong once. */
  readonly cases?: readonly Input[];
  /** Default: mutants of valid inputs and regression cases only. */
  readonly coverage?: Coverage | undefined;
  /** Default: false. Tries each finding again with parts of its input left out. */
  readonly shrinks?: boolean;
  readonly onProgress?: (report: FuzzReport) => void;
}

export interface FuzzReport {
  readonly executions: number;
  readonly seconds: number;
  /** How often an input was accepted, or refused with a code. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Inputs that reached new code. */
  readonly kept: number;
  readonly failures: readonly Failure[];
}

/** The problem without numbers, so that one mistake is reported once. */
const kindOf = (problem: string): string => problem.replace(/\d+/g, '0').slice(0, 120);

const problemOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

class Run {
  #session: Session | undefined;
  #used = 0;
  readonly #prototypes = namesInPrototypes();

  constructor(readonly target: Target) {}

  async session(): Promise<Session> {
    if (this.#session && this.#used >= (this.target.lifetime ?? Infinity)) await this.end();
    this.#used += 1;
    this.#session ??= await this.target.start();
    return this.#session;
  }

  async end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#used = 0;
    await session?.end();
  }

  /** @throws Finding, or what the target let through */
  async attempt(input: Input): Promise<string> {
    const session = await this.session();
    const outcome = await inTime(() => session.attempt(input));
    insist(namesInPrototypes() === this.#prototypes, 'a prototype that all share has changed');
    return outcome;
  }

  /** Whether the input still gives this kind of problem. */
  async fails(input: Input, kind: string): Promise<boolean> {
    try {
      await this.attempt(input);
      return false;
    } catch (error) {
      await this.end();
      return kindOf(problemOf(error)) === kind;
    }
  }
}

export const fuzz = async (target: Target, options: FuzzOptions): Promise<FuzzReport> => {
  const { seed, count, seconds = Infinity, cases = [], coverage, shrinks = false } = options;
  const run = new Run(target);
  const started = performance.now();
  const outcomes = new Map<string, number>();
  const failures: Failure[] = [];
  const kinds = new Set<string>();
  let executions = 0;
  let kept = 0;
  const report = (): FuzzReport => ({
    executions,
    seconds: (performance.now() - started) / 1000,
    outcomes,
    kept,
    failures,
  });

  const attempt = async (input: Input, isValid = false): Promise<void> => {
    executions += 1;
    try {
      const outcome = await run.attempt(input);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      insist(!isValid || outcome === ACCEPTED, `a valid input is refused with ${outcome}`);
    } catch (error) {
      // A session may be of no more use after it.
      await run.end();
      const problem = problemOf(error);
      const kind = kindOf(problem);
      if (kinds.has(kind)) return;
      kinds.add(kind);
      const least =
        shrinks && !isValid ? await shrink(input, each => run.fails(each, kind)) : input;
      failures.push({ input: least, execution: executions, problem, error });
    }
  };

  try {
    const { corpus } = await run.session();
    if (corpus.length === 0) throw new Finding(`${target.name} has no valid inputs`);
    for (const input of corpus) await attempt(input, true);
    for (const input of cases) await attempt(input);
    await coverage?.news();
    const pool: Input[] = [...corpus, ...cases];
    let batch: Input[] = [];
    const isOver = (made: number): boolean =>
      made >= count ||
      failures.length >= MOST_FINDINGS ||
      performance.now() - started > seconds * 1000;
    for (let made = 0; !isOver(made); made += 1) {
      const random = makeRandom(Math.imul(seed, 0x9e3779b1) ^ made);
      // One half mutates what reached new code, which is at the end.
      const isLate = random.chance(50);
      const base = isLate ? pool.slice(-64) : pool;
      const words = target.words ?? [];
      const input = mutate(
        random.pick(base)!,
        { random, donors: corpus, words },
        target.form ?? 'values',
      );
      await attempt(input);
      if (!coverage) continue;
      batch.push(input);
      if (batch.length < GUIDE_EVERY) continue;
      if ((await coverage.news()) > 0 && pool.length < MOST_KEPT) {
        pool.push(...batch);
        kept += batch.length;
      }
      batch = [];
      if (made % 1024 < GUIDE_EVERY) options.onProgress?.(report());
    }
    return report();
  } finally {
    await run.end();
  }
};
