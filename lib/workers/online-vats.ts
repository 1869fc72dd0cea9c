/**
 * The vats that have a worker now, and which of them go when there are too many.
 *
 * Invariant: a vat that is in use (`using`) is never set aside.
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
  /** The vat's worker; `bringOnline` makes it if there is none. Sets others aside for it. */
  get(vatID: VatID, bringOnline: () => Promise<Worker>): Promise<Worker>;
  /** Runs with the vat kept online. If it throws, the worker is dropped. */
  using<T>(
    vatID: VatID,
    bringOnline: () => Promise<Worker>,
    run: (worker: Worker) => Promise<T>,
  ): Promise<T>;
  /** Puts another worker in the place of one that is gone already. */
  replace(vatID: VatID, worker: Worker): void;
  /** Ends the vat's worker, if it has one. */
  drop(vatID: VatID): Promise<void>;
  /** Ends them all, and lets none come online again. */
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

  /** For those that are starting, the one that asks among them. */
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
      // Not before it is among those that are starting.
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
