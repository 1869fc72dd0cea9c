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

export interface AheadWorkersConfig {
  readonly sinks: OutputSinks;
  readonly incarnationOf: (vatID: VatID) => number;
  readonly bringOnline: (vatID: VatID, sinks: OutputSinks) => Promise<Worker>;
  readonly startFresh: (record: VatRecord, sinks: OutputSinks) => Promise<Worker>;
}

export interface OwnedAheadWorkers extends AheadWorkers {
  /** Returns the worker that ran ahead as that incarnation, if any. The caller then owns it. */
  take(vatID: VatID, incarnation: number): Worker | undefined;
}

export const makeAheadWorkers = (config: AheadWorkersConfig): OwnedAheadWorkers => {
  const started = new Map<VatID, Map<number, StartedAhead>>();
  const starting = new Set<Promise<unknown>>();
  let closed = false;

  const start = async (
    vatID: VatID,
    incarnation: number,
    launch: (sinks: OutputSinks) => Promise<Worker>,
  ): Promise<Worker> => {
    const ahead = await startAhead(vatID, config.sinks, launch);
    const ofVat = started.get(vatID) ?? new Map<number, StartedAhead>();
    started.set(vatID, ofVat.set(incarnation, ahead));
    return ahead.worker;
  };

  const own = async (launch: () => Promise<Worker>): Promise<Worker> => {
    if (closed) throw new WarehouseClosedError();
    const pending = launch();
    starting.add(pending);
    try {
      return await pending;
    } finally {
      starting.delete(pending);
    }
  };

  const withdraw = async (vatID: VatID): Promise<void> => {
    const withdrawn = [...(started.get(vatID)?.values() ?? [])];
    started.delete(vatID);
    await Promise.all(withdrawn.map(({ worker }) => worker.shutdown()));
  };

  return {
    bringOnline: vatID =>
      own(() =>
        start(vatID, config.incarnationOf(vatID), sinks => config.bringOnline(vatID, sinks)),
      ),
    startFresh: (record, incarnation) =>
      own(() => start(record.vatID, incarnation, sinks => config.startFresh(record, sinks))),
    take: (vatID, incarnation) => {
      const ofVat = started.get(vatID);
      const ahead = ofVat?.get(incarnation);
      ofVat?.delete(incarnation);
      return ahead?.play();
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
