/** The instruments for what the slog tells of: their names, units and buckets. */
import type { Meter } from '@opentelemetry/api';

/** Seconds: a delivery takes a millisecond or minutes. */
const SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];
const COMPUTRONS = [1e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8];
const BYTES = [1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8, 3e8, 1e9];

export const makeInstruments = (meter: Meter) => {
  const histogram = (name: string, description: string, unit: string, boundaries: number[]) =>
    meter.createHistogram(name, {
      description,
      unit,
      advice: { explicitBucketBoundaries: boundaries },
    });
  const counter = (name: string, description: string) => meter.createCounter(name, { description });
  return {
    blockSeconds: histogram('swingset_block_seconds', 'Duration of a block.', 's', SECONDS),
    crankSeconds: histogram('swingset_crank_seconds', 'Duration of a crank.', 's', SECONDS),
    deliverySeconds: histogram(
      'swingset_delivery_seconds',
      'Duration of a delivery to a vat.',
      's',
      SECONDS,
    ),
    deliveryComputrons: histogram(
      'swingset_delivery_computrons',
      'Computrons of a delivery to a metered vat.',
      '{computron}',
      COMPUTRONS,
    ),
    failures: counter('swingset_delivery_failures_total', 'Deliveries that failed.'),
    syscalls: counter('swingset_syscalls_total', 'Syscalls of vats.'),
    startSeconds: histogram(
      'swingset_vat_start_seconds',
      'Time until a worker of a vat is ready: its start and its replay.',
      's',
      SECONDS,
    ),
    replaySeconds: histogram(
      'swingset_vat_replay_seconds',
      'Duration of the replay of a transcript.',
      's',
      SECONDS,
    ),
    replayed: counter('swingset_replayed_deliveries_total', 'Deliveries that were replayed.'),
    snapshotSeconds: histogram(
      'swingset_snapshot_save_seconds',
      'Time in which the store took a heap snapshot.',
      's',
      SECONDS,
    ),
    snapshotBytes: histogram(
      'swingset_snapshot_bytes',
      'Size of a heap snapshot, uncompressed.',
      'By',
      BYTES,
    ),
    packSeconds: histogram(
      'swingset_snapshot_pack_seconds',
      'Time in which a heap snapshot was compressed.',
      's',
      SECONDS,
    ),
    packBytes: histogram(
      'swingset_snapshot_compressed_bytes',
      'Size of a heap snapshot, compressed.',
      'By',
      BYTES,
    ),
    restarts: counter('swingset_vat_restarts_total', 'Restarts of vats, by outcome.'),
    restartSeconds: histogram(
      'swingset_vat_restart_seconds',
      "Duration of a vat's turn in an epoch's restart.",
      's',
      SECONDS,
    ),
    upgrades: counter('swingset_vat_upgrades_total', 'Upgrades of vats through vat-admin.'),
    created: counter('swingset_vats_created_total', 'Vats that were created.'),
    ended: counter('swingset_vats_terminated_total', 'Vats that were terminated.'),
  };
};
