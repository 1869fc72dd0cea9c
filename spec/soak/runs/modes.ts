/** Eager, lazy and rolling restarts side by side. `--count` is in schedules. */
import { makeTicker, printCounts, showReplays, startClock, type Run } from './options.js';
import { compareModes } from '../modes.js';

export const runModes: Run = async options => {
  const { seed, count = 500, minutes = Infinity, worker = 'xsnap' } = options;
  const seconds = startClock();
  const tick = makeTicker(25);
  const { schedules, cranks, compared, counts, replays } = await compareModes({
    ...{ seed, schedules: count, worker },
    goesOn: done => {
      tick(done, () => `${done} schedules, ${seconds()} s`);
      return seconds() < 60 * minutes;
    },
  });
  console.log(
    `seed ${seed}, ${worker}: ${schedules} schedules in three modes, ${compared} states of vats ` +
      `are the same, ${cranks} cranks of the first, ${seconds()} s; ${showReplays(replays)}`,
  );
  printCounts(counts);
  return [];
};
