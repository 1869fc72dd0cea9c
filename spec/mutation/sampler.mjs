/**
 * Stryker's plugin that leaves most mutants out: a machine that runs a mutant in seconds needs
 * half a day for all of them. Whether a mutant is in the sample follows from the seed, its place
 * and what it replaces, so the same seed and source give the same sample.
 */
import { createHash } from 'node:crypto';
import { relative, resolve } from 'node:path';

const PARTS = 10_000;

export const isSampled = ({ percent, seed }, { fileName, location, mutatorName, replacement }) => {
  const { start, end } = location;
  const file = relative(process.cwd(), resolve(fileName));
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

  /** Stryker knows no status for "left out"; that of mutants that don't compile has no part in the score. */
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

export const strykerPlugins = [{ kind: 'Checker', name: 'sampler', injectableClass: Sampler }];

export const strykerValidationSchema = {
  properties: {
    sample: {
      type: 'object',
      required: ['percent', 'seed'],
      properties: { percent: { type: 'number' }, seed: { type: 'integer' } },
    },
  },
};
