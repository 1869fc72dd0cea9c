/**
 * Measures this kernel beside `@agoric/swingset-vat` and beside the same work without a kernel: the
 * rows of `rows/catalogue.ts`. docs/performance.md says how to read the table.
 *
 *     npm run bench -- [--only <row,row>] [--rounds 5] [--contenders peer,here,limit]
 *         [--platform own|stock] [--init endo|command] [--reap-interval 1000] [--quick] [--json]
 */
import { linesOf, type ResultLine } from './harness/lines.js';
import { formatConditions, readConditions } from './harness/machine.js';
import { optionsOfProcess } from './harness/options.js';
import { saveResults } from './harness/results.js';
import { runJob } from './harness/run-job.js';
import { formatDifferent, formatLines } from './harness/table.js';
import { CONTENDERS } from './harness/types.js';
import { withWorkplace } from './harness/workplace.js';
import { writeReport } from './report/write-report.js';
import { rows } from './rows/catalogue.js';

const names = rows.map(({ name }) => name);
const options = optionsOfProcess({
  script: 'bench',
  measures: 'Measures this kernel beside @agoric/swingset-vat and the same work without a kernel.',
  rounds: 5,
  contenders: CONTENDERS,
  names,
});
const chosen = rows.filter(({ name }) => options.only?.includes(name) ?? true);
const conditions = readConditions(options);

const results = await withWorkplace(options, async plan => {
  const lines: ResultLine[] = [];
  for (const row of chosen) lines.push(...linesOf(row, await runJob(row, plan)));
  return lines;
});
await saveResults(
  'rows',
  { conditions, results },
  { nameOf: ({ row }) => row, order: names },
  options,
);
process.stderr.write(`${await writeReport()}\n`);
console.log(
  options.json
    ? JSON.stringify({ conditions, results }, null, 2)
    : `${formatConditions(conditions)}\n\n${formatLines(results)}${formatDifferent(results)}`,
);
