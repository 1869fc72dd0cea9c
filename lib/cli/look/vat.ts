/** `swingset-kernel vat`: everything that the store says of one vat. */
import type { ClistSizes, ObjectCount } from '../../host/clist-sizes.js';
import type { EventDetail } from '../../host/event-detail.js';
import { lookAtStore } from '../../host/look-at-store.js';
import { readVatDetail } from '../../host/vat-detail.js';
import type { VatDetail } from '../../host/vat-detail.js';
import type { DirtThreshold, VatOptions } from '../../types/vat-options.js';
import { describeService, describeSince } from '../service-report.js';
import { formatBytes } from '../store-reports.js';
import { fitTable, formatTable } from '../table.js';
import { labelledLines, platformLine, vatLabel } from './labels.js';
import type { LabelledLine } from './labels.js';
import type { VatArgs } from './look-args.js';
import type { LookIO } from './look-io.js';

const describeThreshold = (threshold: DirtThreshold): string =>
  'never' in threshold
    ? 'never'
    : Object.entries(threshold)
        .filter(([, most]) => most !== 'never')
        .map(([what, most]) => `${most} ${what}`)
        .join(' or ') || 'as the kernel does by default';

/** Those that differ from an ordinary vat's, and how often it collects garbage. */
const describeOptions = (options: VatOptions): string =>
  [
    ...(options.critical ? ['critical'] : []),
    ...(options.useTranscript ? [] : ['no transcript']),
    ...(options.enableSetup ? ['enableSetup'] : []),
    ...(options.enablePipelining ? ['enablePipelining'] : []),
    ...(options.enableDisavow ? ['enableDisavow'] : []),
    `collects garbage after: ${describeThreshold(options.reapDirtThreshold)}`,
  ].join(', ');

const platformText = ({ platform, worker }: VatDetail): string =>
  platform.worker === 'local' ? `${worker}: the kernel's own process` : platformLine(platform);

const transcriptText = ({ transcript, options }: VatDetail): string => {
  const { position, spanStart, spans, spansOfIncarnation } = transcript;
  if (!options.useTranscript) return 'none';
  return (
    `position ${position}; the span from ${spanStart} is replayed; ` +
    `${spans} spans, ${spansOfIncarnation} of this incarnation`
  );
};

const snapshotText = ({ snapshot, snapshotFailedAt }: VatDetail): string => {
  const failed =
    snapshotFailedAt === null ? '' : `; one could not be written at ${snapshotFailedAt}`;
  if (!snapshot) return `none${failed}`;
  const { snapPos, uncompressedSize, compressedSize } = snapshot;
  const packed = compressedSize === null ? '' : ` (${formatBytes(compressedSize)} in the store)`;
  return `at ${snapPos}, ${formatBytes(uncompressedSize)}${packed}${failed}`;
};

const meterText = ({ meter }: VatDetail): string => {
  if (!meter) return 'none';
  const { meterID, remaining, threshold } = meter;
  return `${meterID}: ${remaining} computrons left, its owner is told below ${threshold}`;
};

const serviceText = (vat: VatDetail): string => {
  const { service } = vat;
  if (!service) return 'running';
  return `${describeService(service)}, since ${describeSince(vat, service)}`;
};

const clistTable = ({ objects, promises, devices }: ClistSizes): string => {
  const row = (what: string, imports: ObjectCount, exports: ObjectCount) => [
    what,
    imports.reachable,
    imports.recognizable,
    exports.reachable,
    exports.recognizable,
  ];
  const plain = (count: number): ObjectCount => ({ reachable: count, recognizable: 0 });
  return formatTable(
    ['c-list', 'imports: reachable', 'recognizable', 'exports: reachable', 'recognizable'],
    [
      row('objects', objects.imports, objects.exports),
      row('promises', plain(promises.imports), plain(promises.exports)),
      row('devices', plain(devices.imports), plain(devices.exports)),
    ],
  );
};

const waitingLines = (
  { firstWaiting, waiting }: VatDetail,
  width: number | undefined,
): readonly string[] => {
  if (waiting === 0) return [];
  const rows = firstWaiting.map(({ type, target, method, result, bundleID }: EventDetail) => [
    type === 'send' ? 'message' : type,
    target ?? bundleID?.slice(0, 11),
    method,
    result,
  ]);
  const others = waiting - firstWaiting.length;
  return [
    '',
    fitTable(['waiting', 'target', 'method', 'result'], rows, { width, givesWay: ['result'] }),
    ...(others > 0 ? [`and ${others} more: --events ${waiting}`] : []),
  ];
};

const vatText = (vat: VatDetail, width: number | undefined): string => {
  const kind = vat.dynamic ? 'dynamic' : 'static';
  const epoch = vat.platformEpoch === null ? '' : `, epoch ${vat.platformEpoch}`;
  const { transcript, snapshot, platform } = vat;
  const lines: readonly LabelledLine[] = [
    ['state', serviceText(vat)],
    ['error', vat.error],
    ['waiting', vat.waiting > 0 ? `${vat.waiting} events, until it is back` : undefined],
    ['queued', `${vat.queued} events in the run-queue`],
    ['options', describeOptions(vat.options)],
    ['bundle', vat.bundleID],
    ['platform', platformText(vat)],
    ['image', platform.worker === 'xsnap' ? (platform.imageID ?? 'none') : undefined],
    ['parameters', vat.hasParameters ? 'retained' : 'none: it can not start again without any'],
    ['transcript', transcriptText(vat)],
    ['span hash', vat.options.useTranscript ? transcript.spanHash : undefined],
    ['snapshot', snapshotText(vat)],
    ['heap hash', snapshot?.hash],
    ['vatstore', `${vat.vatstoreRows} rows`],
    ['meter', meterText(vat)],
  ];
  return [
    `${vatLabel(vat)}: ${kind}, incarnation ${vat.incarnation}${epoch}`,
    ...labelledLines(lines, width),
    '',
    clistTable(vat.clist),
    ...waitingLines(vat, width),
  ].join('\n');
};

export const vatCommand = async (
  { home, json, vat, events }: VatArgs,
  { print, columns }: LookIO,
): Promise<void> => {
  const detail = await lookAtStore(home, store => readVatDetail(store, vat, { events }));
  print(json ? JSON.stringify(detail, null, 2) : vatText(detail, columns));
};
