/**
 * The metrics of a solo server: its kernel's, and its own.
 *
 * Invariant: gauges are as of the last commit, like all answers of the server.
 */
import { openCommittedReader, type CommittedReader } from '../../store/committed-reader.js';
import { asKVStore } from '../committed-kernel.js';
import { makeKernelMetrics, type KernelMetrics } from '../kernel-metrics.js';
import type { BlockMaker } from './block-maker.js';
import type { CommittedState } from './committed-state.js';

export interface SoloMetrics extends Pick<KernelMetrics, 'slogSender' | 'render' | 'close'> {
  /** Offers the gauges. Call it once the server's parts are there. */
  readonly observe: (state: CommittedState, blocks: BlockMaker) => void;
}

/**
 * Rows as of the last commit. The first entry of the slog comes when the store is there; the last
 * ones, of a kernel that ends, may come when the rows are closed. There are none then.
 */
const makeRows = (home: string) => {
  let reader: CommittedReader | undefined;
  let isClosed = false;
  const open = (): CommittedReader | undefined => {
    if (!isClosed) reader ??= openCommittedReader(home);
    return isClosed ? undefined : reader;
  };
  return {
    kvStore: asKVStore({
      get: key => open()?.get(key),
      getNextKey: previousKey => open()?.getNextKey(previousKey),
    }),
    close: (): void => {
      isClosed = true;
      reader?.close();
    },
  };
};

/** Its `slogSender` must hear of the boot. */
export const makeSoloMetrics = (home: string): SoloMetrics => {
  const rows = makeRows(home);
  const metrics = makeKernelMetrics({ kvStore: rows.kvStore });
  const { slogSender, render, addGauge } = metrics;
  return {
    slogSender,
    observe: (state, blocks) => {
      metrics.observe(state.kernel, {
        height: () => state.height(),
        cranks: () => state.status().crankNumber,
      });
      addGauge(
        'swingset_requests_waiting',
        'Requests that wait for a block.',
        () => blocks.waiting,
      );
      addGauge(
        'swingset_results_unresolved',
        'Messages whose result is still to come.',
        () => blocks.pendingResults,
      );
    },
    render,
    close: async () => {
      rows.close();
      await metrics.close();
    },
  };
};
