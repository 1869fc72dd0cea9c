/**
 * The long runs of this folder: `npm run faults:disk -- [--seed n] [--count n] [--only name]`, and so on
 * (README.md). Prints what each part did, and ends with status 1 if anything was wrong.
 */
import '@endo/init/debug.js';
import { parseArgs } from 'node:util';
import { runDisk } from './support/disk-report.js';
import { runKills } from './support/kills-report.js';
import { runPoints } from './support/points-report.js';
import { runPower } from './support/power-report.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string' },
    only: { type: 'string', multiple: true },
  },
});

const options = {
  seed: Number(values.seed),
  count: values.count === undefined ? undefined : Number(values.count),
  only: values.only,
};

const PARTS = { disk: runDisk, kills: runKills, points: runPoints, power: runPower } as const;

const [part = ''] = positionals;
if (!Object.hasOwn(PARTS, part)) throw Error(`name one of ${Object.keys(PARTS).join(', ')}`);
const problems = await PARTS[part as keyof typeof PARTS](options);
for (const problem of problems) console.error(problem);
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
