/** `swingset-kernel vats`: a table of the live vats. */
import { lookAtStore } from '../../host/look-at-store.js';
import { listVats, matchesFilter } from '../../host/vat-list.js';
import type { ListedVat } from '../../host/vat-list.js';
import { printable } from '../../printable.js';
import { describeService, describeSince } from '../service-report.js';
import { fitTable, shortenName } from '../table.js';
import { shortPlatform, vatLabel } from './labels.js';
import type { VatsArgs } from './look-args.js';
import type { LookIO } from './look-io.js';

const headings = [
  ...['vat', 'name', 'kind', 'worker', 'incarnation', 'epoch', 'platform', 'position'],
  ...['snapshot', 'state', 'since', 'waiting'],
];

/** What a narrow terminal does without. */
const GIVES_WAY = [
  ...['snapshot', 'position', 'kind', 'worker', 'incarnation', 'since', 'platform', 'epoch'],
  'name',
];

const rowOf = (vat: ListedVat): readonly unknown[] => [
  vat.vatID,
  shortenName(vat.name),
  vat.dynamic ? 'dynamic' : 'static',
  vat.worker,
  vat.incarnation,
  vat.platformEpoch,
  vat.isBehind ? `${shortPlatform(vat.platform)} (behind)` : shortPlatform(vat.platform),
  vat.position,
  vat.hasSnapshot ? 'yes' : 'no',
  vat.service ? describeService(vat.service) : 'running',
  vat.service ? describeSince(vat, vat.service) : undefined,
  vat.waiting,
];

/** Errors are too long for the table. */
const errorLines = (vats: readonly ListedVat[]): readonly string[] =>
  vats.flatMap(vat =>
    vat.error === undefined ? [] : [`${vatLabel(vat)}: ${printable(vat.error)}`],
  );

const listText = (
  shown: readonly ListedVat[],
  total: number,
  width: number | undefined,
): string => {
  const count = `${shown.length} of ${total} vats`;
  if (shown.length === 0) return count;
  const table = fitTable(headings, shown.map(rowOf), { width, givesWay: GIVES_WAY });
  const errors = errorLines(shown);
  return [table, '', ...errors, ...(shown.length < total ? [count] : [])].join('\n').trimEnd();
};

export const vatsCommand = async (
  { home, json, filter }: VatsArgs,
  { print, columns }: LookIO,
): Promise<void> => {
  const vats = await lookAtStore(home, ({ kernelStorage }) => listVats(kernelStorage));
  const shown = vats.filter(vat => matchesFilter(vat, filter));
  print(json ? JSON.stringify(shown, null, 2) : listText(shown, vats.length, columns));
};
