/**
 * The metrics of a node: its kernel's slog, and gauges as of the last commit.
 *
 * Boundary: reads the node's store by its path, beside the block host, which may erase it (`init`)
 * or put another in its place (state sync). So no connection to the store outlives a turn of the
 * event loop.
 */
import { openCommittedReader, type CommittedReader } from '../../../store/committed-reader.js';
import { readLastBlock } from '../../../host/block-host/tables/last-block.js';
import { asKVStore, readKernelState } from '../../../host/committed-kernel.js';
import { makeKernelMetrics, type KernelMetrics } from '../../../host/kernel-metrics.js';
import { observeCommitted } from '../../../host/observe-committed.js';
import { isSwingStore } from '../../../store/directory.js';

export type NodeMetrics = Pick<KernelMetrics, 'slogSender' | 'render' | 'close'>;

/** Rows as of the last commit. Reads that follow one another without a pause share a connection. */
const makeRows = (path: string) => {
  let reader: CommittedReader | undefined;
  const close = (): void => {
    reader?.close();
    reader = undefined;
  };
  const open = (): CommittedReader => {
    if (!reader) {
      reader = openCommittedReader(path);
      queueMicrotask(close);
    }
    return reader;
  };
  return {
    get: (key: string) => open().get(key),
    getNextKey: (previousKey: string) => open().getNextKey(previousKey),
  };
};

/**
 * Before there is a chain there are no gauges.
 *
 * @param path - The directory of the node's store. It need not exist yet.
 */
export const makeNodeMetrics = (path: string): NodeMetrics => {
  const rows = makeRows(path);
  const kvStore = asKVStore(rows);
  const metrics = makeKernelMetrics({ kvStore });
  const readKernel = () => readKernelState(kvStore);
  let isObserved = false;
  const observe = (): void => {
    if (isObserved || !isSwingStore(path) || !readLastBlock(rows)) return;
    isObserved = true;
    metrics.observe(observeCommitted(readKernel), {
      height: () => readLastBlock(rows)?.height ?? 0,
      cranks: () => readKernel().crankNumber,
    });
  };
  return {
    slogSender: metrics.slogSender,
    render: async () => {
      observe();
      return metrics.render();
    },
    close: metrics.close,
  };
};
