/**
 * The metrics of a solo server, as text for Prometheus. `docs/observability.md` lists them.
 *
 * Boundary: brings an SDK of OpenTelemetry for metrics. Traces go to the SDK that the program has
 * registered, if any.
 *
 * Invariant: gauges are as of the last commit, like all answers of the server.
 */
import type { Meter } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { openCommittedReader, type CommittedReader } from '../../store/committed-reader.js';
import { makeTelemetry } from '../../telemetry/make-telemetry.js';
import type { SlogSender } from '../../types/slog.js';
import { asKVStore } from '../committed-kernel.js';
import type { BlockMaker } from './block-maker.js';
import type { CommittedState } from './committed-state.js';

export interface SoloMetrics {
  readonly slogSender: SlogSender | undefined;
  /** Offers the gauges. Call it once the server's parts are there. */
  readonly observe: (state: CommittedState, blocks: BlockMaker) => void;
  /** In the text format of Prometheus, version 0.0.4. @throws what reading the store throws */
  readonly render: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Collects when it is asked to. */
class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
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

const observeServer = (meter: Meter, state: CommittedState, blocks: BlockMaker): void => {
  const gauge = (name: string, description: string, read: () => number): void =>
    meter
      .createObservableGauge(name, { description })
      .addCallback(result => result.observe(read()));
  gauge('swingset_block_height', 'Height of the last block.', () => state.height());
  gauge('swingset_requests_waiting', 'Requests that wait for a block.', () => blocks.waiting);
  gauge(
    'swingset_results_unresolved',
    'Messages whose result is still to come.',
    () => blocks.pendingResults,
  );
  meter
    .createObservableCounter('swingset_cranks_total', {
      description: 'Cranks since the store was made.',
    })
    .addCallback(result => result.observe(state.status().crankNumber));
};

/** Its `slogSender` must hear of the boot. */
export const makeSoloMetrics = (home: string): SoloMetrics => {
  const reader = new PullReader();
  const provider = new MeterProvider({ readers: [reader] });
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  const meter = provider.getMeter('swingset-kernel');
  const rows = makeRows(home);
  const telemetry = makeTelemetry({ meter, kernelStorage: { kvStore: rows.kvStore } });
  return {
    slogSender: telemetry.slogSender,
    observe: (state, blocks) => {
      telemetry.observe(state.kernel);
      observeServer(meter, state, blocks);
    },
    render: async () => {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw errors[0];
      return serializer.serialize(resourceMetrics);
    },
    close: async () => {
      rows.close();
      await provider.shutdown();
    },
  };
};
