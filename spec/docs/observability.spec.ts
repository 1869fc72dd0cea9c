/** `docs/observability.md` and the alert rules name what `/metrics` prints, and nothing else. */
import { readFileSync } from 'node:fs';
import { trace } from '@opentelemetry/api';
import type { Meter, MetricOptions } from '@opentelemetry/api';
import { expect } from 'chai';
import { makeTelemetry } from '../../lib/telemetry/make-telemetry.js';
import { start } from '../host/solo-server/support.js';
import { makeTraceSDK, makeMetricSDK } from '../telemetry/support/sdk.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

interface Documented {
  readonly type: string;
  readonly unit: string;
  readonly labels: readonly string[];
}

/** The rows of the page's tables of metrics. */
const readTables = (): ReadonlyMap<string, Documented> =>
  new Map(
    [
      ...read('docs/observability.md').matchAll(
        /^\| `(swingset_\w+)` *\|([^|]*)\|([^|]*)\|([^|]*)\|/gm,
      ),
    ].map(([, name = '', type = '', unit = '', labels = '']) => [
      name,
      {
        type: type.trim(),
        unit: unit.trim(),
        labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label).sort(),
      },
    ]),
  );

const UNITS: Readonly<Record<string, string>> = {
  s: 'seconds',
  By: 'bytes',
  '{computron}': 'computrons',
};

/** Every instrument that `makeTelemetry` makes, also those that have measured nothing. */
const readInstruments = (): ReadonlyMap<string, Omit<Documented, 'labels'>> => {
  const made = new Map<string, Omit<Documented, 'labels'>>();
  const { meter } = makeMetricSDK();
  const note = (name: string, type: string, options?: MetricOptions): void => {
    made.set(name, { type, unit: UNITS[options?.unit ?? ''] ?? '1' });
  };
  const noted = {
    createHistogram: (name: string, options?: MetricOptions) => {
      note(name, 'histogram', options);
      return meter.createHistogram(name, options);
    },
    createCounter: (name: string, options?: MetricOptions) => {
      note(name, 'counter', options);
      return meter.createCounter(name, options);
    },
    createObservableGauge: (name: string, options?: MetricOptions) => {
      note(name, 'gauge', options);
      return meter.createObservableGauge(name, options);
    },
    addBatchObservableCallback: () => undefined,
    removeBatchObservableCallback: () => undefined,
  } as unknown as Meter;
  const { observe } = makeTelemetry({ meter: noted });
  observe({ getStats: () => ({}), getStatus: () => ({ activeVats: [] }) })();
  return made;
};

/** The metrics in a text for Prometheus: type and labels by name. */
const readPrinted = (text: string): ReadonlyMap<string, Omit<Documented, 'unit'>> =>
  new Map(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => {
      const samples = text.matchAll(RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(.*)\\} `, 'gm'));
      const labels = [...samples].flatMap(([, list = '']) =>
        [...list.matchAll(/(\w+)="/g)].map(([, label = '']) => label),
      );
      return [name, { type, labels: [...new Set(labels)].filter(each => each !== 'le').sort() }];
    }),
  );

describe('docs/observability.md', () => {
  const documented = readTables();

  it('has the type and the unit of every instrument', () => {
    const made = readInstruments();
    expect(made.size).to.be.greaterThan(25);
    const stated = [...made].map(([name]) => {
      const { type, unit } = documented.get(name) ?? {};
      return [name, { type, unit }];
    });
    expect(stated).to.deep.equal([...made]);
  });

  it('names what a solo server prints, and its alert rules ask for that', async () => {
    const { tracer, named, parentOf } = makeTraceSDK();
    trace.setGlobalTracerProvider({ getTracer: () => tracer });
    try {
      const first = await start({ runtimeOptions: { platformEpoch: 'spring' } });
      await first.call('tally', 'add', 1);
      await first.stop();
      const server = await start({
        home: first.home,
        runtimeOptions: { platformEpoch: 'summer', platformRestart: { mode: 'rolling' } },
      });
      expect(await server.call('tally', 'add', 2)).to.equal(3);
      await server.send('tally', 'die');
      const { text } = await server.ask('/metrics');
      const printed = readPrinted(text);
      for (const [name, { type, labels }] of printed) {
        expect(documented.get(name), name).to.deep.include({ type });
        expect(documented.get(name)?.labels, name).to.deep.equal(labels);
      }
      expect([...documented.keys()].filter(name => !printed.has(name))).to.deep.equal([
        // Vats here are local, none is out of service, and this process made none.
        ...['swingset_delivery_computrons', 'swingset_delivery_failures_total'],
        ...['swingset_vat_replay_seconds', 'swingset_replayed_deliveries_total'],
        ...['swingset_snapshot_save_seconds', 'swingset_snapshot_bytes'],
        ...['swingset_snapshot_pack_seconds', 'swingset_snapshot_compressed_bytes'],
        ...['swingset_vat_upgrades_total', 'swingset_vats_created_total'],
        'swingset_vat_events_waiting',
      ]);
      expect(text).to.match(
        /^swingset_delivery_seconds_count\{vat="tally",delivery="startVat"\} 1$/m,
      );
      expect(text).to.match(/^swingset_vat_restarts_total\{by="epoch",result="restarted"\} 3$/m);

      const rules = read('examples/alerts/swingset.rules.yml');
      const asked = [...rules.matchAll(/\bswingset_\w+/g)].map(([name]) =>
        name.replace(/_bucket$/, ''),
      );
      expect(asked.length).to.be.greaterThan(6);
      expect(asked.filter(name => !documented.has(name))).to.deep.equal([]);
      const unseen = asked.filter(name => !printed.has(name));
      expect(unseen).to.deep.equal(['swingset_vat_events_waiting']);

      // The same blocks as spans.
      const deliveries = named('delivery').filter(
        ({ attributes }) => attributes['swingset.dispatch'] === 'message',
      );
      const block = parentOf(parentOf(deliveries.at(-1)!)!);
      expect(block?.name).to.equal('swingset.block');
      expect(block?.attributes['swingset.blockHeight']).to.be.a('number');
    } finally {
      trace.disable();
    }
  });
});
