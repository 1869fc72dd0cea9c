/**
 * The fuzzers: `npm run fuzz -- --target <name> --seed 1 --count 100000 --seconds 3600`.
 *
 * Without `--target`, every target gets its turn, with that count and time each. `--input <file>`
 * tries one input again. A finding is printed, kept under `fixtures`, and ends the process with 1.
 */
import { parseArgs } from 'node:util';
import { keepCase, readCase, readCases } from './cases.js';
import { startCoverage } from './coverage.js';
import { fuzz, type FuzzReport } from './fuzz.js';
import { targets } from './targets.js';
import type { Target } from './target.js';
import { runHooks } from './without-mocha.js';

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000000000' },
    seconds: { type: 'string', default: '3600' },
    input: { type: 'string' },
    unguided: { type: 'boolean', default: false },
  },
});

const numberOf = (name: 'seed' | 'count' | 'seconds'): number => {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw Error(`--${name} must be a non-negative integer, not ${values[name]}`);
};

const chosen = (): readonly Target[] => {
  const names = values.target ?? targets.map(({ name }) => name);
  return names.map(name => {
    const target = targets.find(each => each.name === name);
    if (target) return target;
    throw Error(`no target ${name}; there are ${targets.map(each => each.name).join(', ')}`);
  });
};

const describe = ({ executions, seconds, outcomes, kept }: FuzzReport): string => {
  const counts = [...outcomes].sort(([, a], [, b]) => b - a);
  const list = counts.map(([outcome, count]) => `${outcome} ${count}`).join(', ');
  return `${executions} executions, ${seconds.toFixed(0)} s, ${kept} kept; ${list}`;
};

const MOST_PRINTED = 2_000;

const fuzzTarget = async (target: Target): Promise<boolean> => {
  const seed = numberOf('seed');
  const coverage = values.unguided ? undefined : await startCoverage();
  let printed = 0;
  const report = await fuzz(target, {
    seed,
    count: numberOf('count'),
    seconds: numberOf('seconds'),
    cases: readCases(target.name),
    coverage,
    shrinks: true,
    onProgress: state => {
      if (state.seconds < printed + 60) return;
      printed = state.seconds;
      console.log(`${target.name}: ${describe(state)}, ${coverage?.blocks ?? 0} blocks`);
    },
  });
  for (const { input, execution, problem, error } of report.failures) {
    const path = keepCase(target.name, problem, input);
    console.log(`${target.name}: FOUND, seed ${seed}, execution ${execution}: ${problem}`);
    console.log(error);
    console.log(`  input: ${JSON.stringify(input).slice(0, MOST_PRINTED)}`);
    console.log(`  again: npm run fuzz -- --target ${target.name} --input ${path}`);
  }
  console.log(`${target.name}, seed ${seed}: ${describe(report)}; ${report.failures.length} found`);
  coverage?.end();
  return report.failures.length === 0;
};

const tryInput = async (target: Target, path: string): Promise<boolean> => {
  const { failures, outcomes } = await fuzz(target, { seed: 0, count: 0, cases: [readCase(path)] });
  for (const { error } of failures) console.log(error);
  console.log(`${target.name}: ${JSON.stringify([...outcomes])}, ${failures.length} found`);
  return failures.length === 0;
};

let isClean = true;
for (const target of chosen()) {
  const { input } = values;
  const isGood = await (input === undefined ? fuzzTarget(target) : tryInput(target, input));
  isClean &&= isGood;
}
await runHooks();
process.exit(isClean ? 0 : 1);
