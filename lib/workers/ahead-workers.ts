/**
 * Owns the workers that run ahead of their vats' turns, until the warehouse takes them.
 *
 * Invariants
 * 1. Every worker started here is also ended here, unless the warehouse took it.
 * 2. The warehouse gets a worker only for the record with which the worker started. In the meantime,
 *    an upgrade may have given the vat other code, or the host another limit.
 */
import type { VatID } from '../types/ids.js';
import { startAhead, type StartedAhead } from './ahead-worker.js';
import { WarehouseClosedError } from './errors.js';
import type { AheadWorkers, VatRecord, Worker } from './types.js';
import type { OutputSinks } from './vat-outputs.js';

export interface OwnedAheadWorkers extends AheadWorkers {
  /**
   * Returns the worker that ran ahead as that incarnation of that record, if any, when it is done.
   * The caller then owns it. Ends a worker that started with another record.
   */
  take(record: VatRecord, incarnation: number): Promise<Worker | undefined>;
}

/** All that a worker and its deliveries depend on, besides the answers to syscalls. */
const startOf = ({ source, options, limits }: VatRecord, incarnation: number): string =>
  JSON.stringify({ incarnation, source, options, limits });

/** `startFresh` starts a worker for the record's vat, and says to the sinks what it says. */
export const makeAheadWorkers = (
  ownSinks: OutputSinks,
  startFresh: (record: VatRecord, sinks: OutputSinks) => Promise<Worker>,
): OwnedAheadWorkers => {
  const started = new Map<VatID, { readonly start: string; readonly ahead: StartedAhead }>();
  const starting = new Set<Promise<unknown>>();
  const running = new Map<VatID, Promise<void>>();
  let closed = false;

  const start = async (record: VatRecord, incarnation: number): Promise<Worker> => {
    const { vatID } = record;
    const ahead = await startAhead(vatID, ownSinks, sinks => startFresh(record, sinks));
    started.set(vatID, { start: startOf(record, incarnation), ahead });
    return ahead.worker;
  };

  const end = async (vatID: VatID): Promise<void> => {
    const ended = started.get(vatID);
    started.delete(vatID);
    await ended?.ahead.worker.shutdown();
  };
  /** Ends the worker first, so that a vat that loops doesn't keep its run alive. */
  const withdraw = async (vatID: VatID): Promise<void> => {
    await end(vatID);
    await running.get(vatID);
    await end(vatID);
  };
  const withdrawAll = async (): Promise<void> => {
    await Promise.all([...started.keys()].map(end));
    await Promise.allSettled([...starting, ...running.values()]);
    await Promise.all([...started.keys()].map(end));
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
    run: async (vatID, task) => {
      // The vat's turn meets the error again, unless it came of running ahead.
      const settled = task().catch(() => end(vatID));
      running.set(vatID, settled);
      await settled;
      if (running.get(vatID) === settled) running.delete(vatID);
    },
    take: async (record, incarnation) => {
      const { vatID } = record;
      await running.get(vatID);
      const found = started.get(vatID);
      if (found?.start !== startOf(record, incarnation)) {
        await end(vatID);
        return undefined;
      }
      started.delete(vatID);
      return found.ahead.play();
    },
    withdraw,
    withdrawAll,
    shutdown: async () => {
      closed = true;
      await withdrawAll();
    },
  };
};
