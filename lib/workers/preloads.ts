/**
 * Brings vats online before their first use, several at once, and owns their workers until the
 * warehouse takes them.
 *
 * Boundary: decides nothing. A vat that can't be loaded here stays offline. The delivery that needs
 * it loads it again and meets the error in its own crank.
 *
 * Invariants:
 * 1. The warehouse gets a worker only for a vat that is still where it was when its load began. In
 *    the meantime, the vat may have been upgraded, or the load may have read rows of a crank that
 *    was undone.
 * 2. Every worker started here is also ended here, unless the warehouse took it.
 * 3. No load begins without room for its vat, so that preloading puts nobody aside.
 */
import { StoreClosedError } from '../store/errors.js';
import type { VatID } from '../types/ids.js';
import type { BringOnline } from './bring-online.js';
import type { VatRecord, Worker } from './types.js';

export interface PreloadPorts extends BringOnline {
  /** Loads that are under way at the same time. */
  readonly concurrency: number;
  /** Whether another vat may come online. Counts `Preloads.size`. */
  readonly hasRoom: () => boolean;
  /**
   * The vat's record, or undefined if the vat is not to be loaded.
   *
   * @throws KernelStateError if the vat does not exist.
   */
  readonly readRecord: (vatID: VatID) => VatRecord | undefined;
  readonly onEvict: (vatID: VatID) => void;
}

/** Returns the worker, or undefined if the caller has to bring the vat online itself. */
export type TakePreload = (record: VatRecord) => Promise<Worker | undefined>;

export interface PreloadCount {
  readonly loaded: number;
  readonly failed: number;
}

export interface Preloads {
  /** Vats that are loaded or being loaded, and not claimed. */
  readonly size: number;
  /** Vats that are loaded and not claimed. */
  readonly loaded: number;
  isLoaded(vatID: VatID): boolean;
  /**
   * Loads these vats in order and returns when all are loaded, or when there is no room for more.
   *
   * @param onFailure - told of each vat that can't be loaded. If it throws, no more loads begin, and
   *   the promise rejects
   */
  load(
    vatIDs: readonly VatID[],
    onFailure: (vatID: VatID, error: unknown) => void,
  ): Promise<PreloadCount>;
  /**
   * Hands over a vat that the caller is about to bring online. A load under way goes on, and one
   * that has not begun won't begin. Undefined if there is nothing to take.
   */
  claim(vatID: VatID): TakePreload | undefined;
  /** Begins no load while `run` runs: what a delivery waits for goes first. */
  whileHeld<T>(run: () => Promise<T>): Promise<T>;
  /** Gives up the vat that was loaded last. Returns false if there is none. */
  evict(): Promise<boolean>;
  /** Ends the vat's worker and its load. A load that has not begun won't begin. */
  drop(vatID: VatID): Promise<void>;
  /** Ends all workers and loads. No more can begin. */
  shutdown(): Promise<void>;
}

type Outcome =
  | { readonly kind: 'loaded'; readonly worker: Worker }
  | { readonly kind: 'failed'; readonly error: unknown };

interface Load {
  /** Where the vat was when the load began. */
  readonly position: string;
  readonly abort: AbortController;
  readonly outcome: Promise<Outcome>;
  isLoaded: boolean;
}

export const makePreloads = (ports: PreloadPorts): Preloads => {
  const { concurrency, hasRoom, readRecord, bringOnline, positionOf, onEvict } = ports;
  const waiting = new Set<VatID>();
  const loads = new Map<VatID, Load>();
  const claimed = new Set<Load>();
  const held = new Set<Promise<unknown>>();
  let closed = false;

  const begin = (record: VatRecord): Load => {
    const abort = new AbortController();
    const load: Load = {
      position: positionOf(record),
      abort,
      isLoaded: false,
      outcome: bringOnline(record, abort.signal).then(
        worker => {
          load.isLoaded = true;
          return { kind: 'loaded', worker };
        },
        (error: unknown) => ({ kind: 'failed', error }),
      ),
    };
    return load;
  };

  const end = async ({ abort, outcome }: Load): Promise<void> => {
    abort.abort();
    const ended = await outcome;
    if (ended.kind === 'loaded') await ended.worker.shutdown();
  };

  const remove = async (vatID: VatID): Promise<void> => {
    const load = loads.get(vatID);
    loads.delete(vatID);
    if (load) await end(load);
  };

  /** Undefined if nobody has to know what came of it. */
  const loadOne = async (vatID: VatID): Promise<Outcome | undefined> => {
    let load: Load;
    try {
      const record = readRecord(vatID);
      if (record === undefined) return undefined;
      load = begin(record);
    } catch (error) {
      return { kind: 'failed', error };
    }
    loads.set(vatID, load);
    const outcome = await load.outcome;
    if (outcome.kind === 'loaded') return outcome;
    // Whoever has claimed or dropped it in the meantime knows better what to do.
    return loads.get(vatID) === load && loads.delete(vatID) ? outcome : undefined;
  };

  return {
    get size() {
      return loads.size;
    },
    get loaded() {
      return [...loads.values()].filter(({ isLoaded }) => isLoaded).length;
    },
    isLoaded: vatID => loads.get(vatID)?.isLoaded === true,
    load: async (vatIDs, onFailure) => {
      for (const vatID of vatIDs) waiting.add(vatID);
      let loaded = 0;
      let failed = 0;
      const loadSome = async (): Promise<void> => {
        for (;;) {
          while (held.size > 0) await Promise.allSettled(held);
          const [vatID] = waiting;
          if (vatID === undefined) return;
          waiting.delete(vatID);
          if (closed || !hasRoom()) {
            waiting.clear();
            return;
          }
          const outcome = await loadOne(vatID);
          if (outcome?.kind === 'loaded') loaded += 1;
          if (closed || outcome?.kind !== 'failed') continue;
          if (outcome.error instanceof StoreClosedError) {
            waiting.clear();
            return;
          }
          failed += 1;
          try {
            onFailure(vatID, outcome.error);
          } catch (error) {
            waiting.clear();
            throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: concurrency }, loadSome));
      return { loaded, failed };
    },
    claim: vatID => {
      waiting.delete(vatID);
      const load = loads.get(vatID);
      if (!load) return undefined;
      loads.delete(vatID);
      claimed.add(load);
      return async record => {
        try {
          if (positionOf(record) !== load.position) {
            await end(load);
            return undefined;
          }
          const outcome = await load.outcome;
          return outcome.kind === 'loaded' ? outcome.worker : undefined;
        } finally {
          claimed.delete(load);
        }
      };
    },
    whileHeld: async run => {
      const running = run();
      held.add(running);
      try {
        return await running;
      } finally {
        held.delete(running);
      }
    },
    evict: async () => {
      const [vatID] = [...loads.keys()].reverse();
      if (vatID === undefined) return false;
      onEvict(vatID);
      await remove(vatID);
      return true;
    },
    drop: async vatID => {
      waiting.delete(vatID);
      await remove(vatID);
    },
    shutdown: async () => {
      closed = true;
      waiting.clear();
      await Promise.all([...[...loads.keys()].map(remove), ...[...claimed].map(end)]);
    },
  };
};
