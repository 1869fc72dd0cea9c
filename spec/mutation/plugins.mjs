/**
 * What Stryker is given besides mocha: a checker that leaves most mutants out, and a reporter that
 * prints survivors when they are found, so that a run that is interrupted has told what it knows.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const PARTS = 10_000;

/** Follows from the seed, the place and the change: the same sample for the same source. */
const isSampled = ({ percent, seed }, { fileName, location, mutatorName, replacement }) => {
  const { start, end } = location;
  const file = relative(process.cwd(), fileName);
  const place = [start.line, start.column, end.line, end.column];
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, file, place, mutatorName, replacement]))
    .digest();
  return digest.readUInt32BE(0) % PARTS < (percent / 100) * PARTS;
};

class Sampler {
  static inject = ['options'];
  #sample;

  constructor({ sample }) {
    this.#sample = sample;
  }

  async init() {}

  /** Stryker has no status for "left out"; mutants that "don't compile" have no part in the score. */
  async check(mutants) {
    const leftOut = { status: 'compileError', reason: 'not in the sample' };
    return Object.fromEntries(
      mutants.map(mutant => [
        mutant.id,
        isSampled(this.#sample, mutant) ? { status: 'passed' } : leftOut,
      ]),
    );
  }
}

const KILLED = ['Killed', 'Timeout', 'RuntimeError'];
const SURVIVED = ['Survived', 'NoCoverage'];

const oneLine = text => text.replace(/\s+/g, ' ');

const textAt = (fileName, { start, end }) => {
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line, end.line + 1);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column);
  lines[0] = lines[0].slice(start.column);
  return oneLine(lines.join('\n'));
};

const describe = ({ fileName, location, mutatorName, replacement, status }) => {
  const { line, column } = location.start;
  const place = `${relative(process.cwd(), fileName)}:${line + 1}:${column + 1}`;
  const note = status === 'NoCoverage' ? ' (no test comes here)' : '';
  return `${place} ${mutatorName}${note}\n  - ${textAt(fileName, location)}\n  + ${oneLine(replacement)}`;
};

const scores = new Map();

/** Per file: how many mutants were tested, killed, survived; those that ran into a time limit. */
export const scoreTable = () =>
  [...scores.values()].map(row => ({
    ...row,
    score: `${((100 * row.killed) / (row.killed + row.survived)).toFixed(0)} %`,
  }));

class Survivors {
  static inject = ['options'];
  #sample;

  constructor({ sample }) {
    this.#sample = sample;
  }

  onMutantTested({ location: { start, end }, ...result }) {
    // Results count lines and columns from 1, mutants from 0.
    const fromZero = ({ line, column }) => ({ line: line - 1, column: column - 1 });
    const mutant = { ...result, location: { start: fromZero(start), end: fromZero(end) } };
    if (!isSampled(this.#sample, mutant)) return;
    const { status, fileName } = mutant;
    const file = relative(process.cwd(), fileName);
    const row = scores.get(file) ?? { file, killed: 0, timedOut: 0, survived: 0 };
    scores.set(file, row);
    if (KILLED.includes(status)) row.killed += 1;
    if (status === 'Timeout') row.timedOut += 1;
    if (!SURVIVED.includes(status)) return;
    row.survived += 1;
    console.log(describe(mutant));
  }
}

export const strykerPlugins = [
  { kind: 'Checker', name: 'sampler', injectableClass: Sampler },
  { kind: 'Reporter', name: 'survivors', injectableClass: Survivors },
];

export const strykerValidationSchema = {
  properties: {
    sample: {
      type: 'object',
      required: ['percent', 'seed'],
      properties: { percent: { type: 'number' }, seed: { type: 'integer' } },
    },
  },
};
