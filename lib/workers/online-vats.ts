/**
 * The vats that have a worker now. Evicts the least recently used when there are too many.
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

export interface OnlineVats {
  readonly size: number;
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

export const makeOnlineVats = (limit: number, onEvict: (vatID: VatID) => void): OnlineVats => {
  const vats = new Map<VatID, OnlineVat>();
  const starting = new Map<VatID, Promise<Worker>>();
  let closed = false;
  const insistOpen = (): void => {
    if (closed) throw new WarehouseClosedError();
  };
  const recent = makeLeastRecentlyUsed<VatID>();

  const drop = async (vatID: VatID): Promise<void> => {
    const vat = vats.get(vatID);
    if (!vat) return;
    vats.delete(vatID);
    recent.remove(vatID);
    await vat.worker.shutdown();
  };

  /** Evicts until there is room for all vats in `starting`, which includes the caller's. */
  const makeRoom = async (): Promise<void> => {
    for (const vatID of recent.keys()) {
      if (vats.size + starting.size <= limit) return;
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
    has: vatID => vats.has(vatID),
    get,
    using: async (vatID, bringOnline, run) => {
      const worker = await get(vatID, bringOnline);
      const vat = vats.get(vatID);
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
