/**
 * Brings a vat to where its transcript ends: a fresh worker or its snapshot first, then a replay of
 * the current span.
 *
 * Boundary: reads the stores. Only `beginIncarnation`, which the warehouse passes in, writes.
 *
 * Invariant: everything that a crank can change is read at once, before the first await. A worker is
 * therefore never made of two states, whatever cranks do while it starts.
 */
import type { KernelStorage } from '../store/types.js';
import type { SlogSender } from '../types/slog.js';
import { replayDeliveries, type PositionedDelivery } from './replay.js';
import { readCurrentSpan, type CurrentSpan } from './span-reader.js';
import type { VatRecord, Worker } from './types.js';
import type { VatOutputs } from './vat-outputs.js';
import type { WorkerConnections, WorkerStarter } from './worker-starter.js';

export interface BringOnlinePorts {
  readonly kernelStorage: Pick<KernelStorage, 'transcriptStore' | 'snapStore'>;
  readonly starter: WorkerStarter;
  readonly outputs: VatOutputs;
  readonly slog: SlogSender;
  /** Starts the worker of an incarnation that has no entries yet, and writes the first. */
  readonly beginIncarnation: (record: VatRecord) => Promise<Worker>;
}

export interface BringOnline {
  /**
   * @param signal - ends the worker and rejects when it aborts
   * @throws AnachrophobiaError, TranscriptDamagedError, WorkerDiedError
   */
  readonly bringOnline: (record: VatRecord, signal?: AbortSignal) => Promise<Worker>;
  /**
   * Where the vat is, as text. Two workers that were brought online at equal positions are alike,
   * because the hash of the span covers its deliveries and its snapshot.
   */
  readonly positionOf: (record: VatRecord) => string;
}

const hasTranscript = ({ options }: VatRecord): boolean => options.useTranscript;

function* until(
  signal: AbortSignal | undefined,
  deliveries: Iterable<PositionedDelivery>,
): Generator<PositionedDelivery, void, undefined> {
  for (const delivery of deliveries) {
    signal?.throwIfAborted();
    yield delivery;
  }
}

export const makeBringOnline = (ports: BringOnlinePorts): BringOnline => {
  const { kernelStorage, starter, outputs, slog, beginIncarnation } = ports;
  const { transcriptStore, snapStore } = kernelStorage;

  const startOfSpan = (
    record: VatRecord,
    { start }: CurrentSpan,
    to: WorkerConnections,
  ): Promise<Worker> => {
    const { vatID } = record;
    switch (start.from) {
      case 'nothing':
        return beginIncarnation(record);
      case 'initialize-worker':
        return starter.startFresh(record, start.start, to);
      case 'load-snapshot': {
        const { uncompressedSize, compressedSize } = snapStore.getSnapshotInfo(vatID) ?? {};
        slog({
          type: 'heap-snapshot-load',
          vatID,
          snapPos: start.snapPos,
          hash: start.snapshotID,
          uncompressedSize,
          compressedSize,
        });
        return starter.startFromSnapshot(record, snapStore.loadSnapshot(vatID), start.snapPos, to);
      }
      default:
        return start satisfies never;
    }
  };

  const replay = async (
    { vatID }: VatRecord,
    worker: Worker,
    span: CurrentSpan,
    signal?: AbortSignal,
  ): Promise<void> => {
    slog({ type: 'start-replay', vatID, deliveries: span.length });
    const end = () => void worker.shutdown();
    signal?.addEventListener('abort', end);
    try {
      const { meteringDifferences } = await outputs.duringReplay(vatID, () =>
        replayDeliveries(vatID, worker, until(signal, span.deliveries)),
      );
      for (const difference of meteringDifferences) {
        slog({ type: 'replay-metering-difference', vatID, ...difference });
      }
    } catch (error) {
      await worker.shutdown();
      throw error;
    } finally {
      signal?.removeEventListener('abort', end);
    }
    slog({ type: 'finish-replay', vatID });
  };

  return {
    bringOnline: async (record, signal) => {
      const { vatID, source, options, limits } = record;
      const to = { output: outputs.of(vatID, limits.console), signal };
      slog({ type: 'vat-startup-start', vatID });
      let worker;
      if (hasTranscript(record)) {
        const span = readCurrentSpan(vatID, kernelStorage);
        worker = await startOfSpan(record, span, to);
        await replay(record, worker, span, signal);
      } else {
        // Such a vat keeps its state in its vatstore, so a fresh worker will do.
        const { workerOptions } = options;
        worker = await starter.startFresh(record, { source, workerOptions }, to);
      }
      slog({ type: 'vat-startup-finish', vatID });
      return worker;
    },
    positionOf: ({ vatID, source, options, limits }) => {
      const span = transcriptStore.getCurrentSpanBounds(vatID);
      return JSON.stringify({ source, options, limits, span });
    },
  };
};
