/**
 * The limit of cranks whose workers cost little: what is left of the same writes at the same commits,
 * and nothing else.
 */
import { costOf, perUnit } from '../harness/stopwatch.js';
import type { Context, Sample } from '../harness/types.js';
import type { Workload } from '../rows/workload.js';
import { startSwingset } from '../swingset.js';
import { leftAtCommits, openBareSQLite, recordWrites, type Write } from './recorded-writes.js';

export const measureBareSQLite = async (
  { config, warmUp, play }: Workload,
  context: Context,
): Promise<Sample> => {
  const writes: Write[] = [];
  const swingset = await startSwingset(context, config, {
    wrapStorage: kernelStorage => recordWrites(kernelStorage, write => void writes.push(write)),
  });
  const noting = {
    ...swingset,
    commit: async () => {
      writes.push(['commit']);
      await swingset.commit();
    },
    call: async (...args: Parameters<typeof swingset.call>) => {
      const cranks = await swingset.call(...args);
      writes.push(['commit']);
      return cranks;
    },
  };
  await warmUp(noting, context);
  const before = writes.length;
  const cranks = await play(noting, context);
  await swingset.close();

  const bare = openBareSQLite(context.storeDir);
  const [early, timed] = [writes.slice(0, before), writes.slice(before)].map(leftAtCommits);
  bare.repeat(early!);
  const cost = await costOf(() => bare.repeat(timed!));
  bare.close();
  const { ms, cpuMs } = perUnit(cost, cranks);
  return { wall: ms, cpu: cpuMs };
};
