/** The long runs of this folder, each started by an npm script: see README.md. */
import '@endo/init/debug.js';
import { parseArgs } from 'node:util';
import { runLetters } from './runs/letters.js';
import { runModes } from './runs/modes.js';
import { runReplicas } from './runs/replicas.js';
import { runSoak } from './runs/soak.js';
import { insistNumber } from '../support/reach.js';

const RUNS = { letters: runLetters, modes: runModes, replicas: runReplicas, soak: runSoak };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string' },
    minutes: { type: 'string' },
    times: { type: 'string' },
    worker: { type: 'string' },
    platform: { type: 'string' },
  },
});

const number = (name: 'seed' | 'count' | 'minutes' | 'times') => {
  const text = values[name];
  return text === undefined ? undefined : insistNumber(`--${name}`, text);
};

const oneOf = <T extends string>(name: 'worker' | 'platform', allowed: readonly T[]) => {
  const given = values[name];
  const found = allowed.find(each => each === given);
  if (given === undefined || found !== undefined) return found;
  throw Error(`--${name} must be ${allowed.join(' or ')}, not ${given}`);
};

const [run = ''] = positionals;
if (!Object.hasOwn(RUNS, run)) throw Error(`the runs are ${Object.keys(RUNS).join(', ')}`);

const problems = await RUNS[run as keyof typeof RUNS]({
  seed: number('seed') ?? 1,
  count: number('count'),
  minutes: number('minutes'),
  times: number('times'),
  worker: oneOf('worker', ['xsnap', 'local']),
  platform: oneOf('platform', ['own', 'stock']),
});
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
