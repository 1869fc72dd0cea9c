/**
 * Owns the workers that run ahead of their vats' turns, until the warehouse takes them.
 *
 * Invariant: every worker started here is also ended here, unless the warehouse took it.
 */
import type { VatID } from '../types/ids.js';
import { startAhead, type StartedAhead } from './ahead-worker.js';
import { WarehouseClosedError } from './errors.js';
import type { AheadWorkers, VatRecord, Worker } from './types.js';
import type { OutputSinks } from './vat-outputs.js';

export interface OwnedAheadWorkers extends AheadWorkers {
  /** Returns the worker that ran ahead as that incarnation, if any. The caller then owns it. */
  take(vatID: VatID, incarnation: number): Worker | undefined;
}

/** `startFresh` starts a worker for the record's vat, and says to the sinks what it says. */
export const makeAheadWorkers = (
  ownSinks: OutputSinks,
  startFresh: (record: VatRecord, sinks: OutputSinks) => Promise<Worker>,
): OwnedAheadWorkers => {
  const started = new Map<VatID, { readonly incarnation: number; readonly ahead: StartedAhead }>();
  const starting = new Set<Promise<unknown>>();
  let closed = false;

  const start = async (record: VatRecord, incarnation: number): Promise<Worker> => {
    const { vatID } = record;
    const ahead = await startAhead(vatID, ownSinks, sinks => startFresh(record, sinks));
    started.set(vatID, { incarnation, ahead });
    return ahead.worker;
  };

  const withdraw = async (vatID: VatID): Promise<void> => {
    const withdrawn = started.get(vatID);
    started.delete(vatID);
    await withdrawn?.ahead.worker.shutdown();
  };

  return {
    startFresh: async (record, incarnation) => {
      if (closed) throw new WarehouseClosedError();
      const pending = start(record, incarnation);
      starting.add(pending);
      try {
        return await pending;
      } finally {
        starting.delete(pending);
      }
    },
    take: (vatID, incarnation) => {
      const found = started.get(vatID);
      if (found?.incarnation !== incarnation) return undefined;
      started.delete(vatID);
      return found.ahead.play();
    },
    withdraw,
    shutdown: async () => {
      closed = true;
      await Promise.all([...started.keys()].map(withdraw));
      await Promise.allSettled(starting);
      await Promise.all([...started.keys()].map(withdraw));
    },
  };
};
