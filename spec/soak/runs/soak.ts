/**
 * The mixed load, several times with the same seed, which must give the same activityhash each time.
 * Every second run has other local options. `--count` is in cranks. With `--minutes`, one run of that
 * time, in which nothing may grow.
 */
import { makeTicker, printCounts, showReplays, startClock, type Run } from './options.js';
import type { Machine } from '../host.js';
import { soak, untilCrank, type SoakOptions, type SoakResult } from '../soak.js';
import { findGrowth, readVitals, showVitals, storeSize, type Vitals } from '../vitals.js';

const anotherMachine: Machine = {
  concurrency: 3,
  warehousePolicy: { maxVatsOnline: 8, spareWorkers: 1, preloadConcurrency: 2 },
};

/** Rounds between replays, and cranks between clearings. */
const REPLAY_EVERY = 50;
const CLEAR_EVERY = 5000;

const show = ({ cranks, rounds, letters, activityhash, replays }: SoakResult): string =>
  `${cranks} cranks in ${rounds} rounds, ${letters} letters, activityhash ${activityhash}; ` +
  showReplays(replays);

const ticking = (seconds: () => number, goesOn: SoakOptions['goesOn']): SoakOptions['goesOn'] => {
  const tick = makeTicker(1000);
  return state => {
    const { cranks, vats } = state;
    tick(cranks, () => `${cranks} cranks, ${vats} vats, ${seconds()} s`);
    return goesOn(state);
  };
};

const runForMinutes = async (options: Omit<SoakOptions, 'goesOn'>, minutes: number) => {
  const seconds = startClock();
  const samples: Vitals[] = [];
  const result = await soak({
    ...options,
    clearEvery: CLEAR_EVERY,
    goesOn: ticking(seconds, () => seconds() < 60 * minutes),
    onClear: home => {
      const vitals = readVitals();
      samples.push(vitals);
      console.log(
        `cleared after ${seconds()} s: ${showVitals(vitals)}, store ${storeSize(home)} bytes`,
      );
    },
  });
  console.log(`seed ${options.seed}, ${seconds()} s: ${show(result)}`);
  printCounts(result.counts);
  return findGrowth(samples);
};

export const runSoak: Run = async options => {
  const { seed, count = 50_000, minutes, times = 2, worker = 'xsnap', platform } = options;
  const common = { seed, worker, replayEvery: REPLAY_EVERY, ...(platform && { platform }) };
  if (minutes !== undefined) return runForMinutes(common, minutes);
  const hashes = new Set<string>();
  for (let time = 1; time <= times; time += 1) {
    const seconds = startClock();
    const result = await soak({
      ...common,
      goesOn: ticking(seconds, untilCrank(count)),
      machine: time % 2 === 1 ? {} : anotherMachine,
    });
    hashes.add(result.activityhash);
    console.log(`seed ${seed}, ${worker}, ${seconds()} s: ${show(result)}`);
    if (time === times) printCounts(result.counts);
  }
  return hashes.size > 1 ? [`seed ${seed} gave ${[...hashes].join(' and ')}`] : [];
};
