/** Replicas in different surroundings. `--count` is in seeds. */
import { makeTicker, startClock, type Run } from './options.js';
import { compareReplicas } from '../replicas.js';

const CRANKS = 150;

export const runReplicas: Run = async options => {
  const { seed, count = 200, minutes = Infinity, worker = 'xsnap' } = options;
  const seconds = startClock();
  const tick = makeTicker(10);
  const { seeds, cranks } = await compareReplicas({
    ...{ seed, seeds: count, cranks: CRANKS, worker },
    goesOn: done => {
      tick(done, () => `${done} seeds, ${seconds()} s`);
      return seconds() < 60 * minutes;
    },
  });
  console.log(
    `seeds ${seed} to ${seed + seeds - 1}, ${worker}: three replicas, and one of them again, agree ` +
      `after each of ${cranks} cranks, ${seconds()} s`,
  );
  return [];
};
