/**
 * Measures restarts of realistic vats for a new epoch: Zoe, ERTP and contracts of the registry, and
 * bundles of a contract's size with 10,000 durable rows and 100 durable kinds. Eager, concurrent and
 * lazy; of eager restarts, where the time of each vat goes, beside a bare worker.
 *
 *     npm run bench:real-vats -- [--only <job,job>] [--rounds 5] [--contenders here,limit] [--quick]
 *         [--json] [--platform own|stock] [--init endo|command] [--reap-interval 1000]
 *
 * The first run installs Zoe and the others in `spec/real-vats`.
 */
import '@endo/init';
import { formatConditions, readConditions } from './harness/machine.js';
import { optionsOfProcess } from './harness/options.js';
import { saveResults } from './harness/results.js';
import { runJob } from './harness/run-job.js';
import { withWorkplace } from './harness/workplace.js';
import { realVatJobs, subjects } from './real-vats/catalogue.js';
import { restartJob, WAYS } from './real-vats/restart-jobs.js';
import { formatSubject, resultOf, type SubjectResult } from './real-vats/results.js';
import { installRealVats } from '../spec/real-vats/install.js';
import { writeReport } from './report/write-report.js';

const names = realVatJobs.map(({ name }) => name);
const options = optionsOfProcess({
  script: 'bench:real-vats',
  measures: 'Measures restarts of realistic vats. Installs Zoe and the others when it runs first.',
  rounds: 5,
  contenders: ['here', 'limit'],
  names,
});
const conditions = readConditions(options);

await installRealVats();
const results = await withWorkplace(options, async plan => {
  const found: SubjectResult[] = [];
  for (const subject of subjects) {
    const ways = [];
    for (const way of WAYS) {
      const job = restartJob(subject, way);
      if (options.only && !options.only.includes(job.name)) continue;
      const { figures } = await runJob(job, plan);
      ways.push({ title: way.title, figures });
    }
    if (ways.length > 0) found.push(resultOf(subject, ways));
  }
  return found;
});

await saveResults(
  'real-vats',
  { conditions, results },
  { nameOf: ({ name }) => name, order: subjects.map(({ name }) => name) },
  options,
);
process.stderr.write(`${await writeReport()}\n`);
if (options.json) console.log(JSON.stringify({ conditions, results }, null, 2));
else console.log([formatConditions(conditions), ...results.map(formatSubject)].join('\n\n'));
