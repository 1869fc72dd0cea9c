/** `swingset-kernel replay`: a vat's transcript against what its code does now. */
import { lookAtStore } from '../../host/look-at-store.js';
import { replayTranscript } from '../../host/replay-transcript.js';
import type { ReplayDifference, ReplayResult } from '../../host/replay-transcript.js';
import { OWN, STOCK } from '../../platform/choices.js';
import { loadPlatform } from '../../platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../platform/node-powers.js';
import { readEpochLedger } from '../../platform-epoch/ledger.js';
import { printable } from '../../printable.js';
import { cutTo, vatLabel } from './labels.js';
import type { ReplayArgs } from './look-args.js';
import type { LookIO } from './look-io.js';

const valueText = (value: unknown): string =>
  value === null ? 'nothing' : printable(JSON.stringify(value));

const differenceLines = (
  { position, delivery, what, expected, got }: ReplayDifference,
  width: number | undefined,
): readonly string[] => [
  `the first difference is at position ${position}: ${printable(what)}`,
  ...[
    `delivery  ${valueText(delivery)}`,
    `expected  ${valueText(expected)}`,
    `got       ${valueText(got)}`,
  ].map(line => cutTo(line, width)),
];

const replayText = (result: ReplayResult, width: number | undefined): string => {
  const { incarnation, from, to, deliveries, snapshots, metering, difference } = result;
  const written = snapshots > 0 ? `, and ${snapshots} snapshots are the same` : '';
  const meters =
    metering.length > 0
      ? [`${metering.length} deliveries took other computrons, which does no harm`]
      : [];
  return [
    `${vatLabel(result)}: incarnation ${incarnation}, positions ${from} to ${to - 1}`,
    `${deliveries} deliveries are as recorded${written}`,
    ...meters,
    ...(difference ? differenceLines(difference, width) : []),
  ].join('\n');
};

export const replayCommand = async (
  { home, json, vat, wholeIncarnation }: ReplayArgs,
  { print, columns, fail, progress, interruption }: LookIO,
): Promise<void> => {
  const signal = interruption();
  const result = await lookAtStore(home, async store => {
    const last = readEpochLedger(store.kernelStorage).at(-1);
    return replayTranscript(store, vat, {
      platform: await loadPlatform(last?.fingerprint.platform === 'stock' ? STOCK : OWN),
      workers: makeNodeWorkerPowers(),
      wholeIncarnation,
      signal,
      onProgress: (position, end) =>
        progress.update(`replaying ${vat}: position ${position} of ${end}`),
    });
  });
  progress.end();
  print(json ? JSON.stringify(result, null, 2) : replayText(result, columns));
  if (result.difference) fail();
};
