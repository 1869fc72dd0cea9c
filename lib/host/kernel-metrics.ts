/**
 * The metrics of a kernel, as text for Prometheus: those of its slog, and gauges of what it has
 * committed. `docs/observability.md` lists them. The solo server and the nodes of chains print them.
 *
 * Boundary: brings an SDK of OpenTelemetry for metrics. Traces go to the SDK that the program has
 * registered, if any.
 */
import type { Meter } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { ObservedKernel } from '../telemetry/kernel-gauges.js';
import { makeTelemetry } from '../telemetry/make-telemetry.js';
import type { NameSource } from '../telemetry/vat-labels.js';
import type { SlogSender } from '../types/slog.js';

/** The media type of the text format, version 0.0.4. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface KernelMetrics {
  /** Must hear of the boot. */
  readonly slogSender: SlogSender | undefined;
  /** Offers the gauges of the kernel, and of the blocks that its host makes. Call it once. */
  readonly observe: (kernel: ObservedKernel, blocks: ObservedBlocks) => void;
  /** Offers one more gauge. */
  readonly addGauge: (name: string, description: string, read: () => number) => void;
  /** In the text format of Prometheus. @throws what a gauge throws */
  readonly render: () => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface ObservedBlocks {
  height(): number;
  /** Cranks since the store was made. */
  cranks(): number;
}

/** Collects when it is asked to. */
class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}

const gaugeOn =
  (meter: Meter): KernelMetrics['addGauge'] =>
  (name, description, read) =>
    meter
      .createObservableGauge(name, { description })
      .addCallback(result => result.observe(read()));

/** @param names - Where names of static vats are read, as of the last commit. */
export const makeKernelMetrics = (names: NameSource): KernelMetrics => {
  const reader = new PullReader();
  const provider = new MeterProvider({ readers: [reader] });
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  const meter = provider.getMeter('swingset-kernel');
  const telemetry = makeTelemetry({ meter, kernelStorage: names });
  const addGauge = gaugeOn(meter);
  return {
    slogSender: telemetry.slogSender,
    observe: (kernel, blocks) => {
      telemetry.observe(kernel);
      addGauge('swingset_block_height', 'Height of the last block.', () => blocks.height());
      meter
        .createObservableCounter('swingset_cranks_total', {
          description: 'Cranks since the store was made.',
        })
        .addCallback(result => result.observe(blocks.cranks()));
    },
    addGauge,
    render: async () => {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw errors[0];
      return serializer.serialize(resourceMetrics);
    },
    close: () => provider.shutdown(),
  };
};
