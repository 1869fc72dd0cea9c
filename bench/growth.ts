/**
 * Measures how the cost of cranks and restarts grows with the number of vats, the c-lists and the
 * store: the curves of `growth/catalogue.ts`. Draws `bench/report.html`.
 *
 *     npm run bench:growth -- [--only <curve,curve>] [--rounds 5] [--quick] [--json]
 *         [--platform own|stock] [--init endo|command] [--reap-interval 1000]
 *
 * The largest store has 10 GB. All together need 12 GB in the directory for temporary files.
 */
import '@endo/init';
import { formatTable } from '../lib/cli/table.js';
import { curves } from './growth/catalogue.js';
import { judgeGrowth } from './growth/judge.js';
import type { GrownCurve } from './growth/types.js';
import { formatConditions, readConditions } from './harness/machine.js';
import { optionsOfProcess } from './harness/options.js';
import { saveResults } from './harness/results.js';
import { runCurve } from './harness/run-job.js';
import { formatFigure } from './harness/table.js';
import { withWorkplace } from './harness/workplace.js';
import { writeReport } from './report/write-report.js';

const names = curves.map(({ job }) => job.name);
const options = optionsOfProcess({
  script: 'bench:growth',
  measures:
    'Measures how costs grow with the vats, the c-lists and the store. Needs 12 GB of disk.',
  rounds: 5,
  contenders: ['here'],
  names,
});
const { quick } = options.settings;
const conditions = readConditions(options);

const results = await withWorkplace(options, async plan => {
  const grown: GrownCurve[] = [];
  for (const { job, points, quickPoints, title, axis, lines, flat } of curves) {
    if (options.only && !options.only.includes(job.name)) continue;
    const measured = await runCurve(job, quick ? quickPoints : points, plan);
    grown.push({ name: job.name, title, axis, lines, flat, points: measured });
  }
  return grown;
});

const formatCurve = ({ title, axis, lines, flat, points }: GrownCurve): string => {
  const rows = Object.entries(lines).map(([key, line]) => {
    const growth = judgeGrowth(points, key);
    const goal = !flat.includes(key) || !growth ? '' : growth.isFlat ? 'met' : 'missed';
    const figures = points.map(({ figures }) =>
      figures[key] ? formatFigure(figures[key].median, 'ms') : '',
    );
    return [line, ...figures, growth ? `${growth.factor.toFixed(2)} x` : '', goal];
  });
  const headings = ['', ...points.map(({ at }) => `${at} ${axis}`), 'most/first', 'within 20 %'];
  return `${title}\n\n${formatTable(headings, rows)}`;
};

await saveResults(
  'growth',
  { conditions, results },
  { nameOf: ({ name }) => name, order: names },
  options,
);
process.stderr.write(`${await writeReport()}\n`);
if (options.json) console.log(JSON.stringify({ conditions, results }, null, 2));
else console.log([formatConditions(conditions), ...results.map(formatCurve)].join('\n\n'));
