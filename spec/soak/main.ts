/**
 * The soak: random cranks, checked against a model, several times with the same seed, which must
 * give the same activityhash each time. Every second run has other local options: fewer workers
 * online, and vats that restart in parallel.
 *
 *     npm run test:soak [-- [cranks [seed [times]]]]
 */
import '@endo/init/debug.js';
import type { Machine } from './host.js';
import { soak, type SoakResult } from './soak.js';

const anotherMachine: Machine = {
  concurrency: 3,
  warehousePolicy: { maxVatsOnline: 8, spareWorkers: 1, preloadConcurrency: 2 },
};

const [cranks = 50_000, seed = 1, times = 2] = process.argv.slice(2).map(Number);

const results: SoakResult[] = [];
for (let time = 1; time <= times; time += 1) {
  const started = performance.now();
  let printed = 0;
  const result = await soak({
    seed,
    cranks,
    machine: time % 2 === 1 ? {} : anotherMachine,
    onRound: state => {
      if (state.cranks < printed + 1000) return;
      printed = state.cranks;
      const seconds = Math.round((performance.now() - started) / 1000);
      console.log(`${state.cranks} cranks, ${state.vats} vats, ${seconds} s`);
    },
  });
  results.push(result);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    `${result.cranks} cranks in ${result.rounds} rounds, ${seconds} s, activityhash ${result.activityhash}`,
  );
}
for (const [kind, count] of results[0]?.counts ?? []) {
  console.log(`${String(count).padStart(7)} ${kind}`);
}
const hashes = new Set(results.map(({ activityhash }) => activityhash));
if (hashes.size > 1) {
  console.error(`seed ${seed} gave ${[...hashes].join(' and ')}`);
  process.exitCode = 1;
}
