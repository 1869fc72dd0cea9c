/**
 * Keeps processes ready that have loaded a platform image, so that a new incarnation need not wait
 * for one. Local to this machine: a spare behaves exactly like a process started on demand.
 */
import type { WorkerPowers } from '../platform/xsnap-process.js';
import { startSpareProcess, type HeapStream, type SpareProcess } from './xsnap-start.js';

type LoadImage = () => Promise<HeapStream>;

/** All that a process is started with. */
export interface SpareKind {
  readonly imageID: string;
  readonly meteringLimit: number;
  /** Slots that the vat's bundle calls for, if there is a heap rule. */
  readonly firstHeap?: number | undefined;
}

export interface SpareWorkers {
  /**
   * Returns a spare of that kind, if there is one, and starts its successor. Calls `loadImage` only
   * if spares are kept at all.
   */
  take(kind: SpareKind, loadImage: LoadImage): Promise<SpareProcess | undefined>;
  shutdown(): Promise<void>;
}

/** Keeps up to `count` spares of each kind that was asked for. */
export const makeSpareWorkers = (count: number, powers: WorkerPowers): SpareWorkers => {
  /** Undefined if it could not be started. The next start on demand then reports the reason. */
  type Spare = Promise<SpareProcess | undefined>;
  const pools = new Map<string, Set<Spare>>();
  let stopped = false;

  const addSpare = (pool: Set<Spare>, meteringLimit: number, loadImage: LoadImage): void => {
    const spare: Spare = loadImage()
      .then(image => startSpareProcess({ powers, meteringLimit }, image))
      .catch(() => undefined);
    pool.add(spare);
    const forget = (): void => {
      pool.delete(spare);
    };
    void spare.then(started => (started ? started.process.ended.then(forget) : forget()));
  };

  return {
    take: async ({ imageID, meteringLimit, firstHeap }, loadImage) => {
      if (count === 0 || stopped) return undefined;
      const key = `${imageID} ${meteringLimit} ${firstHeap ?? ''}`;
      const pool = pools.get(key) ?? new Set();
      pools.set(key, pool);
      const [taken] = pool;
      if (taken) pool.delete(taken);
      while (pool.size < count) addSpare(pool, meteringLimit, loadImage);
      return taken;
    },
    shutdown: async () => {
      stopped = true;
      const spares = [...pools.values()].flatMap(pool => [...pool]);
      pools.clear();
      for (const spare of spares) await (await spare)?.process.kill();
    },
  };
};
