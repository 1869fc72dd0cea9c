/**
 * The vats that have a worker now. When there are too many, evicts those that were preloaded and not
 * used yet, then the least recently used.
 *
 * Invariant: a vat in use (`using`) is never evicted.
 */
import { WarehouseClosedError } from './errors.js';
import type { VatID } from '../types/ids.js';
import { makeLeastRecentlyUsed } from './lru.js';
import type { Worker } from './types.js';

interface OnlineVat {
  worker: Worker;
  users: number;
}

/** Workers that are loaded ahead and count towards the limit as well. */
export interface ReservedWorkers {
  readonly size: number;
  /** Ends one of them. Returns false if there is none. */
  evict(): Promise<boolean>;
}

export interface OnlineVats {
  readonly size: number;
  /** Whether one more vat may come online without evicting another. */
  readonly hasRoom: boolean;
  has(vatID: VatID): boolean;
  /** Returns the vat's worker. Without one, evicts others if needed and calls `bringOnline`. */
  get(vatID: VatID, bringOnline: () => Promise<Worker>): Promise<Worker>;
  /** Runs while keeping the vat online. If `run` throws, the worker is dropped. */
  using<T>(
    vatID: VatID,
    bringOnline: () => Promise<Worker>,
    run: (worker: Worker) => Promise<T>,
  ): Promise<T>;
  /** Replaces a worker that has already ended. */
  replace(vatID: VatID, worker: Worker): void;
  /** Ends the vat's worker, if it has one. */
  drop(vatID: VatID): Promise<void>;
  /** Ends all workers and lets no more come online. */
  dropAll(): Promise<void>;
}

const NONE_RESERVED: ReservedWorkers = { size: 0, evict: async () => false };

export const makeOnlineVats = (
  limit: number,
  onEvict: (vatID: VatID) => void,
  reserved = NONE_RESERVED,
): OnlineVats => {
  const vats = new Map<VatID, OnlineVat>();
  const starting = new Map<VatID, Promise<Worker>>();
  let closed = false;
  const insistOpen = (): void => {
    if (closed) throw new WarehouseClosedError();
  };
  const recent = makeLeastRecentlyUsed<VatID>();

  const count = (): number => vats.size + starting.size + reserved.size;

  const drop = async (vatID: VatID): Promise<void> => {
    const vat = vats.get(vatID);
    if (!vat) return;
    vats.delete(vatID);
    recent.remove(vatID);
    await vat.worker.shutdown();
  };

  /** Evicts until there is room for all vats in `starting`, which includes the caller's. */
  const makeRoom = async (): Promise<void> => {
    while (count() > limit && (await reserved.evict()));
    for (const vatID of recent.keys()) {
      if (count() <= limit) return;
      if (vats.get(vatID)?.users !== 0) continue;
      onEvict(vatID);
      await drop(vatID);
    }
  };

  const start = async (vatID: VatID, bringOnline: () => Promise<Worker>): Promise<Worker> => {
    try {
      await makeRoom();
      insistOpen();
      const worker = await bringOnline();
      if (closed) {
        await worker.shutdown();
        insistOpen();
      }
      vats.set(vatID, { worker, users: 0 });
      return worker;
    } finally {
      starting.delete(vatID);
    }
  };

  const get = async (vatID: VatID, bringOnline: () => Promise<Worker>): Promise<Worker> => {
    recent.touch(vatID);
    const online = vats.get(vatID);
    if (online) return online.worker;
    let pending = starting.get(vatID);
    if (!pending) {
      // Deferred, so that `starting` includes this vat when `makeRoom` counts.
      pending = Promise.resolve().then(() => start(vatID, bringOnline));
      starting.set(vatID, pending);
    }
    try {
      return await pending;
    } catch (error) {
      recent.remove(vatID);
      throw error;
    }
  };

  return {
    get size() {
      return vats.size;
    },
    get hasRoom() {
      return count() < limit;
    },
    has: vatID => vats.has(vatID),
    get,
    using: async (vatID, bringOnline, run) => {
      const ready = vats.get(vatID);
      if (ready) recent.touch(vatID);
      // Awaited only by vats that have none: most have one, and each promise costs the host time.
      const worker = ready ? ready.worker : await get(vatID, bringOnline);
      const vat = ready ?? vats.get(vatID);
      if (vat) vat.users += 1;
      try {
        return await run(worker);
      } catch (error) {
        await drop(vatID);
        throw error;
      } finally {
        if (vat) vat.users -= 1;
      }
    },
    replace: (vatID, worker) => {
      const vat = vats.get(vatID);
      if (vat) vat.worker = worker;
    },
    drop,
    dropAll: async () => {
      closed = true;
      await Promise.all([...vats.keys()].map(drop));
      await Promise.allSettled(starting.values());
    },
  };
};
