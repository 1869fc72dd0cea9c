/** What the `store` commands print. */
import type { WrittenExport } from '../store/export-writer.js';
import type { BuiltFromExport } from '../store/import-store.js';
import type { PruneResult } from '../store/prune.js';
import type { RepairReport } from '../store/repair.js';
import type { StoreStats } from '../store/stats.js';
import type { StoreProblem } from '../store/verify-types.js';
import type { VerifyReport } from '../store/verify.js';
import { formatTable } from './table.js';

export interface CompactResult {
  readonly before: number;
  readonly after: number;
  readonly pruned?: PruneResult;
}

export interface ExportResult extends WrittenExport {
  readonly to: string;
  readonly mode: string;
}

export interface ImportResult extends BuiltFromExport {
  readonly home: string;
  readonly blockHeight?: number;
}

const KIB = 1024;

/** For example `980 B`, `12.3 KiB` or `4.5 MiB`. */
export const formatBytes = (bytes: number): string => {
  if (bytes < KIB) return `${bytes} B`;
  const inKiB = bytes / KIB;
  return inKiB < KIB ? `${inKiB.toFixed(1)} KiB` : `${(inKiB / KIB).toFixed(1)} MiB`;
};

/** A list, because these texts are too long for a table. */
const problemList = (problems: readonly StoreProblem[]): string =>
  problems
    .map(({ kind, thing, detail, remedy = 'a copy or an export of the whole store' }) =>
      [`${kind}: ${thing}`, `  ${detail}`, `  can be rebuilt from: ${remedy}`].join('\n'),
    )
    .join('\n');

const noteLines = (notes: readonly StoreProblem[]): string[] => {
  const held = notes.filter(({ note }) => note === 'held').length;
  const local = notes.filter(({ note }) => note === 'local').length;
  const leaks = notes.filter(({ note }) => note === 'leak');
  return [
    ...(held > 0 ? [`${held} reference counts above what the tables explain: the host's`] : []),
    ...(local > 0 ? [`${local} statistics of this machine differ from what is counted`] : []),
    ...(leaks.length > 0 ? [`${leaks.length} rows that nothing refers to:`] : []),
    ...leaks.map(({ thing, detail }) => `  ${thing}: ${detail}`),
  ];
};

export const verifyText = ({ ok, problems, notes, checked }: VerifyReport): string => {
  const { spans, snapshots, bundles, images } = checked;
  const counts = `${spans} transcript spans, ${snapshots} snapshots, ${bundles} bundles, ${images} platform images checked`;
  const lines = ok ? [`${counts}: all well`] : [counts, '', problemList(problems)];
  return [...lines, ...noteLines(notes)].join('\n');
};

export const repairText = ({ ok, found, repairs, left }: RepairReport): string => {
  if (found.length === 0) return 'nothing is damaged';
  const list = repairs
    .map(
      ({ thing, done, result }) => `${done ? 'repaired' : 'not repaired'}: ${thing}\n  ${result}`,
    )
    .join('\n');
  if (ok) return `${list}\n\na second verification found nothing wrong`;
  return `${list}\n\nwhat a second verification found:\n${problemList(left)}`;
};

export const compactText = ({ before, after, pruned }: CompactResult): string => {
  const deleted = pruned
    ? `deleted the items of ${pruned.spans} transcript spans and ${pruned.snapshots} snapshots${pruned.done ? '' : ', and there are more'}; `
    : '';
  return `${deleted}${formatBytes(before)} before, ${formatBytes(after)} now`;
};

export const exportText = ({ to, mode, entries, artifacts, bytes }: ExportResult): string =>
  `exported to ${to}, mode ${mode}: ${entries} entries, ${artifacts} artifacts, ${formatBytes(bytes)}`;

export const importText = ({
  home,
  artifactMode,
  entries,
  artifacts,
  bytes,
  blockHeight,
}: ImportResult): string => {
  const height = blockHeight === undefined ? '' : `, host.height ${blockHeight}`;
  return `imported into ${home}, mode ${artifactMode}: ${entries} entries, ${artifacts} artifacts, ${formatBytes(bytes)}${height}`;
};

export const statsText = ({ file, kernelKV, vats, bundles, images }: StoreStats): string => {
  const size = ({ count, bytes }: { count: number; bytes: number }) =>
    `${count} (${formatBytes(bytes)})`;
  const rows = Object.entries(vats).map(([vatID, vat]) => [
    vatID,
    size(vat.kv),
    size(vat.currentItems),
    size(vat.oldItems),
    size(vat.snapshots),
  ]);
  return [
    `file ${formatBytes(file.bytes)}, of it free ${formatBytes(file.freeBytes)}; journal ${formatBytes(file.journalBytes)}`,
    `kernel keys ${size(kernelKV)}, bundles ${size(bundles)}, platform images ${size(images)}`,
    '',
    formatTable(['vat', 'keys', 'transcript', 'old transcript', 'snapshots'], rows),
  ].join('\n');
};
