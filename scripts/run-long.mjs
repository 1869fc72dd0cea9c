/**
 * Runs slow specs with a reach: `node scripts/run-long.mjs <spec files> [--seed n] [--count n]`. The
 * specs read both with `spec/support/reach.ts`, because mocha takes no options of others.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, count: { type: 'string' } },
});
const mocha = join(import.meta.dirname, '../node_modules/mocha/bin/mocha.js');
const { status } = spawnSync(process.execPath, [mocha, '--timeout', '0', ...positionals], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ...(values.seed !== undefined && { SPEC_SEED: values.seed }),
    ...(values.count !== undefined && { SPEC_COUNT: values.count }),
  },
});
process.exitCode = status ?? 1;
