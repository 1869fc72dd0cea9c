/**
 * Runs the spec files in processes of their own: `npm test [-- spec files (all by default) and mocha
 * options]`. As many run at a time as there are cores, and one more, because each waits for its
 * workers now and then.
 *
 * Local vats collect garbage after each delivery, which takes longer the more their process has in
 * memory, so specs with vats that share a process get slower and slower. Specs without vats share
 * one, because its start takes seconds. Each process's report is printed when it ends. What failed is
 * repeated at the end, where a reader of a long log looks first. The last line counts all specs.
 *
 * With `SPECS_UNTIL` (seconds since 1970), no spec file runs after that time. What was left out, or
 * interrupted, is named before the last line. So a machine that is too slow for its time limit still
 * gives a report.
 */
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

const AT_ONCE = availableParallelism() + 1;
const mocha = join(import.meta.dirname, '../node_modules/mocha/bin/mocha.js');
const isSpecFile = argument => argument.endsWith('.ts');
const options = process.argv.slice(2).filter(argument => !isSpecFile(argument));
const named = process.argv.slice(2).filter(isSpecFile);

/** The specs that take longest start first, so that none of them runs alone at the end. */
const LONGEST = [
  'scenarios/scenarios',
  'platform-epoch/failures',
  'host/block-host/upgrades',
  'host/block-host/blocks',
  'platform-epoch/guard',
  'platform-epoch/rehearse',
  'platform-epoch/restart',
  'platform-epoch/crash',
].map(name => join('spec', `${name}.spec.ts`));

/** Then large files before small ones. */
const everySpec = () => {
  const others = readdirSync('spec', { recursive: true })
    .filter(name => name.endsWith('.spec.ts'))
    .map(name => join('spec', name))
    .filter(name => !LONGEST.includes(name))
    .sort((a, b) => statSync(b).size - statSync(a).size || (a < b ? -1 : 1));
  return [...LONGEST, ...others];
};
const files = named.length > 0 ? named : everySpec();

/** Folders and files whose specs run hardly any vats. */
const WITHOUT_VATS = [
  ...[
    'abci',
    'bundling',
    'cli/chain',
    'devices',
    'docs',
    'endo-environment',
    'host/block-host/tree',
  ],
  ...['host/transactions', 'platform', 'platform/lockdown', 'state', 'store', 'types'],
  ...['cli/restart-progress', 'cli/table', 'controller/config-files', 'controller/outlets'],
  ...['controller/schemas', 'controller/verbose', 'exports', 'host/block-host/rows', 'imports'],
  ...['kernel/fate', 'kernel/forked-storage', 'kernel/heap-policy', 'kernel/incarnations'],
  ...['kernel/interface-names', 'kernel/kmarshal', 'kernel/reclaim-rows'],
  ...['kernel/reference-counts', 'kernel/sleepers', 'kernel/vat-records', 'kernel/vat-service'],
  ...['platform-epoch/decide', 'platform-epoch/reports', 'platform-epoch/restart-fates'],
  ...['platform-epoch/restart-plan', 'workers/ahead-worker', 'workers/ahead-workers'],
  ...['workers/online-vats', 'workers/snapshot-schedule', 'workers/transcript'],
  ...['workers/worker-faults'],
].map(name => join('spec', name));
const MOST_TOGETHER = 8;

const isWithoutVats = file =>
  WITHOUT_VATS.includes(dirname(file)) || WITHOUT_VATS.includes(file.replace(/\.spec\.ts$/, ''));

const inGroups = () => {
  const together = files.filter(isWithoutVats);
  const groups = files.filter(file => !together.includes(file)).map(file => [file]);
  for (let first = 0; first < together.length; first += MOST_TOGETHER) {
    groups.push(together.slice(first, first + MOST_TOGETHER));
  }
  return groups;
};

const until = process.env.SPECS_UNTIL ? Number(process.env.SPECS_UNTIL) * 1000 : Infinity;
if (Number.isNaN(until))
  throw Error(`SPECS_UNTIL: a number of seconds, not ${process.env.SPECS_UNTIL}`);
const timeLeft = () => until - Date.now();
/** Files for which there was no time. */
const leftOut = [];

const totals = { passed: 0, failed: 0, skipped: 0 };
let isGood = files.length > 0;
/** Reports of what failed, from the first failure on. */
const failures = [];

const run = group =>
  new Promise(resolve => {
    const names = group.join(' ');
    const child = spawn(process.execPath, [mocha, ...options, ...group], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: Number.isFinite(until),
    });
    const started = performance.now();
    const output = [];
    child.stdout.on('data', chunk => output.push(chunk));
    child.stderr.on('data', chunk => output.push(chunk));
    let isInterrupted = false;
    const interrupt = () => {
      isInterrupted = true;
      // With all that the specs have started.
      process.kill(-child.pid, 'SIGKILL');
    };
    const timer = Number.isFinite(until) ? setTimeout(interrupt, timeLeft()) : undefined;
    child.once('close', code => {
      clearTimeout(timer);
      if (isInterrupted) {
        leftOut.push(...group);
        resolve();
        return;
      }
      const text = Buffer.concat(output).toString();
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${names} (${seconds} s)\n${text.replace(/\n*\d+ passed, .*\n*$/, '\n')}`);
      const counts = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\n*$/m.exec(text);
      if (code !== 0 || !counts) {
        isGood = false;
        const [, failing = text] = /(\d+ failing\b[^]*)/.exec(text) ?? [];
        failures.push(`${names} ended with exit code ${code}\n${failing}`);
      }
      totals.passed += Number(counts?.[1] ?? 0);
      totals.failed += Number(counts?.[2] ?? 1);
      totals.skipped += Number(counts?.[3] ?? 0);
      resolve();
    });
  });

const pending = inGroups();
const work = async () => {
  for (let group = pending.shift(); group; group = pending.shift()) {
    if (timeLeft() > 0) await run(group);
    else leftOut.push(...group);
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, work));

if (failures.length > 0) console.log(['What failed:', ...failures].join('\n\n'));
if (leftOut.length > 0) {
  console.log(`Not run, because the time was up: ${leftOut.length} files\n${leftOut.join('\n')}`);
}
const { passed, failed, skipped } = totals;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = isGood && passed > 0 && failed === 0 ? 0 : 1;
