/**
 * Mutation tests: `npm run test:mutation -- [areas] [--sample percent] [--seed number]`.
 *
 * Changes the source in small ways, one at a time, and runs the area's specs against each change.
 * A mutant that no spec notices survives: either it changes nothing that matters, or a spec is
 * missing. See README.md.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { AREAS } from './areas.mjs';
import { isSampled } from './sampler.mjs';

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

const strykerOptions = (name, sample) => ({
  mutate: AREAS[name].mutate,
  testRunner: 'mocha',
  mochaOptions: { config: '.mocharc.json', spec: AREAS[name].specs },
  testRunnerNodeArgs: ['--import=./spec/support/register.js'],
  plugins: ['@stryker-mutator/mocha-runner', import.meta.resolve('./sampler.mjs')],
  checkers: ['sampler'],
  sample,
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // Local vats get slower with each test that has run in their process.
  maxTestRunnerReuse: 50,
  dryRunTimeoutMinutes: 30,
  timeoutMS: 30_000,
  timeoutFactor: 3,
  tempDirName: `tmp/mutation/${name}`,
  cleanTempDir: 'always',
  ignorePatterns: ['tmp', 'spec/mutation', 'coverage', 'dist'],
  reporters: ['json', 'html', 'progress-append-only'],
  jsonReporter: { fileName: `tmp/mutation/${name}.json` },
  htmlReporter: { fileName: `tmp/mutation/${name}.html` },
  allowEmpty: true,
  disableTypeChecks: false,
});

const KILLED = ['Killed', 'Timeout', 'RuntimeError'];
const SURVIVED = ['Survived', 'NoCoverage'];

/** Of Stryker's report, whose lines and columns begin with 1. */
const wasSampled = (sample, file, { location: { start, end }, ...mutant }) => {
  const fromZero = ({ line, column }) => ({ line: line - 1, column: column - 1 });
  const location = { start: fromZero(start), end: fromZero(end) };
  return isSampled(sample, { ...mutant, fileName: file, location });
};

const textBetween = (source, { start, end }) => {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return lines.join(' ').replace(/\s+/g, ' ');
};

const describe = ({ file, source, location, mutatorName, replacement, status }) => {
  const { line, column } = location.start;
  const reached = status === 'NoCoverage' ? ' (no test comes here)' : '';
  return [
    `${file}:${line}:${column} ${mutatorName}${reached}`,
    `  - ${textBetween(source, location)}`,
    `  + ${replacement.replace(/\s+/g, ' ')}`,
  ].join('\n');
};

/** The sampled mutants of Stryker's report. */
const readReport = (path, sample) =>
  Object.entries(JSON.parse(readFileSync(path, 'utf8')).files).flatMap(
    ([file, { source, mutants }]) =>
      mutants
        .filter(mutant => wasSampled(sample, file, mutant))
        .map(mutant => ({ file, source, ...mutant })),
  );

const byFolder = mutants => {
  const folders = new Map();
  for (const mutant of mutants) {
    const folder = dirname(mutant.file);
    const row = folders.get(folder) ?? { folder, sampled: 0, killed: 0, survived: 0 };
    row.sampled += 1;
    row.killed += KILLED.includes(mutant.status) ? 1 : 0;
    row.survived += SURVIVED.includes(mutant.status) ? 1 : 0;
    folders.set(folder, row);
  }
  return [...folders.values()].map(row => ({
    ...row,
    score: `${((100 * row.killed) / (row.killed + row.survived)).toFixed(0)} %`,
  }));
};

const all = [];
for (const name of names) {
  const sample = {
    percent: Number(values.sample ?? AREAS[name].sample),
    seed: Number(values.seed),
  };
  const options = strykerOptions(name, sample);
  await new Stryker(options).runMutationTest();
  const mutants = readReport(options.jsonReporter.fileName, sample);
  for (const mutant of mutants) if (SURVIVED.includes(mutant.status)) console.log(describe(mutant));
  all.push(...mutants);
}
console.table(byFolder(all));
