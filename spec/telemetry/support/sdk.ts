/** SDKs of OpenTelemetry that keep what they get in memory. */
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { MeterProvider, MetricReader, type Histogram } from '@opentelemetry/sdk-metrics';

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}

type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  /** Of a counter or gauge; the count of a histogram. */
  readonly count: number;
  /** Of a histogram. */
  readonly sum: number | undefined;
}

export const makeMetricSDK = () => {
  const reader = new Reader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('spec');
  const collect = async (): Promise<ReadonlyMap<string, readonly Sample[]>> => {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw errors[0];
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return new Map(
      all.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => {
          const { count, sum } =
            typeof value === 'number' ? { count: value } : (value as Histogram);
          return { labels: attributes as Labels, count, sum };
        }),
      ]),
    );
  };
  /** The samples of one metric by their labels, joined: `counter message`. */
  const counts = async (name: string): Promise<Readonly<Record<string, number>>> =>
    Object.fromEntries(
      ((await collect()).get(name) ?? []).map(({ labels, count }) => [
        Object.values(labels).join(' '),
        count,
      ]),
    );
  return { meter, collect, counts };
};

export const makeTraceSDK = () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
  return {
    tracer: provider.getTracer('spec'),
    spans,
    parentOf: (span: ReadableSpan): ReadableSpan | undefined =>
      spans().find(each => each.spanContext().spanId === span.parentSpanContext?.spanId),
    named: (name: string): readonly ReadableSpan[] =>
      spans().filter(span => span.name === `swingset.${name}`),
  };
};
