/**
 * Letters to vats that sleep, are suspended, upgraded and terminated. `--count` is in deliveries of
 * messages and notifications.
 */
import { makeTicker, printCounts, showReplays, startClock, type Run } from './options.js';
import { soak } from '../soak.js';

export const runLetters: Run = async options => {
  const { seed, count = 100_000, minutes = Infinity, worker = 'local', platform } = options;
  const seconds = startClock();
  const tick = makeTicker(5000);
  const result = await soak({
    ...{ seed, worker, letters: 100, epochs: 8, replayEvery: 200, clearEvery: 20_000 },
    ...(platform && { platform }),
    goesOn: ({ messages, notifications, letters }) => {
      const deliveries = messages + notifications;
      tick(deliveries, () => `${deliveries} deliveries, ${letters} letters, ${seconds()} s`);
      return deliveries < count && seconds() < 60 * minutes;
    },
  });
  const { letters, messages, notifications, cranks, rounds, replays } = result;
  console.log(
    `seed ${seed}, ${worker}: ${messages} messages, ${notifications} notifications and ${letters} ` +
      `letters among them in ${cranks} cranks and ${rounds} rounds, ${seconds()} s; ` +
      showReplays(replays),
  );
  printCounts(result.counts);
  return [];
};
