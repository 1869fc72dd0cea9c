/** Gauges in the text format of Prometheus. `docs/solo-host.md` lists the names. */
import type { HttpPorts } from './ports.js';

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** By labels. */
  readonly values: readonly (readonly [labels: string, value: number])[];
}

const STATES = ['running', 'paused', 'sleeping', 'suspended', 'terminated'] as const;

const render = ({ name, type, help, values }: Metric): string =>
  [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...values.map(([labels, value]) => `${name}${labels} ${value}`),
  ].join('\n');

const countVats = ({ state }: HttpPorts): Metric['values'] => {
  const { vats } = state.vats({ after: undefined, limit: Infinity });
  return STATES.map(name => [`{state="${name}"}`, vats.filter(vat => vat.state === name).length]);
};

const single = (name: string, type: Metric['type'], help: string, value: number): Metric => ({
  name,
  type,
  help,
  values: [['', value]],
});

export const renderMetrics = (ports: HttpPorts): string => {
  const { blocks, state } = ports;
  const { height, crankNumber, queued } = state.status();
  const metrics: readonly Metric[] = [
    single('swingset_block_height', 'gauge', 'Height of the last block.', height),
    single('swingset_cranks_total', 'counter', 'Cranks since the store was made.', crankNumber),
    single('swingset_run_queue_length', 'gauge', "Events in the kernel's queues.", queued),
    single('swingset_requests_waiting', 'gauge', 'Requests that wait for a block.', blocks.waiting),
    single(
      'swingset_results_unresolved',
      'gauge',
      'Messages whose result is still to come.',
      blocks.pendingResults,
    ),
    {
      name: 'swingset_vats',
      type: 'gauge',
      help: 'Vats by state.',
      values: countVats(ports),
    },
  ];
  return `${metrics.map(render).join('\n')}\n`;
};
