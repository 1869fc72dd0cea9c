/**
 * The long comparison of our source checks with those of `ses`: `npm run fuzz:lockdown -- --count
 * 10000000 --seed 1`. Ten million take about a quarter of an hour, and the first run bundles for some
 * minutes. A quick share of it is a spec.
 *
 * Compares, in this order: the modules of all bundles that specs, benches and examples use; every
 * character in each place that decides; then `count` generated and mutated sources in Node, and one
 * in fifty of them in XS. Ends with code 1 if any source differs.
 */
import '@endo/init';
import { parseArgs } from 'node:util';
import { STOCK } from '../../../lib/platform/choices.js';
import { loadPlatform } from '../../../lib/platform/load-platform.js';
import { buildOwnBundle } from '../../../lib/platform/own-bundle.js';
import { OWN_SOURCES } from '../../../lib/platform/own-sources.js';
import { compareChecks, type Comparison } from './support/compare.js';
import { findVatSources, modulesOf, modulesOfVats } from './support/modules.js';
import { everyCharacter, generateSources } from './support/sources.js';
import { compareInWorker, loadTransforms } from './support/transforms.js';

const BATCH = 100_000;
const IN_XS = 50;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
  },
});
const numberOf = (name: 'count' | 'seed'): number => {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw Error(`--${name} must be a non-negative integer, not ${values[name]}`);
  }
  return number;
};
const count = numberOf('count');
const seed = numberOf('seed');

const { stock, ours } = await loadTransforms();
const started = performance.now();
let differing = 0;

const report = (what: string, sources: number, comparison: Comparison): void => {
  differing += comparison.differing.length;
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    `${what}: ${sources} compared, ${comparison.refused} refused, ` +
      `${comparison.differing.length} differ, ${seconds} s`,
  );
  for (const source of comparison.differing.slice(0, 20)) console.log(JSON.stringify(source));
};

const batchOf = (sources: Iterator<string>, size: number): readonly string[] => {
  const batch: string[] = [];
  while (batch.length < size) {
    const { done, value } = sources.next();
    if (done) break;
    batch.push(value);
  }
  return batch;
};

const platforms = [...(await loadPlatform(STOCK)).bundles];
for (const source of OWN_SOURCES) platforms.push(await buildOwnBundle(source));
const modules = [
  ...new Set([...platforms.flatMap(modulesOf), ...(await modulesOfVats(findVatSources()))]),
];
report('modules in Node', modules.length, compareChecks(stock, ours, modules));
report('modules in XS', modules.length, await compareInWorker(modules));

const characters = [...everyCharacter()];
report('characters in Node', characters.length, compareChecks(stock, ours, characters));
report('characters in XS', characters.length, await compareInWorker(characters));

const generated = generateSources(seed, modules);
for (let made = 0; made < count;) {
  const batch = batchOf(generated, Math.min(BATCH, count - made));
  made += batch.length;
  report(`generated in Node, to ${made}`, batch.length, compareChecks(stock, ours, batch));
  const some = batch.filter((_, index) => index % IN_XS === 0);
  report(`generated in XS, to ${made}`, some.length, await compareInWorker(some));
}
console.log(`${count} generated with seed ${seed}: ${differing} differ`);
if (differing > 0) process.exitCode = 1;
