/**
 * Workers that run ahead of their vats' turns, and those that were offered for a turn.
 *
 * Invariant: every worker made here is ended here, unless the warehouse took it.
 */
import type { VatID } from '../types/ids.js';
import { WarehouseClosedError } from './errors.js';
import type { AheadWorkers, VatRecord, Worker } from './types.js';

interface Offer {
  readonly incarnation: number;
  readonly worker: Worker;
}

export interface AheadWorkersConfig {
  readonly bringOnline: (vatID: VatID) => Promise<Worker>;
  readonly startFresh: (record: VatRecord) => Promise<Worker>;
}

export interface OwnedAheadWorkers extends AheadWorkers {
  /** The worker that was offered for that incarnation, if one was. It is the taker's now. */
  take(vatID: VatID, incarnation: number): Worker | undefined;
  shutdown(): Promise<void>;
}

export const makeAheadWorkers = (config: AheadWorkersConfig): OwnedAheadWorkers => {
  const offers = new Map<VatID, Offer[]>();
  const running = new Set<Worker>();
  const starting = new Set<Promise<Worker>>();
  let closed = false;

  const own = async (start: Promise<Worker>): Promise<Worker> => {
    starting.add(start);
    try {
      const worker = await start;
      if (closed) {
        await worker.shutdown();
        throw new WarehouseClosedError();
      }
      const owned: Worker = {
        ...worker,
        shutdown: async () => {
          running.delete(owned);
          await worker.shutdown();
        },
      };
      running.add(owned);
      return owned;
    } finally {
      starting.delete(start);
    }
  };

  return {
    bringOnline: vatID => own(config.bringOnline(vatID)),
    startFresh: record => own(config.startFresh(record)),
    offer: (vatID, incarnation, worker) => {
      offers.set(vatID, [...(offers.get(vatID) ?? []), { incarnation, worker }]);
    },
    take: (vatID, incarnation) => {
      const found = offers.get(vatID)?.find(each => each.incarnation === incarnation);
      if (!found) return undefined;
      offers.set(vatID, offers.get(vatID)?.filter(each => each !== found) ?? []);
      return found.worker;
    },
    withdraw: async vatID => {
      const withdrawn = offers.get(vatID) ?? [];
      offers.delete(vatID);
      for (const { worker } of withdrawn) await worker.shutdown();
    },
    shutdown: async () => {
      closed = true;
      await Promise.allSettled(starting);
      await Promise.all([...running].map(worker => worker.shutdown()));
    },
  };
};
