/**
 * A solo host under load, a third of it hostile: prints the figures, and fails on any fault.
 *
 *     npm run test:load -- [--seconds 60] [--rate 1000] [--seed 1] [--worker local|xsnap]
 */
import { parseArgs } from 'node:util';
import { faultsInTheLong, faultsOf, thirdsOf } from './faults.js';
import { runLoad, type LoadOptions, type RunReport } from './run-load.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    worker: { type: 'string', default: 'local' },
  },
});

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

const print = ({ sent, seconds, outcomes, sends, total, blocks, ...rest }: RunReport): void => {
  for (const [kind, counts] of Object.entries(outcomes)) {
    const text = Object.entries(counts).map(([outcome, count]) => `${outcome} x ${count}`);
    console.log(`${kind.padEnd(28)} ${text.join(', ')}`);
  }
  console.log(`${sent} requests in ${seconds.toFixed(1)} s`);
  const { accepted, uncertain, read } = sends;
  console.log(`messages: ${accepted} taken, ${read} results read, ${uncertain} perhaps taken`);
  console.log(`total of all messages: ${total}`);
  const { heard, tenths, longestPause } = blocks;
  console.log(`blocks: ${heard}, by tenths ${tenths.join(' ')}; longest pause ${longestPause} ms`);
  for (const [kind, { median, p99, most }] of Object.entries(rest.delays)) {
    console.log(`${kind.padEnd(28)} median ${median} ms, p99 ${p99} ms, most ${most} ms`);
  }
  const [first, last] = thirdsOf(rest.memory);
  const most = Math.max(...rest.memory);
  console.log(`memory: ${megabytes(first)}, then ${megabytes(last)}; most ${megabytes(most)}`);
  const { before, after } = rest.files;
  console.log(`open files: ${before} before, most ${rest.mostFiles}, ${after} after`);
  console.log(`raw connections open at once: at most ${rest.mostOpen}`);
  console.log(rest.verified.text.trim());
};

const rate = Number(values.rate);
const options: LoadOptions = {
  seed: Number(values.seed),
  rate,
  requests: Number(values.seconds) * rate,
  worker: values.worker as LoadOptions['worker'],
};
console.log(JSON.stringify(options));
const report = await runLoad(options);
print(report);
const faults = [...faultsOf(report), ...faultsInTheLong(report)];
for (const fault of faults) console.error(`fault: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;
