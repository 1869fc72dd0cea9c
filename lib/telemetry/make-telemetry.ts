/**
 * OpenTelemetry metrics and traces of a kernel, made from its structured log.
 *
 * Boundary: uses the API of OpenTelemetry only. The host brings an SDK, and decides where the data
 * goes.
 *
 * Invariants
 * 1. It listens, and changes nothing: not the kernel's state, and not which entries there are.
 * 2. What a meter or tracer throws reaches the kernel's guard of `slogSender`, which warns once on
 *    the console. A meter that fails costs no span, and a tracer that fails no measurement.
 */
import { createNoopMeter, metrics, trace } from '@opentelemetry/api';
import type { Meter, Tracer } from '@opentelemetry/api';
import { BadOptionError } from '../errors.js';
import type { SlogSender } from '../types/slog.js';
import { insistKnownFields } from '../unknown-fields.js';
import { observeKernel, type ObservedKernel } from './kernel-gauges.js';
import { makeSlogMetrics } from './slog-metrics.js';
import { makeSlogSpans } from './slog-spans.js';
import { joinSlogSenders } from './slog-tee.js';
import { makeVatLabels, type NameSource } from './vat-labels.js';

export interface TelemetryOptions {
  /** Default: that of the SDK which the process has registered with OpenTelemetry's API. */
  readonly meter?: Meter;
  /** Default: that of the SDK which the process has registered with OpenTelemetry's API. */
  readonly tracer?: Tracer;
  /** The store of the kernel, for names of static vats. Without it, vats go by their vatIDs. */
  readonly kernelStorage?: NameSource;
  /** How many vats get a label of their own, the first that are heard of; default 50. */
  readonly maxVats?: number;
}

export interface Telemetry {
  /**
   * For `runtimeOptions.slogSender`. Undefined if there is no SDK: the kernel then makes no entries,
   * and telemetry costs nothing.
   */
  readonly slogSender: SlogSender | undefined;
  /**
   * Offers the gauges of a controller, or of anything else with its statistics.
   * @returns a function that ends the readings; call it before the store closes
   */
  readonly observe: (kernel: ObservedKernel) => () => void;
}

const NAME = 'swingset-kernel';
const DEFAULT_MAX_VATS = 50;

/** Does nobody read what this meter measures? */
const isNoopMeter = (meter: Meter): boolean => meter.constructor === createNoopMeter().constructor;

/** Does nobody read its spans? A sampler may drop single ones, but never gives them no ID. */
const isNoopTracer = (tracer: Tracer): boolean => {
  const span = tracer.startSpan(`${NAME}.probe`, { root: true });
  return !trace.isSpanContextValid(span.spanContext());
};

/**
 * Register the SDK first: a meter that is looked up before has no SDK for good.
 *
 * @throws BadOptionError, and what the meter throws when instruments are made (issue 17)
 */
export const makeTelemetry = (options: TelemetryOptions = {}): Telemetry => {
  insistKnownFields(options, ['meter', 'tracer', 'kernelStorage', 'maxVats']);
  const { maxVats = DEFAULT_MAX_VATS } = options;
  if (!Number.isSafeInteger(maxVats) || maxVats < 0) {
    throw new BadOptionError('maxVats', maxVats, 'a whole number, at least 0');
  }
  const { meter = metrics.getMeter(NAME), tracer = trace.getTracer(NAME) } = options;
  const labelOf = makeVatLabels(maxVats, options.kernelStorage);
  const listeners: readonly SlogSender[] = [
    ...(isNoopMeter(meter) ? [] : [makeSlogMetrics(meter, labelOf)]),
    ...(isNoopTracer(tracer) ? [] : [makeSlogSpans(tracer)]),
  ];
  return {
    slogSender: listeners.length === 0 ? undefined : joinSlogSenders(...listeners),
    observe: kernel => observeKernel(meter, kernel, labelOf),
  };
};
