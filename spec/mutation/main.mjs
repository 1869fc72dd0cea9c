/**
 * Mutation tests: `npm run test:mutation -- [areas] [--sample percent] [--seed number]`.
 *
 * Changes the source in small ways, one at a time, and runs the area's specs against each change.
 * A mutant that no spec notices survives: either it changes nothing that matters, or a spec is
 * missing. See README.md.
 */
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { AREAS } from './areas.mjs';
import { scoreTable } from './plugins.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(AREAS);
const unknown = names.filter(name => !(name in AREAS));
if (unknown.length > 0) {
  throw Error(`No area "${unknown.join('", "')}". Areas: ${Object.keys(AREAS).join(', ')}.`);
}

const strykerOptions = ({ mutate, specs, sample }) => ({
  mutate,
  testRunner: 'mocha',
  mochaOptions: { config: '.mocharc.json', spec: specs },
  testRunnerNodeArgs: ['--import=./spec/support/register.js'],
  plugins: ['@stryker-mutator/mocha-runner', import.meta.resolve('./plugins.mjs')],
  checkers: ['sampler'],
  reporters: ['survivors', 'progress-append-only'],
  sample: { percent: Number(values.sample ?? sample), seed: Number(values.seed) },
  coverageAnalysis: 'perTest',
  // What runs when a module is loaded takes a process for each mutant.
  ignoreStatic: true,
  concurrency: 1,
  // Local vats get slower with each test that has run in their process.
  maxTestRunnerReuse: 50,
  dryRunTimeoutMinutes: 30,
  timeoutMS: 60_000,
  timeoutFactor: 4,
  tempDirName: 'tmp/mutation',
  cleanTempDir: 'always',
  ignorePatterns: ['tmp', 'spec/mutation', 'coverage', 'dist'],
  disableTypeChecks: false,
});

const showScores = () => console.table(scoreTable());
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, showScores);

for (const name of names) await new Stryker(strykerOptions(AREAS[name])).runMutationTest();
showScores();
