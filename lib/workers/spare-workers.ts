/**
 * Processes that were started from a platform image ahead of time, so that a new incarnation need
 * not wait for one. Local to this machine: a spare and a process started on demand are the same.
 */
import type { WorkerPowers } from '../platform/xsnap-process.js';
import { startSpareProcess, type HeapStream, type SpareProcess } from './xsnap-worker.js';

export interface SpareWorkers {
  /**
   * A spare of that image and limit, if there is one; and sees to it that the next call finds one.
   * `loadImage` is asked only if spares are kept at all.
   */
  take(
    imageID: string,
    meteringLimit: number,
    loadImage: () => Promise<HeapStream>,
  ): Promise<SpareProcess> | undefined;
  shutdown(): Promise<void>;
}

/** Keeps up to `count` spares of each image and limit that was asked for. */
export const makeSpareWorkers = (count: number, powers: WorkerPowers): SpareWorkers => {
  const pools = new Map<string, Promise<SpareProcess>[]>();
  let stopped = false;

  const startOne = async (
    meteringLimit: number,
    loadImage: () => Promise<HeapStream>,
  ): Promise<SpareProcess> => startSpareProcess({ powers, meteringLimit }, await loadImage());

  const refill = (
    pool: Promise<SpareProcess>[],
    meteringLimit: number,
    loadImage: () => Promise<HeapStream>,
  ): void => {
    while (pool.length < count) {
      const spare = startOne(meteringLimit, loadImage);
      pool.push(spare);
      // One that could not be started is no spare; who needs a worker starts one and sees why not.
      spare.catch(() => {
        const index = pool.indexOf(spare);
        if (index >= 0) void pool.splice(index, 1);
      });
    }
  };

  return {
    take: (imageID, meteringLimit, loadImage) => {
      if (count === 0 || stopped) return undefined;
      const key = `${imageID} ${meteringLimit}`;
      const pool = pools.get(key) ?? [];
      pools.set(key, pool);
      const taken = pool.shift();
      refill(pool, meteringLimit, loadImage);
      return taken;
    },
    shutdown: async () => {
      stopped = true;
      const spares = [...pools.values()].flat();
      pools.clear();
      for (const spare of await Promise.allSettled(spares)) {
        if (spare.status === 'fulfilled') await spare.value.process.kill();
      }
    },
  };
};
