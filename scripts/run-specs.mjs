/**
 * Runs each spec file in its own process, two at a time:
 * `npm test [-- spec files (all by default) and mocha options]`.
 *
 * Local vats collect garbage after each delivery, which takes longer the more their process has in
 * memory, so specs that share a process get slower and slower. Each file's report is printed when
 * the file ends. The last line counts all specs.
 */
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const AT_ONCE = 2;
const mocha = join(import.meta.dirname, '../node_modules/mocha/bin/mocha.js');
const isSpecFile = argument => argument.endsWith('.ts');
const options = process.argv.slice(2).filter(argument => !isSpecFile(argument));
const named = process.argv.slice(2).filter(isSpecFile);

/** The specs that take longest start first, so that none of them runs alone at the end. */
const LONGEST = [
  'scenarios/scenarios',
  'platform-epoch/failures',
  'platform-epoch/guard',
  'platform-epoch/start-limits',
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

const totals = { passed: 0, failed: 0, skipped: 0 };
let isGood = files.length > 0;

const run = file =>
  new Promise(resolve => {
    const child = spawn(process.execPath, [mocha, ...options, file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = performance.now();
    const output = [];
    child.stdout.on('data', chunk => output.push(chunk));
    child.stderr.on('data', chunk => output.push(chunk));
    child.once('close', code => {
      const text = Buffer.concat(output).toString();
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${file} (${seconds} s)\n${text.replace(/\n*\d+ passed, .*\n*$/, '\n')}`);
      const counts = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\n*$/m.exec(text);
      if (code !== 0 || !counts) isGood = false;
      if (!counts) console.log(`${file} ended with exit code ${code} and without a report`);
      totals.passed += Number(counts?.[1] ?? 0);
      totals.failed += Number(counts?.[2] ?? 1);
      totals.skipped += Number(counts?.[3] ?? 0);
      resolve();
    });
  });

const pending = [...files];
const work = async () => {
  for (let file = pending.shift(); file; file = pending.shift()) await run(file);
};
await Promise.all(Array.from({ length: AT_ONCE }, work));

const { passed, failed, skipped } = totals;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = isGood && failed === 0 ? 0 : 1;
